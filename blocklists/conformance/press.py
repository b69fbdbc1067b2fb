"""Tiny feeds made by a recipe: the same files every time, whole or broken in one place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from blocklists.conformance.signing import PUBLISHER, Signer
from blocklists.feed.assembly import MANIFEST, SIGNATURE, Earlier, Release, assemble
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.entry import Action, Entry, Relation, Retraction
from blocklists.feed.manifest import Log, Manifest
from blocklists.feed.snapshot import Table
from blocklists.feed.tags import entry_tag
from blocklists.feed.target import Target

Files = dict[str, bytes]

TAG_KEY: Final = bytes(range(32))
BEGUN: Final = datetime(2026, 11, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)
LASTS: Final = 7 * DAY  # until `expires`
USEFUL: Final = 14 * DAY  # until the end of `max_age`


def listed(target: str, action: str = "delist", label: str = "nudify", relation: str = "offers") -> Entry:
    """An entry of the recipe."""
    return Entry(
        target=Target.parse(target),
        action=Action(action),
        label=label,
        relation=Relation(relation),
        reason="offers_undressing",
        review_by=date(2027, 6, 1),
    )


_GONE: Final = listed("retired.example.test")
_STAYS: Final = (
    listed("bad.example.test/app"),
    listed("whole.example.test", label="sexual_deepfake"),
    listed("dir.example.test/tools/", "demote", "promotion", "lists"),
    listed("query.example.test/find?q=A"),
    listed("weak.example.test", "warn", "promotion", "links-to"),
    listed("weak.example.test/app"),
    listed("github:owner/repo"),
    listed("pkg:huggingface/Owner/Name", "demote", "sexual_likeness"),
    listed("play:org.example.app", "warn"),
    listed("deep.example.test/1/2/3/4/5/6/7/8?q=1", "demote"),
    listed("deep.example.test/a/b/c/d/"),
)
#: What the three versions list. The second retracts one, adds one and changes one.
VERSIONS: Final = (
    (*_STAYS, _GONE, listed("soft.example.test", "warn", "promotion")),
    (*_STAYS, listed("new.example.test"), listed("soft.example.test", "demote", "promotion")),
    (
        *_STAYS,
        listed("new.example.test"),
        listed("soft.example.test", "demote", "promotion"),
        listed("third.example.test"),
    ),
)


def consumer_key(
    name: str = "pack", tag_key: bytes = TAG_KEY, signers: tuple[Signer, ...] = (PUBLISHER,)
) -> ConsumerKey:
    """The key that the pack's consumer is given."""
    return ConsumerKey(consumer=name, tag_key=tag_key, feed_keys=tuple(signer.public_line for signer in signers))


def released(
    version: int,
    earlier: list[Files] | None = None,
    key: ConsumerKey | None = None,
    signer: Signer = PUBLISHER,
    entries: tuple[Entry, ...] | None = None,
) -> Files:
    """One version with a delta from each of the earlier ones, a day after the one before."""
    generated = BEGUN + (version - 1) * DAY
    release = Release(
        feed="pack-feed",
        version=version,
        generated=generated,
        expires=generated + LASTS,
        max_age=int(USEFUL.total_seconds()),
        key_id=signer.key_id,
        log=Log(size=version, head="0" * 64),
    )
    key = key or consumer_key()
    gone = Retraction(tag=entry_tag(_GONE.target, key.tag_key), reason="appeal", version=2, at="2026-11-02T00:00:00Z")
    made = assemble(
        VERSIONS[version - 1] if entries is None else entries,
        [gone] if version > 1 else [],
        key=key,
        release=release,
        earlier=_earlier(earlier or []),
    )
    return signed(made, signer)


def _earlier(feeds: list[Files]) -> Earlier | None:
    if not feeds:
        return None
    manifests = [Manifest.from_bytes(files[MANIFEST]) for files in feeds]
    tables = {m.version: Table.decode(files[m.snapshot]) for m, files in zip(manifests, feeds, strict=True)}
    return Earlier(version=manifests[-1].version, digest=sha256(feeds[-1][MANIFEST]).hexdigest(), tables=tables)


def three() -> list[Files]:
    """The whole feed: three versions, each with deltas from all before it."""
    made: list[Files] = []
    for version in (1, 2, 3):
        made.append(released(version, made))
    return made


def signed(files: Files, signer: Signer = PUBLISHER) -> Files:
    """The files with a signature over the manifest that they hold."""
    return {**files, SIGNATURE: signer.sign(files[MANIFEST])}


def edited(made: Files, signer: Signer = PUBLISHER, /, **fields: Any) -> Files:  # noqa: ANN401 - JSON
    """The feed with other fields in its manifest, signed again."""
    row = {**json.loads(made[MANIFEST]), **fields}
    return signed({**made, MANIFEST: json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"}, signer)


def replaced(made: Files, name: str, data: bytes, /, **fields: Any) -> Files:  # noqa: ANN401 - JSON
    """The feed with other bytes in one file, and a manifest that vouches for them."""
    row = json.loads(made[MANIFEST])["files"] | {name: {"length": len(data), "sha256": sha256(data).hexdigest()}}
    return edited({**made, name: data}, files=row, **fields)


def cut(files: Files, name: str) -> Files:
    """The feed with one file cut in the middle, without its manifest knowing."""
    return {**files, name: files[name][: len(files[name]) // 2]}
