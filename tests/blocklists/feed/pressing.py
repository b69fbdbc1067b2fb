"""A real publisher for tests: real keys, real signatures, real folders, versions as they are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import minisign

from blocklists.feed.assembly import MANIFEST, SIGNATURE, Earlier, Release, assemble
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.entry import Action, Entry, Relation, Retraction
from blocklists.feed.manifest import Log, Manifest
from blocklists.feed.minisign import PublicKey
from blocklists.feed.snapshot import Table
from blocklists.feed.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TAG_KEY = bytes(range(32))


def entry(target: str, **fields: Any) -> Entry:  # noqa: ANN401 - any field of an entry
    given: dict[str, Any] = {
        "action": Action.DELIST,
        "label": "nudify",
        "relation": Relation.OFFERS,
        "reason": "policy",
        "review_by": date(2027, 1, 1),
    }
    return Entry(target=Target.parse(target), **{**given, **fields})


class Publisher:
    """Publishes versions of one feed for one consumer, each into the same folder."""

    def __init__(self, folder: Path, *, consumer: str = "local", tag_key: bytes = TAG_KEY) -> None:
        self.folder = folder
        self.pair = minisign.KeyPair.generate()
        self.key = ConsumerKey(consumer=consumer, tag_key=tag_key, feed_keys=(self.public_line,))
        self.earlier: Earlier | None = None
        self.version = 0

    @property
    def public_line(self) -> str:
        return bytes(self.pair.public_key).decode("ascii").strip().splitlines()[-1]

    def publish(
        self,
        *entries: Entry,
        generated: datetime | None = None,
        retractions: Iterable[Retraction] = (),
        lasts: timedelta = timedelta(days=7),
        deltas: bool = True,
        **said: Any,  # noqa: ANN401 - any further field of a release
    ) -> Manifest:
        """Write the next version."""
        release = Release(
            feed="test",
            version=self.version + 1,
            generated=generated or datetime.now(UTC),
            expires=(generated or datetime.now(UTC)) + lasts,
            max_age=int(2 * lasts.total_seconds()),
            key_id=PublicKey.parse(self.public_line).key_id,
            log=Log(size=self.version + 1, head="0" * 64),
            **said,
        )
        files = assemble(entries, retractions, key=self.key, release=release, earlier=self.earlier)
        manifest = Manifest.from_bytes(files[MANIFEST])
        digest = sha256(files[MANIFEST]).hexdigest()
        tables = dict(self.earlier.tables) if self.earlier else {}
        tables[manifest.version] = Table.decode(files[manifest.snapshot])
        self.earlier = Earlier(version=manifest.version, digest=digest, tables=tables if deltas else {})
        self.version += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in manifest.files:
            (self.folder / name).write_bytes(files[name])
        self.sign(files[MANIFEST])
        return manifest

    def sign(self, data: bytes) -> None:
        """Put a manifest and its signature in place."""
        signature = bytes(self.pair.secret_key.sign(data))
        for name, content in ((MANIFEST, data), (SIGNATURE, signature)):
            (self.folder / "draft").write_bytes(content)
            (self.folder / "draft").replace(self.folder / name)
