"""From crawl files through the commands: a model that comes back elsewhere joins its case, and nobody decides silently.

Also what else makes two listings of two crawls one case, or opens one: nearly the same text, an operator, a fact.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.crawlfile import Record
from crawler.listing import Kind, Listing

DELIST = Path(sys.executable).parent / "delist"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
WEIGHTS = hashlib.sha256(b"the very same weights").hexdigest()
STATED = "Upload a photo of any woman and this model removes her clothes. Nude result, free credits every day."
SPIEL = (
    "{} is an online studio. Upload a photo of any woman and our AI removes her clothes in seconds. You get a nude "
    "result without registration, in high resolution, with free credits every day and an affiliate programme. "
    "Nobody sees what you upload, results are deleted after a day, and payment is possible with all usual cards."
)


def listing(hub: str, ref: str, **fields: Any) -> Listing:  # noqa: ANN401 - any field of a listing
    url = f"https://{hub.replace('_', '-')}.example.test/{ref}"
    given = {"kind": Kind.MODEL, "url": url, "title": ref, "text": STATED, "reach": {"downloads": 5}}
    return Listing(id=f"{hub}:{ref}", hub=hub, **{**given, **fields})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Writes crawl files, and works with them as people and timers do."""

    var: Path

    def crawl(self, day: float, *found: Listing) -> None:
        """Write what a crawl found, and screen it."""
        when, hub = BEGIN + timedelta(days=day), found[0].hub
        started = when.isoformat()
        path = self.var / "crawls" / hub / f"{when:%Y-%m-%dT%H-%M-%S-%fZ}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = b"".join(json.dumps(item.to_dict()).encode() + b"\n" for item in found)
        path.write_bytes(body)
        record = Record(
            hub=hub,
            scope="all",
            started=started,
            finished=started,
            file=path.name,
            bytes=len(body),
            lines=len(found),
            sha256=hashlib.sha256(body).hexdigest(),
            complete=True,
            why=(),
            exhaustive=False,
            pages={"asked": 1, "got": 1},
            listings=len(found),
            versions={},
        )
        path.with_suffix(".json").write_text(record.to_json())
        self.run("screen")

    def run(self, *words: str, who: str = "ann") -> str:
        environment = {**os.environ, "DELIST_VAR": str(self.var), "DELIST_TOKEN": f"{who}'s secret"}
        done = subprocess.run([DELIST, *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cases(self) -> list[dict[str, Any]]:
        lines = self.run("triage", "list", "--state", "all", "--json").splitlines()
        return [self.show(json.loads(line)["case"]) for line in lines]

    def show(self, case: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("triage", "show", case, "--json"))
        return found

    def delist(self, case: str) -> None:
        words = ("triage", "decide", case, "delist", "--reason", "offers_undressing", "--label", "nudify")
        self.run(*words, "--as", "ann")

    def published(self) -> int:
        """How many entries the feed has, after publishing what stands."""
        self.run("publish")
        entries: int = json.loads((self.var / "feed/local/manifest.json").read_text())["entries"]
        return entries


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(var=tmp_path / "var")


def test_the_same_weights_under_another_name_on_another_hub_join_the_decided_case_and_ask_again(desk: Desk) -> None:
    desk.crawl(0, listing("civitai", "first-name", digests=(WEIGHTS,)))
    (case,) = desk.cases()
    desk.delist(case["case"])
    before = desk.published()
    desk.crawl(1, listing("modelscope", "new-name", text="A style for portraits.", digests=(WEIGHTS,)))
    (again,) = desk.cases()
    assert (again["case"], again["state"], again["why"]) == (case["case"], "reopened", ["joined"])
    assert again["signals"] == ["the same weight file under a text that is clear"]
    joined = {item["id"]: item["joined_by"] for item in again["listings"]}
    assert joined == {"civitai:first-name": "opened it", "modelscope:new-name": f"is sha256:{WEIGHTS}"}
    assert "modelscope.example.test/new-name" in again["targets"]
    assert desk.published() == before
    assert [step["ruling"] for step in again["history"]] == ["delist"]
    desk.delist(case["case"])
    assert desk.published() == before + 1
    assert desk.cases()[0]["state"] == "decided"


def test_a_text_with_other_names_is_nearly_the_same_and_one_case(desk: Desk) -> None:
    desk.crawl(0, listing("directory", "a", text=SPIEL.format("Unveil")))
    desk.crawl(1, listing("telegram", "b", text=SPIEL.format("Unwrap").replace("all usual cards", "ALL usual CARDS")))
    (case,) = desk.cases()
    assert {item["joined_by"].partition(" ")[0] for item in case["listings"]} == {"opened", "near"}


def test_an_operator_is_known_again_by_their_channel_and_their_harmless_page_is_left_alone(desk: Desk) -> None:
    channel = " News: https://t.me/invented_operator"
    desk.crawl(0, listing("directory", "a", text=STATED + channel))
    desk.crawl(
        1,
        listing("telegram", "b", text="Our bot undresses girls on photos, send a picture, get a nude." + channel),
        listing("telegram", "c", text="A bot that tells the weather of your town every morning." + channel),
    )
    (case,) = desk.cases()
    assert {item["id"]: item["joined_by"] for item in case["listings"]} == {
        "directory:a": "opened it",
        "telegram:b": "by telegram:invented_operator",
    }


def test_facts_of_a_hub_open_a_case_for_review_that_says_it_is_a_signal(desk: Desk) -> None:
    facts = {"poi": True, "nsfw": True}
    desk.crawl(0, listing("civitai", "somebody", text="A LoRA, strength 0.8. Trigger word: smbd.", flags=facts))
    (case,) = desk.cases()
    assert (case["label"], case["band"]) == ("sexual_likeness", "review")
    assert case["signals"] == ["its hub says real person (flag) and adult (flag)"]
    assert case["listings"][0]["verdict"]["band"] == "clear"
