"""Whether a search query holds a phrase whose suggestions and advertisements should be suppressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.client.verification import read_file
from blocklists.feed.queryterms import TEST, Terms

if TYPE_CHECKING:
    from blocklists.client.source import Source
    from blocklists.feed.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryHit:
    """What a query was found to hold: the phrase in its one form, its label, and where people can be sent for help."""

    phrase: str
    label: str
    help: str | None

    @property
    def test(self) -> bool:
        """Whether it is the test phrase, which asks nothing of anybody."""
        return self.label == TEST


def read_terms(source: Source, manifest: Manifest) -> bytes:
    """The file of terms of a version; empty where it has none.

    Raises:
        FeedError: the file is not the one that the manifest vouches for, or a line of it is none.
        OutsideError: the source cannot be reached.
    """
    if manifest.terms is None:
        return b""
    data = read_file(source, manifest, manifest.terms)
    Terms.parse(data)
    return data


def check_query(text: str, terms: Terms, key: bytes, manifest: Manifest) -> QueryHit | None:
    """What a query holds, if anything: the longest phrase at the first place where there is one."""
    found = terms.find(text, key)
    return QueryHit(phrase=found[0], label=found[1], help=manifest.help) if found else None
