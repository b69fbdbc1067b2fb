"""Rows of tables as JSON objects that a model reads: cells that say nothing are left out, cards become plain text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HUB = "https://huggingface.co/"
CARD_NAMES = {"modelId": "", "datasetId": "datasets/"}
CARD_KINDS = {"modelId": "model", "datasetId": "dataset"}
"""The columns that name a repository in a dump of cards, and the folder of its page."""
_EMPTY_SAYS_NOTHING = frozenset({"url", "lang", "tags"})
_COUNTS = ("downloads", "likes")


def row_of(cells: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The object of one row of CSV. Tags are a JSON list, or words with commas between them."""
    row: dict[str, Any] = {name: cell for name, cell in cells if cell or name not in _EMPTY_SAYS_NOTHING}
    if "tags" in row:
        row["tags"] = _tags(row["tags"])
    return row


def table_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The object of one row of a table whose cells have types. A row of a dump of cards becomes a listing's."""
    made = {name: cell for name, cell in row.items() if cell is not None}
    if isinstance(made.get("tags"), str):
        made["tags"] = _tags(made["tags"])
    elif isinstance(made.get("tags"), list):
        made["tags"] = [tag for tag in made["tags"] if tag is not None]
    name = next((name for name in CARD_NAMES if isinstance(made.get(name), str)), None)
    return _card(made, name) if name and isinstance(made.get("card"), str) else made


def _card(row: dict[str, Any], name: str) -> dict[str, Any]:
    from crawler.modelcard import without_front_matter  # noqa: PLC0415 - only dumps of cards are Markdown
    from crawler.prose import from_markdown  # noqa: PLC0415 - same

    ref, card = row.pop(name), row.pop("card")
    tags = [*(row.get("tags") or ()), *(row[key] for key in ("pipeline_tag", "library_name") if key in row)]
    reach = {count: row[count] for count in _COUNTS if isinstance(row.get(count), int)}
    return {
        "title": ref.rpartition("/")[2],
        "text": from_markdown(without_front_matter(card)),
        "url": f"{HUB}{CARD_NAMES[name]}{ref}",
        **row,
        "kind": CARD_KINDS[name],
        **({"tags": tags} if tags else {}),
        **({"reach": reach} if reach else {}),
    }


def _tags(cell: str) -> object:
    """What a cell says; what is no list of strings stays as it is, for whoever checks the row."""
    if cell.startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return [tag.strip() for tag in cell.split(",") if tag.strip()]
