from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from blocklists.client import Feed
from blocklists.client.web import VARIABLE
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.ledger import acknowledgements
from tests.blocklists.conftest import NOW
from tests.blocklists.service.served import a_house, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.blocklists.service.served import Served

pytestmark = pytest.mark.xdist_group("service-docs")

TEXT = (Path(__file__).parents[3] / "docs" / "serving.md").read_text(encoding="utf-8")
LISTED, FREE = "https://directory.example.test/tool/one", "https://free.example.test/"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


def sh(script: str, served: Served, folder: Path, var: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    environ = {**os.environ, "DELIST_VAR": str(var), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = script.replace("https://feed.example.test", served.base)
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=folder, env=environ, check=False)


def shown(folder: Path) -> list[str]:
    return [json.loads(line)["url"] for line in (folder / "shown.jsonl").read_text().splitlines()]


def test_an_indexers_first_hour_by_the_page_only(tmp_path: Path) -> None:
    publisher, first, later = blocks("sh")
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    var = tmp_path / "house"
    var.mkdir()
    with a_house(var) as house, serving(house) as served:
        made = sh(publisher, served, mine, var)
        assert made.returncode == 0, made.stderr
        theirs.mkdir()
        shutil.copy(mine / "engine.token", theirs)
        shutil.copy(var / "keys/consumers/engine.json", theirs)
        (theirs / "results.jsonl").write_text("".join(json.dumps({"url": url}) + "\n" for url in (LISTED, FREE)))
        done = sh(first.replace('"version": 1', '"version": 2'), served, theirs, theirs / "var")
        assert done.returncode == 0, done.stderr
        assert "feed delist for engine" in done.stdout
        assert "test entry" in done.stdout
        assert shown(theirs) == [FREE]
        case = next(row["subject"] for row in house.ledger.rows("SELECT subject FROM log WHERE kind = 'decision'"))
        house.agree(case, "keep")
        house.publish()
        said = re.sub("^", f"{first.split('delist verify')[0]}\n", later, count=1)
        again = sh(said.replace('"version": 2', '"version": 3'), served, theirs, theirs / "var")
        assert again.returncode == 0, again.stderr
        assert shown(theirs) == [LISTED, FREE]
        lag = acknowledgements.lags(house.ledger, NOW)[0]
        assert (lag.consumer, lag.version, lag.versions) == ("engine", 3, 0)


@contextmanager
def nginx(folder: Path, server: str) -> Iterator[int]:
    """nginx with one server block of the page, on a port of its own; its configuration is checked first."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*made, *named, "-keyout", "feed.key", "-out", "feed.pem"], cwd=folder, capture_output=True, check=True
    )
    server = server.replace("/etc/ssl/certs/feed.pem", f"{folder}/feed.pem")
    server = server.replace("/etc/ssl/private/feed.key", f"{folder}/feed.key").replace("listen 443", f"listen {port}")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"pid {folder}/pid; daemon off; master_process off; error_log {folder}/errors;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{head}http {{ access_log off; {paths}\n{server} }}\n")
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("localhost", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def test_our_client_reads_a_feed_through_nginx_as_the_page_sets_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (server,) = blocks("nginx")
    with (
        a_house(tmp_path, "engine") as house,
        serving(house, 'proxies = "127.0.0.1"\n') as served,
        nginx(tmp_path, server.replace("127.0.0.1:8400", f"127.0.0.1:{served.port}")) as port,
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "feed.pem"))
        monkeypatch.setenv(VARIABLE, served.give("engine"))
        key = ConsumerKey.parse((tmp_path / "keys/consumers/engine.json").read_text())
        base = f"https://localhost:{port}"
        feed = Feed.open(f"{base}/feed/engine", key, tmp_path / "state")
        hit = feed.check(LISTED)
        assert hit
        assert hit.action == "delist"
        assert feed.update() is False
        context = ssl.create_default_context()
        row = json.dumps({"target": "https://proxied.example.test/", "category": "nudify"}).encode()
        sent = {"Content-Type": "application/json", "Origin": base}
        with urlopen(Request(f"{base}/reports", row, sent), context=context) as answer:
            assert answer.status == 201
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{base}/metrics", context=context)
