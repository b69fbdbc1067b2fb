"""A text as the model takes it, cut into windows of bounded length so that padding cannot hide a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass

WINDOW = 2000  # code points of the text
_OVERLAP = 200
_TITLE = 300  # code points of the title that every window but the first repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is judged; `lang` is a hint for reports, the model does not need it."""

    title: str
    text: str
    tags: tuple[str, ...] = ()
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A slice of one field that is part of a window: `at` is where it begins in the window, `start` in the field."""

    field: str
    at: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch of a text with its title: what is judged at a time."""

    text: str
    pieces: tuple[Piece, ...]

    def place(self, at: int) -> tuple[str, int]:
        """The field, and the place in it, of a place in the window."""
        for piece in reversed(self.pieces):
            if piece.at <= at:
                break
        return piece.field, at - piece.at + piece.start


def spread(text: Text) -> list[str]:
    """The texts of the windows of `text`."""
    tags = "\n".join(text.tags)
    if _fits(text, tags):
        return [f"{text.title}\n{text.text}\n{tags}"]
    return [window.text for window in windows(text)]


def _fits(text: Text, tags: str) -> bool:
    return len(text.title) <= WINDOW and len(text.text) <= WINDOW and len(tags) <= WINDOW


def windows(text: Text) -> Iterator[Window]:
    """The windows of `text`; nearly always one. Title and tags beyond a window's length become windows too."""
    tags = "\n".join(text.tags)
    if _fits(text, tags):
        yield _window(("title", text.title, 0), ("text", text.text, 0), ("tags", tags, 0))
        return
    head = ("title", text.title[:_TITLE], 0)
    for field, value in (("title", text.title), ("text", text.text), ("tags", tags)):
        said = _TITLE if field == "title" else 0  # by the head
        for start in range(said, len(value), WINDOW - _OVERLAP):
            if start > said and len(value) - start <= _OVERLAP:
                break
            yield _window(head, (field, value[start : start + WINDOW], start))


def _window(*parts: tuple[str, str, int]) -> Window:
    at, pieces = 0, []
    for field, value, start in parts:
        pieces.append(Piece(field=field, at=at, start=start))
        at += len(value) + 1
    return Window(text="\n".join(value for _, value, _ in parts), pieces=tuple(pieces))
