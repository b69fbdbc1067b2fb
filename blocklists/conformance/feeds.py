"""The scenes of the pack: whole feeds, and every way of breaking one that a consumer must notice."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from blocklists.conformance import keychanges
from blocklists.conformance.press import (
    BEGUN,
    DAY,
    TAG_KEY,
    Files,
    consumer_key,
    cut,
    edited,
    released,
    replaced,
    signed,
    three,
)
from blocklists.conformance.scenes import Scene
from blocklists.conformance.signing import PUBLISHER, STRANGER, SUCCESSOR
from blocklists.feed.assembly import MANIFEST, SIGNATURE
from blocklists.feed.manifest import Manifest, written
from blocklists.feed.queryterms import TEST, TEST_PHRASE, encode
from blocklists.feed.snapshot import Table
from blocklists.feed.tags import ENTRY_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.feed.consumerkey import ConsumerKey

ONE, TWO, THREE = WHOLE = three()
_HELP: Final = "https://help.example.test/"


def keys() -> dict[str, ConsumerKey]:
    """The key files of the pack by their place."""
    both = consumer_key(signers=(PUBLISHER, SUCCESSOR))
    return {"keys/pack.json": consumer_key(), keychanges.BOTH: both}


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _whole()
    yield from _phrases()
    yield from _signatures()
    yield from keychanges.scenes()
    yield from _times()
    yield from _successions()
    yield from _files()
    yield from _manifests()


def _whole() -> Iterator[Scene]:
    yield _answers(Scene(name="good", about="what one version says").opens("whole/1", 1))
    yield _moves(Scene(name="delta", about="the next version by its delta"), 2)
    yield _moves(Scene(name="folded-delta", about="two versions on by one delta"), 3)
    again = Scene(name="again", about="the same version again is nothing new").opens("whole/1", 1)
    yield again.opens("whole/1", 1, day=0.6).finds("http://bad.example.test/app", "bad.example.test/app")


def _phrases() -> Iterator[Scene]:
    phrases = [("invented phrase", "nudify"), ("invented", "promotion"), (TEST_PHRASE, TEST)]
    lines = encode(phrases, TAG_KEY) + b'{"label":"weather","tag":"' + b"0" * 32 + b'","words":1}\n'
    made = replaced(ONE, "terms-1.jsonl", lines, terms="terms-1.jsonl", help=_HELP)
    scene = Scene(name="query-terms", about="phrases of search queries, and where to point those who search for them")
    scene.feeds = {"1": made, "bad": {**made, "terms-1.jsonl": lines[:-1]}}
    scene.opens("1", 1).hears("an INVENTED-phrase here", "invented phrase", pointer=_HELP)
    scene.hears("invented", "invented", "promotion", pointer=_HELP).hears("phrase invente", None)
    yield scene.hears(f"what is a {TEST_PHRASE}", TEST_PHRASE, TEST, pointer=_HELP).hears("", None)
    yield _refused("query-terms-cut", "the file of query terms is not as announced", scene.feeds["bad"])
    none = Scene(name="no-query-terms", about="a feed without query terms").opens("whole/1", 1)
    yield none.hears("invented phrase", None)


def _answers(scene: Scene) -> Scene:
    """Every kind of entry, hit and missed."""
    scene.finds("http://bad.example.test/app", "bad.example.test/app")
    scene.finds("HTTPS://user@BAD.example.test.:8080/x/..//app?from=ad#top", "bad.example.test/app")
    scene.clean("http://bad.example.test/App").clean("http://bad.example.test/app/more").clean(
        "http://bad.example.test/"
    )
    scene.finds("https://www.whole.example.test/any/page?q", "whole.example.test/", label="sexual_deepfake")
    scene.finds("http://dir.example.test/tools/one", "dir.example.test/tools/", "demote", "promotion", relation="lists")
    scene.clean("http://dir.example.test/tools")
    scene.finds("http://query.example.test/find?q=A", "query.example.test/find?q=A")
    scene.clean("http://query.example.test/find?q=a").clean("http://query.example.test/find")
    scene.finds("http://weak.example.test/", "weak.example.test/", "warn", "promotion", relation="links-to")
    scene.finds("http://weak.example.test/app", "weak.example.test/app")  # the stronger of two decides
    scene.finds("https://www.GitHub.com/Owner/Repo/tree/main", "github:owner/repo").clean(
        "https://github.com/owner/other"
    )
    model = "pkg:huggingface/Owner/Name"
    scene.finds("https://hf.co/Owner/Name/tree/main", model, "demote", "sexual_likeness")
    scene.clean("https://hf.co/owner/name")
    scene.finds("https://play.google.com/store/apps/details?hl=de&id=org.example.app", "play:org.example.app", "warn")
    scene.finds("http://deep.example.test/1/2/3/4/5/6/7/8?q=1", "deep.example.test/1/2/3/4/5/6/7/8?q=1", "demote")
    scene.clean("http://deep.example.test/1/2/3/4/5/6/7/8").clean("http://deep.example.test/a/b/c/d")
    scene.finds("http://deep.example.test/a/b/c/d/", "deep.example.test/a/b/c/d/")
    scene.clean("http://deep.example.test/a/b/c/d/e")  # a prefix of more than three parts names itself alone
    scene.finds("http://retired.example.test/", "retired.example.test/").clean("http://new.example.test/")
    return scene.finds_test_entry().fails("javascript:alert(1)").fails("")


def _moves(scene: Scene, version: int) -> Scene:
    """From the first version to a later one: retracted, added, changed."""
    scene.opens("whole/1", 1).finds("http://retired.example.test/", "retired.example.test/")
    scene.opens(f"whole/{version}", version, day=version - 0.5)
    return _is_second(scene)


def _is_second(scene: Scene) -> Scene:
    scene.clean("http://retired.example.test/").finds("http://new.example.test/", "new.example.test/")
    return scene.finds("http://soft.example.test/", "soft.example.test/", "demote", "promotion").finds_test_entry()


def _is_first(scene: Scene) -> Scene:
    return scene.finds("http://retired.example.test/", "retired.example.test/").clean("http://new.example.test/")


def _refused(name: str, about: str, bad: Files, *, day: float = 0.5) -> Scene:
    """A first version that is refused by a consumer who knows none."""
    scene = Scene(name=name, about=about, feeds={"bad": bad}).refuses("bad", day=day)
    return scene.fails("http://bad.example.test/app")


def _refused_later(name: str, about: str, bad: Files, *, day: float = 1.5) -> Scene:
    """A second version that is refused by a consumer who knows the first, and goes on with that."""
    return _is_first(Scene(name=name, about=about, feeds={"bad": bad}).opens("whole/1", 1).refuses("bad", 1, day=day))


def _signatures() -> Iterator[Scene]:
    other = ONE[MANIFEST].replace(b'"size":1', b'"size":2')
    yield _refused("bad-signature", "the manifest is not what was signed", {**ONE, MANIFEST: other})
    comment = ONE[SIGNATURE].replace(b"conformance pack", b"conformance fake")
    yield _refused("trusted-comment", "the trusted comment is not what was signed", {**ONE, SIGNATURE: comment})
    yield _refused("wrong-key", "signed by nobody that the consumer was told of", signed(ONE, STRANGER))
    claimed = PUBLISHER.key_id.encode()
    forged = {**ONE, SIGNATURE: _renumbered(STRANGER.sign(ONE[MANIFEST]))}
    yield _refused("forged-key", f"a stranger's signature under the number {claimed.decode()}", forged)
    yield _refused("no-signature", "the signature is missing", {k: v for k, v in ONE.items() if k != SIGNATURE})
    yield _refused_later("bad-signature-later", "so is a later manifest", {**TWO, SIGNATURE: ONE[SIGNATURE]})
    unnamed = signed(ONE, SUCCESSOR)
    lies = Scene(name="key-id", about="key_id is not the key that signed", feeds={"bad": unnamed})
    yield lies.refuses("bad", key=keychanges.BOTH)


def _renumbered(signature: bytes) -> bytes:
    """A signature that claims to be of the publisher's key."""
    lines = signature.split(b"\n")
    raw = base64.b64decode(lines[1])
    number = base64.b64decode(PUBLISHER.public_line)[2:10]
    return b"\n".join([lines[0], base64.b64encode(raw[:2] + number + raw[10:]), *lines[2:]])


def _times() -> Iterator[Scene]:
    yield _refused("expired", "past expires, and nothing else is known", ONE, day=7)
    scene = Scene(name="not-expired", about="a second before it expires").opens("whole/1", 1, day=7 - 1 / 86400)
    yield scene.finds_test_entry()
    yield _refused("not-yet-valid", "made more than a day from now: somebody's clock is wrong", ONE, day=-1.5)
    yield Scene(name="clocks-differ", about="made less than a day from now").opens("whole/1", 1, day=-0.5)
    frozen = Scene(name="frozen", about="past expires, the last known good serves until max_age").opens("whole/1", 1)
    frozen.refuses("whole/1", 1, day=8).finds("http://bad.example.test/app", "bad.example.test/app")
    yield frozen.refuses("whole/1", None, day=14.5).fails("http://bad.example.test/app")
    thawed = Scene(name="thawed", about="past max_age, a new version ends the silence").opens("whole/1", 1)
    late = edited(TWO, generated=written(BEGUN + 20 * DAY), expires=written(BEGUN + 27 * DAY))
    thawed.feeds = {"late": late}
    yield _is_second(thawed.refuses("whole/1", None, day=15).opens("late", 2, day=20.5))


def _successions() -> Iterator[Scene]:
    back = Scene(name="rolled-back", about="an older version than was seen").opens("whole/2", 2, day=1.5)
    yield _is_second(back.refuses("whole/1", 2, day=1.6))
    yield _refused_later("broken-chain", "previous is not the version that was seen", edited(TWO, previous="0" * 64))
    unchained = edited(ONE, taxonomy="other")
    yield _refused_later("rewritten", "the same version with other bytes", unchained, day=0.6)
    yield _refused_later("other-feed", "another feed of the same publisher", edited(TWO, feed="other-feed"))
    seen = Scene(name="seen-and-refused", about="a version whose signature was good forbids going back, even if unused")
    seen.feeds = {"broken": _all_cut(THREE)}
    yield _is_first(seen.opens("whole/1", 1).refuses("broken", 1, day=2.5).refuses("whole/2", 1, day=2.6))
    yield _refused("other-consumer", "made for another consumer", released(1, key=consumer_key("somebody-else")))


def _all_cut(files: Files) -> Files:
    for name in Manifest.from_bytes(files[MANIFEST]).files:
        files = cut(files, name)
    return files


def _files() -> Iterator[Scene]:
    snapshot, delta = "snapshot-2.bin", "delta-1-2.bin"
    yield _refused("truncated-snapshot", "the snapshot is shorter than announced", cut(ONE, "snapshot-1.bin"))
    longer = {**ONE, "snapshot-1.bin": ONE["snapshot-1.bin"] + b"\0"}
    yield _refused("longer-snapshot", "the snapshot is longer than announced", longer)
    flipped = ONE["snapshot-1.bin"][:-1] + bytes([ONE["snapshot-1.bin"][-1] ^ 1])
    yield _refused("changed-snapshot", "one bit of the snapshot differs", {**ONE, "snapshot-1.bin": flipped})
    missing = {name: data for name, data in ONE.items() if name != "snapshot-1.bin"}
    yield _refused("missing-snapshot", "the snapshot is not there", missing)
    yield _refused(
        "checksum", "the snapshot is as announced and not the one that checksum names", edited(ONE, checksum="0" * 64)
    )
    yield _refused("entries", "entries is not how many there are", edited(ONE, entries=99))
    for name, about, bad in (
        ("delta-truncated", "the delta is cut: the snapshot decides", cut(TWO, delta)),
        ("delta-missing", "the delta is not there: the snapshot decides", {k: v for k, v in TWO.items() if k != delta}),
        ("delta-mismatch", "the delta leads elsewhere: the snapshot decides", _led_astray(delta)),
        ("delta-instead", "the snapshot is cut: the delta suffices", cut(TWO, snapshot)),
    ):
        yield _is_second(Scene(name=name, about=about, feeds={"2": bad}).opens("whole/1", 1).opens("2", 2, day=1.5))
    yield _refused_later("nothing-whole", "neither delta nor snapshot is whole", cut(cut(TWO, delta), snapshot))
    yield _refused("unsorted", "records out of order, though signed", _shuffled())
    yield _unknown()


def _led_astray(delta: str) -> Files:
    """A delta that the manifest vouches for, and that does not lead to the checksum: its last addition is changed."""
    data = TWO[delta]
    return replaced(TWO, delta, data[:-1] + bytes([data[-1] ^ 1]))


def _records(files: Files) -> tuple[Table, list[bytes]]:
    table = Table.decode(files["snapshot-1.bin"])
    width = len(table.records) // len(table)
    return table, [table.records[start : start + width] for start in range(0, len(table.records), width)]


def _shuffled() -> Files:
    table, records = _records(ONE)
    return _with_table(Table(hosts=table.hosts, records=b"".join(reversed(records))))


def _unknown() -> Scene:
    """Every record has codes that no version of this format has."""
    table, records = _records(ONE)
    later = [record[:ENTRY_TAG] + b"\xff" + record[ENTRY_TAG + 1 :] for record in records]
    scene = Scene(name="unknown-enum", about="records of a later taxonomy are counted and ignored")
    scene.feeds = {"later": _with_table(Table(hosts=table.hosts, records=b"".join(later)))}
    scene.opens("later", 1).knows_not(len(later))
    return scene.clean("http://bad.example.test/app").clean("https://github.com/owner/repo")


def _with_table(table: Table) -> Files:
    return replaced(ONE, "snapshot-1.bin", table.encode(), checksum=table.checksum())


def _manifests() -> Iterator[Scene]:
    yield _refused("critical-field", "a critical field is not understood", edited(ONE, critical=["weather"], weather=1))
    more = edited(ONE, weather={"sun": True})
    scene = Scene(name="unknown-field", about="a field that is not critical is ignored", feeds={"more": more})
    yield scene.opens("more", 1).finds_test_entry()
    yield _refused("other-format", "another format", edited(ONE, format="delist-feed/2"))
    for name, field, value in (
        ("version-text", "version", "1"),
        ("version-zero", "version", 0),
        ("entries-truth", "entries", True),
        ("expires-text", "expires", "tomorrow"),
        ("checksum-upper", "checksum", json.loads(ONE[MANIFEST])["checksum"].upper()),
        ("previous-in-first", "previous", "0" * 64),
        ("snapshot-elsewhere", "snapshot", "snapshot-9.bin"),
        ("expires-before", "expires", written(BEGUN - DAY)),
        ("max-age-short", "max_age", 60),
    ):
        yield _refused(name, f"{field} is {str(value)[:20]}", edited(ONE, **{field: value}))
    rows = json.loads(ONE[MANIFEST])["files"]
    outside = edited(ONE, files=rows | {"../key.json": rows["snapshot-1.bin"]})
    yield _refused("file-outside", "a file's name leads out of the folder", outside)
    twice = {**ONE, MANIFEST: ONE[MANIFEST].replace(b"{", b'{"version":1,', 1)}
    yield _refused("field-twice", "a field is there twice", signed(twice))
    yield _refused("not-json", "signed, but no JSON", signed({**ONE, MANIFEST: b"{"}))
