"""Text from outside reaches a terminal only through here: control and bidi characters are made visible."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def plain(text: str, *, keep_newlines: bool = True) -> str:
    r"""Make every character that a terminal could act on visible as \xNN or \uNNNN.

    Args:
        text: any text, hostile or not.
        keep_newlines: whether line feeds stay; a cell of a table wants them gone.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(c) if _acts(c, keep_newlines=keep_newlines) else c for c in text)


def _acts(char: str, *, keep_newlines: bool) -> bool:
    return not (char == "\n" and keep_newlines) and unicodedata.category(char) in _HIDDEN


def _shown(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - code ranges


def cell(text: str, width: int) -> str:
    """One line of at most `width` characters, fit for a table."""
    line = plain(" ".join(text.split()), keep_newlines=False)
    return line if len(line) <= width else line[: width - 1] + "…"
