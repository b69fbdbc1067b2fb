"""Documents of a Tantivy index as text and back, without loss, and the mark that they bear."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import tantivy

from blocklists.indexes.errors import ApplyError
from blocklists.indexes.sidecar import Mark
from blocklists.indexes.tantivyschema import MARK, Shape

if TYPE_CHECKING:
    from collections.abc import Callable

_ADD: dict[str, str] = {
    "text": "add_text",
    "u64": "add_unsigned",
    "i64": "add_integer",
    "f64": "add_float",
    "bool": "add_boolean",
    "date": "add_date",
    "facet": "add_facet",
    "bytes": "add_bytes",
    "json_object": "add_json",
    "ip_addr": "add_ip_addr",
}
_TO_TEXT: dict[str, Callable[[Any], object]] = {
    "date": datetime.isoformat,
    "bytes": lambda value: b64encode(value).decode("ascii"),
    "facet": lambda value: value.to_path_str(),
}
_FROM_TEXT: dict[str, Callable[[Any], object]] = {
    "date": datetime.fromisoformat,
    "bytes": b64decode,
    "facet": tantivy.Facet.from_string,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A document as it is stored.

    Attributes:
        shape: the schema that it is stored by.
        fields: the values of each field, ready for JSON.
    """

    shape: Shape
    fields: dict[str, list[Any]]

    @classmethod
    def of(cls, document: tantivy.Document, shape: Shape) -> Stored:
        """What a searcher gives."""
        fields = {name: _written(shape.types[name], values) for name, values in document.to_dict().items()}
        return cls(shape=shape, fields=fields)

    @classmethod
    def parse(cls, text: str, shape: Shape) -> Stored:
        """What `text` wrote.

        Raises:
            ApplyError: the schema has changed since, and has no place for one of its fields.
        """
        typed = json.loads(text)
        for name, (kind, _) in typed.items():
            if shape.types.get(name) != kind:
                raise ApplyError(
                    f"a document that was moved aside has a field {name!r} of type {kind}, which the index has no more"
                )
        return cls(shape=shape, fields={name: values for name, (_, values) in typed.items()})

    @property
    def text(self) -> str:
        """The document with the kinds of its fields, as JSON."""
        return json.dumps({name: (self.shape.types[name], values) for name, values in self.fields.items()})

    @property
    def urls(self) -> tuple[str, ...]:
        """Its addresses."""
        return tuple(self.fields.get(self.shape.url, []))

    @property
    def mark(self) -> Mark:
        """The mark that it bears."""
        for value in self.fields.get(MARK, []) if self.shape.marks else []:
            if value.get("action"):
                return Mark(action=str(value["action"]), label=str(value.get("label")))
        return Mark()

    def marked(self, mark: Mark) -> Stored:
        """The same document under another mark; what else its owner keeps in that field stays."""
        if not self.shape.marks:
            return self
        kept = [{k: v for k, v in value.items() if k not in ("action", "label")} for value in self.fields.get(MARK, [])]
        ours = [{"action": mark.action, "label": mark.label}] if mark.action else []
        fields = {name: values for name, values in self.fields.items() if name != MARK}
        marks = [value for value in kept if value] + ours
        return Stored(shape=self.shape, fields=fields | ({MARK: marks} if marks else {}))

    def document(self) -> tantivy.Document:
        """The document, to be added."""
        made = tantivy.Document()
        for name, values in self.fields.items():
            kind = self.shape.types[name]
            add = getattr(made, _ADD[kind])
            for value in values:
                add(name, _FROM_TEXT[kind](value) if kind in _FROM_TEXT else value)
        return made


def _written(kind: str, values: list[Any]) -> list[Any]:
    if kind not in _ADD:
        raise ApplyError(f"fields of type {kind} are not known here")
    if kind == "json_object":
        return [_plain(value) for value in values]
    return [_TO_TEXT[kind](value) if kind in _TO_TEXT else value for value in values]


def _plain(value: object) -> object:
    """JSON in which Tantivy has found dates, with the dates written again: it finds them again."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
