"""What of `blocklists.client` a consumer may call: signatures, types and docstrings of its public names."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from blocklists import client
from blocklists.client import queries
from blocklists.feed import consumerkey
from reference.table import code, prose, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HEAD = """# Python

What a consumer may call. It runs on the standard library: `pip install delist`, or the client alone
(`packaging/client`), or one file (`delist vendor`). Made from the code at each build; an example:
[the feed](../feed.md#in-python).

"""
SHOWN: tuple[type, ...] = (client.Feed, client.Hit, queries.QueryHit, consumerkey.ConsumerKey)


def page() -> str:
    """The page."""
    return _HEAD + "".join(map(_one, SHOWN))


def _one(shown: type) -> str:
    where = "blocklists.client" if shown.__name__ in client.__all__ else shown.__module__
    head = f"## {shown.__name__}\n\nFrom `{where}`. {_said(shown)}\n\n"
    return head + _fields(shown) + "".join(_members(shown))


def _fields(shown: type) -> str:
    told = {name: kind for name, kind in getattr(shown, "__annotations__", {}).items() if not name.startswith("_")}
    return table(["field", "type"], [(code(name), code(kind)) for name, kind in told.items()]) if told else ""


def _members(shown: type) -> Iterator[str]:
    for name, kind, _, member in inspect.classify_class_attrs(shown):
        if name.startswith("_"):
            continue
        if isinstance(member, property) and member.fget:
            returned = inspect.signature(member.fget).return_annotation
            yield _entry(shown, name, f": {returned}", _said(member.fget))
        elif "method" in kind:
            function: Callable[..., object] = getattr(member, "__func__", None) or getattr(shown, name)
            yield _entry(shown, name, str(inspect.signature(function)), _said(function))


def _entry(shown: type, name: str, signature: str, said: str) -> str:
    signature = signature.replace("'", "").replace("(self, ", "(").replace("(self)", "()").replace("(cls, ", "(")
    return f"### {shown.__name__}.{name}\n\n```python\n{name}{signature}\n```\n\n{said}\n\n"


def _said(thing: object) -> str:
    """A docstring as Markdown: its sections become lists."""
    text = prose(inspect.getdoc(thing) or "")
    text = re.sub(r"^(Args|Raises|Returns|Attributes|Yields):$", r"**\1**\n", text, flags=re.MULTILINE)
    return re.sub(r"^    (?=\S)", "- ", text, flags=re.MULTILINE)
