"""What our guards, quota, robots, journal, record and checks cost: CPU beside bare Scrapy's, and memory as a hub grows.

One loopback server, spiders as their own processes, CPU seconds (user and system) of each process as the kernel counts
them: machines are shared, wall time says little. Both sides make the same requests and write the same listings, which
is checked.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).parent
ROWS, PAGE_BYTES = 100, 30_000
TEXT = "a tool that takes one photo of a room and shows how it looks with other furniture colours and light"
WORDS = TEXT.split()


def sentence(rng: random.Random, words: int) -> str:
    """Harmless words."""
    return " ".join(rng.choice(WORDS) for _ in range(words))


def model(rng: random.Random) -> str:
    """One model of a list as JSON, its number left open."""
    text = f"<p>{sentence(rng, 40)}</p><p>{sentence(rng, 20)} <a href='https://shop.example.test/NUMBER'>here</a></p>"
    version = {
        "id": 1,
        "name": "v1",
        "baseModel": "SDXL 1.0",
        "trainedWords": [sentence(rng, 2)],
        "publishedAt": "2026-10-01T12:00:00.000Z",
        "description": None,
        "files": [{"type": "Model", "hashes": {"SHA256": "A" * 64, "AutoV2": "B" * 10}, "sizeKB": 1.5}],
        "images": [{"url": "https://cdn.example.test/1.jpeg", "nsfwLevel": 1, "hash": "x" * 40}] * 4,
        "downloadUrl": "https://hub.example.test/api/download/models/1",
    }
    row = {
        "name": sentence(rng, 4),
        "description": text,
        "type": "LORA",
        "poi": False,
        "minor": False,
        "sfwOnly": False,
        "nsfw": False,
        "nsfwLevel": 1,
        "availability": "Public",
        "tags": rng.sample(sorted(set(WORDS)), 4),
        "creator": {"username": "somebody", "image": None},
        "stats": {"downloadCount": 12, "thumbsUpCount": 3},
        "modelVersions": [version],
    }
    return json.dumps(row)[1:]


def page(rng: random.Random) -> str:
    """One page of a directory, PAGE_BYTES long, its number left open."""
    told = {
        "@type": "SoftwareApplication",
        "name": "Tool NUMBER",
        "description": sentence(rng, 60),
        "applicationCategory": "DesignApplication",
        "author": {"@type": "Organization", "name": "Somebody"},
        "url": "https://tool-NUMBER.example.test/",
    }
    head = (
        '<!doctype html><html lang="en"><head><title>Tool NUMBER</title><meta name="description" content="A tool">'
        f'<script type="application/ld+json">{json.dumps(told)}</script></head><body><nav><a href="/">Home</a></nav>'
        '<main><h1>Tool NUMBER</h1><p><a href="https://tool-NUMBER.example.test/">Visit</a></p>'
    )
    card = '<div class="card"><h3><a href="/tool/{n}">Tool {n}</a></h3><p class="blurb">{text}</p></div>'
    body = ""
    while len(head) + len(body) < PAGE_BYTES:
        body += card.format(n=rng.randrange(1000), text=sentence(rng, 15))
    return f"{head}{body}</main><footer><p>{sentence(rng, 30)}</p></footer></body></html>"


class Server(ThreadingHTTPServer):
    """Serves a list of models of any length and a directory of `pages` tools."""

    daemon_threads = True

    def __init__(self, pages: int) -> None:
        rng = random.Random(1)  # noqa: S311 - repeatable, not secret
        super().__init__(("127.0.0.1", 0), Answer)
        self.pages, self.models, self.page = pages, [model(rng) for _ in range(ROWS)], page(rng)

    def listing_page(self, query: dict[str, list[str]]) -> str:
        """One page of the list."""
        number = int(query.get("cursor", ["0"])[0])
        first = (2 * number + (query["nsfw"][0] == "true")) * ROWS + 1
        rows = (f'{{"id":{first + n},{row.replace("NUMBER", str(first + n))}' for n, row in enumerate(self.models))
        return f'{{"items":[{",".join(rows)}],"metadata":{{"nextCursor":"{number + 1}"}}}}'

    def sitemap(self, base: str) -> str:
        """Every page of the directory."""
        urls = "".join(f"<url><loc>{base}/tool/{number}</loc></url>" for number in range(self.pages))
        return f"<urlset>{urls}</urlset>"


class Answer(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        parts, base = urlsplit(self.path), f"http://127.0.0.1:{self.server.server_port}"
        match parts.path.split("/"):
            case ["", "api", "v1", "models"]:
                self.reply(self.server.listing_page(parse_qs(parts.query)), "application/json")
            case ["", "tool", number]:
                self.reply(self.server.page.replace("NUMBER", number), "text/html; charset=utf-8")
            case ["", "sitemap.xml"]:
                self.reply(self.server.sitemap(base), "application/xml")
            case _:
                self.reply(f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n", "text/plain")

    def reply(self, body: str, kind: str) -> None:
        """Send a body."""
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve(pages: int, tell: Connection) -> None:
    """Serve until the process is ended; tell the port."""
    server = Server(pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell.send(server.server_port)
    threading.Event().wait()


def start(pages: int) -> tuple[Process, str]:
    """Start the server in a process of its own."""
    hear, tell = Pipe()
    process = Process(target=serve, args=(pages, tell), daemon=True)
    process.start()
    return process, f"127.0.0.1:{hear.recv()}"


def spend(command: list[str], settings: str) -> tuple[float, float]:
    """Run Scrapy: CPU seconds, and the most memory it held, in MiB."""
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": settings}
    with tempfile.TemporaryDirectory() as away:  # from our project, whose settings would apply
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", *command], cwd=away, env=environment, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"scrapy {' '.join(command)} ended with {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def ours(netloc: str, folder: Path, hub: str, *arguments: str) -> tuple[float, float]:
    """Crawl with our spider."""
    given = ["-a", f"base=http://{netloc}", *arguments, "-s", f"EGRESS_ALLOW={netloc}", "-s", f"CRAWLS={folder}"]
    return spend(["crawl", hub, *given], "crawler.settings")


def theirs(netloc: str, feed: Path, peer: str, *arguments: str) -> tuple[float, float]:
    """Crawl with the peer, at Scrapy's own settings."""
    given = ["-a", f"base=http://{netloc}", *arguments, "-o", f"{feed}:jsonlines", "-s", "LOG_LEVEL=INFO"]
    return spend(["runspider", str(HERE / f"crawl_{peer}_peer.py"), *given], "")


def same(folder: Path, feed: Path) -> int:
    """Compare what both wrote; how many listings is returned."""
    (file,) = folder.glob("*/2*.jsonl")
    mine, peers = ({row["id"]: row for row in rows(path)} for path in (file, feed))
    assert mine.keys() == peers.keys(), (len(mine), len(peers))
    for name in ("title", "text", "tags", "links", "reach"):
        for key, row in mine.items():
            assert words(row.get(name)) == words(peers[key].get(name)), (name, row, peers[key])
    return len(mine)


def words(value: object) -> object:
    """A text's words, since line breaks are a matter of taste."""
    return value.split() if isinstance(value, str) else value


def rows(path: Path) -> Iterator[dict[str, object]]:
    """Read JSON Lines."""
    with path.open() as file:
        yield from map(json.loads, file)


def compare(
    netloc: str, hub: str, peer: str, rounds: int, arguments: list[str], more: list[str]
) -> tuple[int, list[float], list[float]]:
    """Time both in turns; `more` are arguments of our spider only."""
    mine, peers, count = [], [], 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as made:
            folder, feed = Path(made, "crawls"), Path(made, "feed.jsonl")
            mine.append(ours(netloc, folder, hub, *arguments, *more)[0])
            peers.append(theirs(netloc, feed, peer, *arguments)[0])
            count = same(folder, feed)
    return count, mine, peers


def main() -> None:
    """Print a table, or rows as JSON: CPU beside the peer's, then memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=20_000, help="of the list")
    parser.add_argument("--pages", type=int, default=1_000, help="of the directory, 30 KB each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=200_000, help="listings, for memory; 0 leaves it out")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    process, netloc = start(told.pages)
    # Memory first: the kernel counts what this process holds when it starts another, too.
    rows = [*memory(netloc, told.largest), *costs(netloc, told.listings, told.rounds)]
    process.terminate()
    if told.json:
        print(json.dumps({"rows": rows}, indent=1))
        return
    print(f"CPU seconds of one crawl, median of {told.rounds}, in turns on one loopback server; most memory in MiB")
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))


def costs(netloc: str, listings: int, rounds: int) -> Iterator[dict[str, object]]:
    """CPU seconds of a crawl beside bare Scrapy's."""
    half = str(listings // ROWS // 2)
    for name, hub, peer, arguments in (
        ("list API, 100 a page", "civitai", "list", ["-a", f"pages={half}"]),
        ("HTML pages of 30 KB", "directory", "page", []),
    ):
        more = ["-a", "queries=*"] if hub == "civitai" else []
        count, mine, peers = compare(netloc, hub, peer, rounds, arguments, more)
        ratio = statistics.median(a / b for a, b in zip(mine, peers, strict=True))
        ours, theirs = round(statistics.median(mine), 2), round(statistics.median(peers), 2)
        yield {"case": name, "listings": count, "ours": ours, "peer": theirs, "ratio": round(ratio, 2)}


def memory(netloc: str, largest: int) -> Iterator[dict[str, object]]:
    """The most memory that a crawl of a small and of a large hub holds; nothing where `largest` is 0."""
    for count in (largest // 100, largest) if largest else ():
        with tempfile.TemporaryDirectory() as made:
            pages = count // ROWS // 2
            _, held = ours(netloc, Path(made), "civitai", "-a", "queries=*", "-a", f"pages={pages}")
            yield {"case": "most memory, list API", "listings": count, "mib": round(held)}


if __name__ == "__main__":
    main()
