"""Every key of `delist.toml`: its default from the code, what it means from the comments of the commented example."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import Field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from blocklists.configuration import Configuration
from blocklists.settings import Sharing
from blocklists.settings.stating import Rule
from reference.table import code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"^(?:\[(?P<table>[\w.]+)\]|(?P<key>\w+) *=[^#\n]*?)? *(?:# *(?P<said>.*))?$")

_HEAD = """# Configuration

`delist.toml` in the folder where the commands run, or `--config FILE`. It is read whole, or refused with the line that
is wrong (exit status 2). Everything but the contact has a default. Made from the code at each build; the commented
example to copy is [delist.example.toml](../delist.example.toml).

"""
_HUBS = """## thresholds.LABEL, people, consumers

`[thresholds.LABEL]` has `review` and `urgent` for one label. `[people]` names who is to work here in which role,
`[consumers]` who is to be given the feed; `delist doctor` tells the difference from what is.

## hubs.HUB {: #hubs }

One table a hub that `delist run` crawls. `every_hours` is its interval (24 if left out, at most 8760); every other key
is an argument of its spider, a text: see [hubs](../hubs.md).

"""


def page(example: str) -> str:
    """The page, from the text of the commented example."""
    said = comments(example)
    configuration = Configuration()
    tables = [_table(field.name, getattr(configuration, field.name), said) for field in fields(configuration)]
    return _HEAD + "".join(tables) + _HUBS + _sharing() + _ENVIRONMENT


def comments(example: str) -> dict[tuple[str, str], str]:
    """What the example says of each (table, key); of a table itself under the key ''."""
    found: dict[tuple[str, str], str] = {}
    here, above = "", ""
    for line in example.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        here = match["table"] or here
        if match["table"] or match["key"]:
            found[here, match["key"] or ""] = " ".join(filter(None, (above, match["said"] or "")))
            above = ""
        else:
            above = f"{above} {match['said']}".strip() if match["said"] else ""
    return found


def _table(name: str, value: Any, said: dict[tuple[str, str], str]) -> str:  # noqa: ANN401 - one of the tables
    if not is_dataclass(value):
        return ""
    whole = inspect.cleandoc(type(value).__doc__ or "").partition("\nAttributes:\n")[0]
    rows = [
        (code(key.name), code(_written(getattr(value, key.name))), _allowed(key), prose(said.get((name, key.name), "")))
        for key in fields(value)
        if isinstance(getattr(value, key.name), str | int | float)
    ]
    return f"## {name}\n\n{prose(whole.strip())}\n\n" + table(["key", "default", "may be", "means"], rows)


def _allowed(key: Field[Any]) -> str:
    """What may stand there, where that is bounded."""
    rule = key.metadata.get("rule", Rule())
    if rule.words:
        return " or ".join(map(code, rule.words))
    return f"{rule.least:g} to {rule.most:.12g}" if math.isfinite(rule.most) else ""


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _sharing() -> str:
    keys = ", ".join(code(field.name) for field in fields(Sharing))
    return f"""## sharing.ORGANISATION {{: #sharing }}

One table an organisation whose recommendations are heard, called what they call their feed. Keys: {keys}.
What each means: [sharing](../sharing.md).

"""


def _variables() -> Iterator[tuple[str, str]]:
    yield "`DELIST_VAR`", "where everything that a run writes lies, as `--var`"
    yield "`DELIST_AS`", "who acts, as `--as`"
    yield "`DELIST_TOKEN`", "the secret of who acts"
    yield "`DELIST_CONTACT`", "the operator's contact, before that of the file"
    yield "`DELIST_FEED_TOKEN`", "a consumer's token for the server of its feed"
    yield (
        "`DELIST_LOG`",
        "`json`: `screen` and `publish` log one JSON object an event, as [watching](../watching.md#logs) lists",
    )
    yield "`DELIST_LOCK`", "the locked requirements that `delist doctor` compares with"
    yield "`EGRESS_ALLOW`", "`host:port,…` that may be asked although private: tests and loopback hubs"
    yield (
        "`GITHUB_TOKEN`, `HF_TOKEN`, `CIVITAI_TOKEN`, `MODELSCOPE_TOKEN`, `REPLICATE_API_TOKEN`",
        "sent to that hub alone",
    )
    yield (
        "`DELIST_INDEX_USER`, `DELIST_INDEX_PASSWORD`, `DELIST_INDEX_API_KEY`, `DELIST_INDEX_CA`",
        "for a search server",
    )


_ENVIRONMENT = "## Environment\n\n" + table(["variable", "means"], _variables())
