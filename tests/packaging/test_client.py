"""The consumer's half alone: as a distribution of its own, and as one file."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from blocklists.client import Feed
from blocklists.feed.entry import Action
from blocklists.feed.errors import FeedError
from blocklists.publishing import vendoring
from tests.blocklists.feed.pressing import Publisher, entry

ROOT = Path(__file__).parents[2]
ROWS = [f"https://{name}.example.test/app" for name in "abcd"] + ["https://delist-test.example/listed"]


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path / "feed")
    made.publish(entry("a.example.test/app"), entry("b.example.test", action=Action.DEMOTE), entry("c.example.test"))
    (tmp_path / "key.json").write_text(made.key.to_json())
    return made


def _filter(command: list[str], folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    options = ["--feed", str(folder / "feed"), "--key", str(folder / "key.json"), "--state", str(folder / "state")]
    rows = "".join(json.dumps({"url": url}) + "\n" for url in ROWS)
    return subprocess.run(
        [*command, *options, *more], input=rows, capture_output=True, text=True, check=False, cwd=folder
    )


def _left(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["url"] for line in done.stdout.splitlines()]


@pytest.fixture
def single(tmp_path: Path) -> Path:
    path = tmp_path / "delist_reader.py"
    path.write_text(vendoring.single_file("0"))
    return path


def test_one_file_filters_a_feed_with_nothing_else_installed(
    publisher: Publisher, tmp_path: Path, single: Path
) -> None:
    done = _filter([sys.executable, "-I", "-S", str(single)], tmp_path, "filter", "--annotate")
    wanted = Feed.open(publisher.folder, publisher.key).filter(ROWS)
    assert _left(done) == list(wanted) == [ROWS[1], ROWS[3], ROWS[4]]
    assert '"action": "demote"' in done.stdout
    assert "2 dropped" in done.stderr


def test_one_file_is_a_library_that_imports_the_standard_library_alone(
    publisher: Publisher, tmp_path: Path, single: Path
) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(single.parent)!r})
from pathlib import Path
from delist_reader import ConsumerKey, Feed
feed = Feed.open({str(publisher.folder)!r}, ConsumerKey.parse(Path({str(tmp_path / "key.json")!r}).read_text()))
assert feed.check("https://www.c.example.test/any").delists
ours = {{"delist_reader", "__main__"}}
outside = [m for m in sys.modules if m.partition(".")[0] not in sys.stdlib_module_names | ours]
assert not outside, outside
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_says_what_is_listed_and_what_is_wrong(publisher: Publisher, tmp_path: Path, single: Path) -> None:
    command = [sys.executable, "-I", "-S", str(single)]
    listed = _filter(command, tmp_path, "check", ROWS[0], "https://x.example.test/\x1b[2J")
    assert listed.returncode == 4
    assert listed.stdout.splitlines() == [
        f"{ROWS[0]}\tdelist nudify (offers a.example.test/app)",
        "https://x.example.test/\\x1b[2J\tnot listed",
    ]
    assert "version 1 of" in _filter(command, tmp_path, "update").stdout
    (publisher.folder / "manifest.json.minisig").write_text("none")
    for path in (tmp_path / "state").glob("*"):
        path.unlink()
    refused = _filter(command, tmp_path, "check", ROWS[0])
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: manifest.json.minisig")


def test_a_name_that_means_two_things_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = vendoring._text
    monkeypatch.setattr(vendoring, "_text", lambda name: text(name) + "\nWIDTH = 1\n" * name.endswith("tags"))
    with pytest.raises(FeedError, match=r"WIDTH is defined in blocklists\.feed\.tags and in blocklists\.feed\.record"):
        vendoring.single_file("0")


def test_an_import_that_one_file_cannot_follow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = vendoring._text
    more = "\nfrom blocklists.feed.errors import FeedError as Other\n"
    monkeypatch.setattr(vendoring, "_text", lambda name: text(name) + more * name.endswith("tags"))
    with pytest.raises(FeedError, match="FeedError as Other"):
        vendoring.single_file("0")


def test_the_distribution_installs_alone_and_depends_on_nothing(publisher: Publisher, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    source, wheels = str(ROOT / "packaging/client"), str(tmp_path / "wheels")
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", wheels, source], check=True)
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        about = packed.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "Requires-Dist" not in about
    assert {name.split("/")[1] for name in names if name.startswith("blocklists/")} == {
        *("__init__.py", "py.typed", "client", "feed", "LICENSE")
    }
    assert wheel.stat().st_size < 400_000
    venv.create(tmp_path / "venv", symlinks=True)
    subprocess.run(
        [*pip, "--python", str(tmp_path / "venv/bin/python"), "install", "--no-index", "--no-deps", str(wheel)],
        check=True,
    )
    assert publisher.version == 1
    assert _left(_filter([str(tmp_path / "venv/bin/delist-client")], tmp_path, "filter")) == [ROWS[1], ROWS[3], ROWS[4]]
