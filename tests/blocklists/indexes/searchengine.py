"""Documents, mappings and queries as OpenSearch and Elasticsearch have them, as far as the stand-in server needs them.

Written after their documentation, not after their code: what it does not know it refuses, as they do.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.error = {"type": kind, "reason": reason}


@dataclass
class Stored:
    source: dict[str, Any]
    routing: str | None = None


@dataclass
class EngineIndex:
    """One index. Searches see what was there at the last refresh."""

    name: str
    mappings: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Stored] = field(default_factory=dict)
    visible: dict[str, Stored] = field(default_factory=dict)

    def refresh(self) -> None:
        self.visible = copy.deepcopy(self.documents)

    def put(self, document: str, source: dict[str, Any], routing: str | None) -> None:
        self._learn(source, self.mappings)
        self.documents[document] = Stored(source, routing)

    def update(self, document: str, part: dict[str, Any], routing: str | None) -> None:
        """Merge into what is there. A document under another routing lies on another shard: it is not found."""
        stored = self.documents.get(document)
        if stored is None or stored.routing != routing:
            raise RefusedError(404, "document_missing_exception", f"[{document}]: document missing")
        self.put(document, merged(stored.source, part), routing)

    def delete(self, document: str, routing: str | None) -> None:
        stored = self.documents.get(document)
        if stored is None or stored.routing != routing:
            raise RefusedError(404, "not_found", f"[{document}]: not found")
        del self.documents[document]

    def map(self, properties: dict[str, Any]) -> None:
        _map(self.mappings.setdefault("properties", {}), properties, "")

    def kind(self, path: str) -> str | None:
        """The type of a field; None where no document had it."""
        found: dict[str, Any] = self.mappings
        for name in path.split("."):
            found = found.get("properties", {}).get(name, {})
        return found.get("type")

    def _learn(self, source: dict[str, Any], mappings: dict[str, Any]) -> None:
        for name, given in source.items():
            value = given[0] if isinstance(given, list) and given else given
            known = mappings.get("properties", {}).get(name)
            if known is None and mappings.get("dynamic", self.mappings.get("dynamic")) == "strict":
                raise RefusedError(400, "strict_dynamic_mapping_exception", f"introducing [{name}] is not allowed")
            if isinstance(value, dict):
                if known is not None and "properties" not in known and known.get("type", "object") != "object":
                    raise RefusedError(400, "document_parsing_exception", f"[{name}] is no object")
                self._learn(value, mappings.setdefault("properties", {}).setdefault(name, {}))
            elif known is None and value is not None:
                mappings.setdefault("properties", {})[name] = {"type": "text" if isinstance(value, str) else "keyword"}


def _map(known: dict[str, Any], new: dict[str, Any], prefix: str) -> None:
    for name, wanted in new.items():
        here = known.setdefault(name, {} if "properties" in wanted else dict(wanted))
        if "properties" in wanted and here.get("type", "object") == "object":
            _map(here.setdefault("properties", {}), wanted["properties"], f"{prefix}{name}.")
        elif here.get("type") != wanted.get("type", "object"):
            reason = f"mapper [{prefix}{name}] cannot be changed from type [{here.get('type')}]"
            raise RefusedError(400, "illegal_argument_exception", reason)


def merged(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A document after a partial update: objects are merged, all else is replaced."""
    made = dict(whole)
    for name, value in part.items():
        old = made.get(name)
        made[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return made


def matches(index: EngineIndex, query: dict[str, Any], source: dict[str, Any]) -> bool:
    """Whether a query finds a document."""
    ((kind, what),) = query.items()
    if kind == "match_all":
        return True
    if kind == "bool":
        every = [*_listed(what, "must"), *_listed(what, "filter")]
        return all(matches(index, part, source) for part in every) and not any(
            matches(index, part, source) for part in _listed(what, "must_not")
        )
    if kind in ("term", "match"):
        ((path, wanted),) = what.items()
        wanted = wanted.get("value", wanted.get("query")) if isinstance(wanted, dict) else wanted
        terms = [term for value in values(source, path) for term in _terms(index, path, value)]
        sought = [wanted] if kind == "term" else _terms(index, path, wanted)
        return any(term in terms for term in sought)
    raise RefusedError(400, "parsing_exception", f"unknown query [{kind}]")


def _listed(what: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = what.get(name, [])
    return found if isinstance(found, list) else [found]


def _terms(index: EngineIndex, path: str, value: object) -> list[object]:
    kind = index.kind(path)
    if kind is None:
        return []
    return list(re.findall(r"\w+", str(value).lower())) if kind == "text" else [value]


def values(source: object, path: str) -> Iterator[object]:
    """What a document has at a path."""
    head, _, rest = path.partition(".")
    for part in source if isinstance(source, list) else [source]:
        if isinstance(part, dict) and part.get(head) is not None:
            if rest:
                yield from values(part[head], rest)
            else:
                yield from part[head] if isinstance(part[head], list) else [part[head]]


def filtered(source: dict[str, Any], wanted: object) -> dict[str, Any]:
    """A document's `_source` as a search asked for it."""
    if wanted is None or wanted is True:
        return source
    kept: dict[str, Any] = {}
    for path in wanted if isinstance(wanted, list) else [wanted]:
        head, _, rest = str(path).partition(".")
        if head in source:
            inner = source[head]
            kept[head] = filtered(inner, [rest]) if rest and isinstance(inner, dict) else inner
    return kept
