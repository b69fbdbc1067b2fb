"""OpenSearch: `opensearch:https://HOST:PORT#INDEX`, with `/ALIAS` behind it for a name that hides what is listed.

One builder of requests serves this and Elasticsearch. It is checked against the official Python clients and a stand-in;
untested against a real server.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from blocklists.feed.errors import TargetError
from blocklists.indexes.searchhttp import SearchServer
from blocklists.indexes.searchmarking import SearchIndex

if TYPE_CHECKING:
    from pathlib import Path

KEEPS_STATE: Final = True  # tags have no place beside the index
_INDEX = re.compile(r"[^\s/#?\"<>|\\]{1,255}")


def open_index(place: str, *, url_field: str, state: Path) -> SearchIndex:
    """The index that a place names; `state` is the folder for its tags.

    Raises:
        TargetError: it names no server or no index.
    """
    base, _, names = place.partition("#")
    index, slash, alias = names.partition("/")
    for name in [index, *([alias] if slash else [])]:
        if not _INDEX.fullmatch(name):
            raise TargetError(f"{place[:80]!a} is not https://HOST:PORT#INDEX or https://HOST:PORT#INDEX/ALIAS")
    server = SearchServer.named(base)
    return SearchIndex(server=server, base=base, index=index, alias=alias or None, url_field=url_field, folder=state)
