"""The houses in which the pages' commands run: what each page takes for granted is there, under real names."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from tests.blocklists.conftest import listing
from tests.blocklists.service.served import a_house, serving
from tests.docs.blocks import ROOT
from tests.docs.stage import LEAD, Stage, free_port, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.docs.running import Scene

    Make = Callable[[Stage], AbstractContextManager[Scene]]

PICK = """CASE=$(delist triage list --label nudify --hub directory --json | field case)
SITE=$(delist triage export --json | grep "$CASE" | grep -o 'https://[a-z-]*\\.example\\.test/' | sed -n 1p)"""
#: A tag of a canary that engine was given.
TAG = """TAG=$(python -c '
import json
from pathlib import Path
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.tags import text_tag
key = ConsumerKey.parse(Path("var/keys/consumers/engine.json").read_text())
(canaries,) = Path("var/keys/canaries").glob("engine*.json")
print(text_tag(json.loads(canaries.read_text())["entries"][0]["target"], key.tag_key).hex())
')"""
WORST = "delist report https://worst.example.test/ --category minor_abuse --who partner"
APPEAL = """about='{"about": "https://directory.example.test/tool/two", "reason": "a try-on", "contact": "a@b.test"}'
curl -sS --json "$about" $BASE/appeals > sent
NUMBER=$(field number < sent); SECRET=$(field secret < sent)"""


def an_index(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.folder / "search.db")) as db:
        db.execute("CREATE VIRTUAL TABLE pages USING fts5(url, title)")


@contextmanager
def readme(stage: Stage) -> Iterator[Scene]:
    shutil.copy(ROOT / "scrapy.cfg", stage.folder)
    stage.texts()
    stage.results("https://some-listed-tool.example.test/")
    an_index(stage)
    yield stage.scene(
        stands_for={
            "8765": free_port(),
            "CASE": "$CASE",
            "https://some-listed-tool.example.test/": "$SITE",
            "delist serve": "delist serve --port 0",
        },
        before={"triage show CASE": PICK},
    )


@contextmanager
def appeals(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        case = listed(house)
        house.publish()
        yield stage.scene(
            stands_for={"c-713abfbbee": case, "A-4NBY8RM2CD": "$NUMBER"},
            before={
                "appeal status": "NUMBER=$(delist appeal list --json | field number)",
                "appeal show": f"as carl delist triage claim {case}",
                "rejected": f"as carl delist triage undo {case}",
            },
        )


@contextmanager
def answer(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        case = listed(house)
        house.publish()
        opened = "NUMBER=$(delist appeal open https://tool.example.test/ --reason 'a try-on' --json | field number)"
        yield stage.scene(stands_for={"CASE": case, "A-4NBY8RM2CD": "$NUMBER"}, before={"appeal list": opened})


@contextmanager
def conformance(stage: Stage) -> Iterator[Scene]:
    shutil.copy(ROOT / "tests/blocklists/conformance/consumer.mjs", stage.folder / "mine.mjs")
    yield stage.scene()


@contextmanager
def desk(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        (case,) = house.see(listing("one", lang="de", title="a piece of a title"))
        yield stage.scene(stands_for={"CASE": case, "LISTING": "directory:one"})


@contextmanager
def review(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        (case,) = house.see(listing("one"))
        ruled = f"as ann delist triage decide {case} delist --reason offers_undressing"
        yield stage.scene(stands_for={"CASE": case}, before={"triage undo": ruled, "quality": LEAD})


@contextmanager
def model(stage: Stage) -> Iterator[Scene]:
    stage.texts()
    shutil.copy(ROOT / "classifiers/data/model.json", stage.folder / "other.json")
    yield stage.scene()


@contextmanager
def empty(stage: Stage) -> Iterator[Scene]:
    yield stage.scene()


@contextmanager
def language(stage: Stage) -> Iterator[Scene]:
    yield stage.scene(stands_for={"classifiers/data mydata": f"{ROOT}/classifiers/data mydata"})


@contextmanager
def exports(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        listed(house)
        house.publish()
        stands_for = {"/etc/dnsmasq.d/": "", "list.txt": "list.zone"}
        yield stage.scene(stands_for=stands_for, before={"export rpz": "delist publish"})


@contextmanager
def people(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        (decided,) = house.see(listing("golden", author="Ann Invented"))
        house.agree(decided)
        house.see(*(listing(f"try{n}", title="A try-on") for n in range(12)), band="review")
        sealed = f"{WORST}; SEALED=$(delist triage list --label minor_abuse --json | field case)"
        yield stage.scene(
            stands_for={"unseal CASE": "unseal $SEALED", "CASE": decided, "/media/key": "media"},
            before={
                "people role": "as lea delist triage me",
                "quality --since": "as aud delist triage me; as lea delist triage people role aud auditor",
                "unseal": f"{sealed}; mkdir media; cp var/keys/lead.key media/",
                "audit keys --renew": "cp var/keys/lead.key media/lead-OLD.key",
            },
        )


@contextmanager
def publishing(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        listed(house)
        term = "as bob delist terms add 'sober policy words' --label nudify --reason offers_undressing"
        yield stage.scene(
            stands_for={"5d41402abc4b2a76b9719d911017c592": "$TAG"},
            before={
                "trace 5d41": TAG,
                "trace leaked.bin": "cp var/feed/engine/snapshot-*.bin leaked.bin",
                "check --query": f"{term}; delist publish",
            },
        )


@contextmanager
def index(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        listed(house)
    stage.results("https://tool.example.test/")
    an_index(stage)
    yield stage.scene()


@contextmanager
def served(stage: Stage) -> Iterator[Scene]:
    var = stage.folder / "var"
    var.mkdir()
    with a_house(var, "engine") as house, serving(house) as server:
        yield stage.scene(
            environment={"BASE": server.base},
            stands_for={
                "https://feed.example.test": server.base,
                "https://good.example.test/": "https://directory.example.test/tool/one",
                "delist serve": "delist serve --port 0",
                "delist serve --host 0.0.0.0 --port 8400 --workers 4": "delist serve --port 0 --workers 2",
                "A-4NBY8RM2CD": "$NUMBER",
                "SECRET'": '\'"$SECRET"',
                "3f9a61c2": "$(delist consumer token engine --list | sed -n '1s/ .*//p')",
            },
            before={"appeals/A-": APPEAL},
        )


@contextmanager
def watching(stage: Stage) -> Iterator[Scene]:
    shutil.copytree(ROOT / "packaging/prometheus", stage.folder / "packaging/prometheus")
    with stage.house():
        yield stage.scene(stands_for={"/var/lib/prometheus/node-exporter/": ""})


@contextmanager
def rotate(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        house.add_consumer("engine")
        house.publish()
        yield stage.scene(
            before={"audit rotate": LEAD, "audit keys": f"{WORST}; cp var/keys/lead.key lead-OLD.key"},
        )


@contextmanager
def published(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        listed(house)
        house.publish()
    yield stage.scene()


@contextmanager
def scale(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        listed(house)
        house.publish()
    yield stage.scene(stands_for={"/backups": "backups"}, before={"delist restore": "rm -rf var/ledger.db* var/keys"})


@contextmanager
def transparency(stage: Stage) -> Iterator[Scene]:
    with stage.house() as house:
        listed(house)
        house.publish()
    yield stage.scene()


SCENES: dict[str, Make] = {
    "README.md": readme,
    "docs/appeals.md": appeals,
    "docs/conformance.md": conformance,
    "docs/desk.md": desk,
    "docs/evaluating.md": model,
    "docs/exports.md": exports,
    "docs/how-to/add-a-language.md": language,
    "docs/how-to/answer-an-appeal.md": answer,
    "docs/how-to/publish-to-an-index.md": index,
    "docs/how-to/restore.md": published,
    "docs/how-to/review-well.md": review,
    "docs/how-to/rotate-keys.md": rotate,
    "docs/model.md": model,
    "docs/operating.md": empty,
    "docs/people.md": people,
    "docs/publishing.md": publishing,
    "docs/scale.md": scale,
    "docs/serving.md": served,
    "docs/transparency.md": transparency,
    "docs/watching.md": watching,
}
