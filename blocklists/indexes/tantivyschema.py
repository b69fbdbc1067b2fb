"""What a Tantivy index's schema lets us do: find documents by their address, put them back whole, mark them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from blocklists.indexes.errors import ApplyError

if TYPE_CHECKING:
    from pathlib import Path

MARK: Final = "delist"  # the field that bears marks, where a schema has it
_TOKENIZERS: Final = frozenset({"raw", "default", "en_stem", "whitespace"})  # known without the owner's program
_MARK_FIELD: Final = f"add_json_field({MARK!r}, stored=True, tokenizer_name='raw')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One index's schema.

    Attributes:
        types: the kind of each field, by Tantivy's word.
        url: the field that holds addresses.
        marks: whether documents can bear a mark.
        lasting: why documents cannot be put back as they were; empty when they can.
    """

    types: dict[str, str]
    url: str
    marks: bool
    lasting: str

    @classmethod
    def read(cls, path: Path, url: str) -> Self:
        """The schema of an index, as its own `meta.json` says it.

        Raises:
            ApplyError: there is no index, or it has no field by which documents are found by their address.
        """
        fields = {field["name"]: field for field in _schema(path)}
        _check_url(fields, url)
        lasting = [fault for field in fields.values() if (fault := _lasting(field))]
        marks = MARK in fields
        if marks and not _bears_marks(fields[MARK]):
            raise ApplyError(f"field {MARK!r} cannot bear marks; make it with {_MARK_FIELD}, or name it otherwise")
        types = {name: field["type"] for name, field in fields.items()}
        return cls(types=types, url=url, marks=marks, lasting="; ".join(lasting))


def _schema(path: Path) -> list[dict[str, Any]]:
    try:
        meta = json.loads((path / "meta.json").read_bytes())
        schema: list[dict[str, Any]] = meta["schema"]
    except (FileNotFoundError, NotADirectoryError):
        raise ApplyError("no Tantivy index: it has no meta.json") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ApplyError(f"meta.json is not that of a Tantivy index: {error!r}") from None
    return schema


def _check_url(fields: dict[str, dict[str, Any]], url: str) -> None:
    if url not in fields:
        raise ApplyError(f"no field {url!r} among {', '.join(sorted(fields))}; name the addresses' with --url-field")
    field = fields[url]
    if field["type"] != "text" or not field["options"].get("stored") or _tokenizer(field) != "raw":
        raise ApplyError(
            f"field {url!r} must be text, stored and indexed whole (tokenizer 'raw'), since documents are found and"
            f" deleted by it; it is {field['type']}, {'' if field['options'].get('stored') else 'not '}stored,"
            f" tokenizer {_tokenizer(field)!r}"
        )


def _tokenizer(field: dict[str, Any]) -> str | None:
    indexing = field["options"].get("indexing")
    return indexing["tokenizer"] if indexing else None


def _bears_marks(field: dict[str, Any]) -> bool:
    return bool(field["type"] == "json_object" and field["options"].get("stored") and _tokenizer(field) == "raw")


def _lasting(field: dict[str, Any]) -> str:
    """Why what a document has in this field would be lost when it is put back."""
    options = field["options"]
    if not options.get("stored"):
        return f"field {field['name']!r} is not stored"
    fast = options.get("fast")
    for name in (_tokenizer(field), fast.get("with_tokenizer") if isinstance(fast, dict) else None):
        if name not in _TOKENIZERS and name is not None:
            return f"field {field['name']!r} has the tokenizer {name!r}, which only its owner's program knows"
    return ""
