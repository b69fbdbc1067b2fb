"""Alerts fire when they should and one step before they do not; what they are made of is exported, and documented."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
import yaml

from tests.blocklists.service.served import GENEROUS, serving
from tests.blocklists.service.watched import HUB, a_watched_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.blocklists.service.served import Served

pytestmark = pytest.mark.xdist_group("prometheus")

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "packaging" / "prometheus"
RULES, TESTS = FOLDER / "delist.rules.yml", FOLDER / "delist.rules.test.yml"
PAGE = (REPOSITORY / "docs" / "watching.md").read_text(encoding="utf-8")
ALERTS: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
GROUPS: list[dict[str, Any]] = yaml.safe_load(TESTS.read_text())["tests"]
MOVED = {">=": ">", "> ": ">= ", "< ": "<= ", "> 0.1": "> 0.099"}  # the last one is compared with a quotient


def promtool(*words: str | Path, sent: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, words)], input=sent, capture_output=True, text=True, check=False)


def test_the_rules_are_sound_and_every_alert_fires_and_is_silent_one_step_before() -> None:
    assert promtool("check", "rules", RULES).returncode == 0
    done = promtool("test", "rules", TESTS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_both_ways_and_says_what_to_do() -> None:
    assert sorted(group["name"] for group in GROUPS) == sorted(alert["alert"] for alert in ALERTS)
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^### ([\w ]+)$", PAGE, re.MULTILINE)}
    for alert in ALERTS:
        (group,) = (group for group in GROUPS if group["name"] == alert["alert"])
        assert {bool(one.get("exp_alerts")) for one in group["alert_rule_test"]} == {True, False}
        assert alert["labels"]["severity"] in ("warning", "critical")
        assert {*alert["annotations"]} == {"summary", "description", "runbook"}
        page, _, section = alert["annotations"]["runbook"].partition("#")
        assert page == "docs/watching.md"
        assert section in sections


@pytest.mark.parametrize(
    "alert", [one for one in ALERTS if re.search("[<>]", one["expr"])], ids=lambda one: one["alert"]
)
def test_a_threshold_that_moves_by_the_least_is_noticed(alert: dict[str, Any], tmp_path: Path) -> None:
    rule = {**alert, "expr": re.sub(r"> 0\.1\b|>=|> |< ", lambda sign: MOVED[sign[0]], alert["expr"], count=1)}
    assert rule != alert
    (group,) = (group for group in GROUPS if group["name"] == alert["alert"])
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "moved", "rules": [rule]}]}))
    tests = {"rule_files": ["rules.yml"], "evaluation_interval": "5m", "tests": [group]}
    (tmp_path / "test.yml").write_text(json.dumps(tests))
    assert promtool("test", "rules", tmp_path / "test.yml").returncode == 1


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_watched_house(tmp_path_factory.mktemp("watched")) as house, serving(house, GENEROUS + HUB) as made:
        made.send("/reports", {"category": "nonsense", "target": "https://x.example.test/"})
        yield made


def test_what_is_served_is_as_prometheus_wants_it(served: Served) -> None:
    text = served.ask("/metrics").body.decode()
    done = promtool("check", "metrics", sent=text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_metric_that_a_rule_names_is_served_and_every_served_one_is_documented(served: Served) -> None:
    text = served.ask("/metrics").body.decode()
    series = {re.split(r"[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}
    named = {name for alert in ALERTS for name in re.findall(r"\bdelist_\w+", alert["expr"])}
    assert named - series == set()
    rows = re.findall(r"^\| `(delist_\w+)` \| ([a-z, ]*) \| (.+) \|$", PAGE, re.MULTILINE)
    helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    assert {name: about for name, _, about in rows} == helps
    assert {*helps} == series
    assert {name: set(filter(None, told.split(", "))) for name, told, _ in rows} == {
        name: {
            label
            for held in re.findall(rf"^{name}{{(.*)}}", text, re.MULTILINE)
            for label in re.findall(r'(\w+)="', held)
        }
        for name in helps
    }


@pytest.mark.soak  # a Prometheus asks nobody in its first five seconds
def test_a_real_prometheus_hears_of_the_leak(served: Served, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shutil.copy(RULES, tmp_path)
    scrape = {"job_name": "delist", "static_configs": [{"targets": [f"127.0.0.1:{served.port}"]}]}
    speed = {"scrape_interval": "1s", "evaluation_interval": "200ms"}
    config = {"global": speed, "rule_files": [RULES.name], "scrape_configs": [scrape]}
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    words = (f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data")
    process = subprocess.Popen(
        ["prometheus", *words, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    try:
        alerts = until_alerted(port)
    finally:
        process.kill()
        process.wait(60)
    fired = {one["labels"]["alertname"]: one for one in alerts if one["state"] == "firing"}
    assert fired["DelistCanarySeen"]["annotations"]["summary"] == "Consumers whose canaries were seen in a copy: 1"
    waiting = {one["labels"]["alertname"]: one["labels"].get("hub") for one in alerts if one["state"] == "pending"}
    assert waiting["DelistHubCoverageFell"] == waiting["DelistModelDrifts"] == "directory"


def until_alerted(port: int) -> list[dict[str, Any]]:
    """What is raised, once anything is; at most a minute from now."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/v1/alerts", timeout=5) as answer:
                found: list[dict[str, Any]] = json.load(answer)["data"]["alerts"]
        except OSError:
            found = []
        if any(one["state"] == "firing" for one in found):
            return found
        time.sleep(0.1)
    raise AssertionError("nothing was raised")
