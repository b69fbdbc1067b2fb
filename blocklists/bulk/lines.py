"""JSON Lines in byte ranges: every line belongs to exactly one range, the one in which it begins."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from blocklists.bulk.block import TO_THE_END, Block, Broken, Form, Record
from blocklists.bulk.opening import DAMAGED, is_packed, open_source, unpacked
from classifiers.judging import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.bulk.opening import Source

TOO_LONG = f"longer than {LONGEST} bytes"
_PIECE = 1 << 20


def ranges(source: Source, size: int) -> Iterator[Block]:
    """Blocks of `size` bytes; one for a whole file where it is compressed."""
    if is_packed(source.name):
        yield Block(number=0, form=Form.JSONL, source=source.name)
        return
    for start in range(0, source.size, size):
        end = min(start + size, source.size)
        yield Block(number=0, form=Form.JSONL, source=source.name, start=start, end=end)


def read(block: Block) -> Iterator[Record]:
    """The lines that begin in a block; a line too long to read is an error."""
    with open_source(block.source) as raw, unpacked(block.source, raw) as file:
        try:
            at = _first(file, block)
            while (block.end == TO_THE_END or at < block.end) and (line := file.readline(LONGEST + 1)):
                at += len(line)
                if len(line) > LONGEST and not line.endswith(b"\n"):
                    at += _rest(file)
                    yield Broken(TOO_LONG)
                else:
                    yield line.removesuffix(b"\n")
        except DAMAGED as error:
            yield Broken(f"{block.source}: damaged: {error}; nothing after this could be read")


def _first(file: IO[bytes], block: Block) -> int:
    """Go to the first line that begins in the block; no further than its end, however long the line before is."""
    if block.start == 0:
        return 0
    file.seek(block.start - 1)
    at = block.start - 1
    while at < block.end and (piece := file.readline(min(_PIECE, block.end - at))):
        at += len(piece)
        if piece.endswith(b"\n"):
            return at
    return block.end


def _rest(file: IO[bytes]) -> int:
    """Leave out what is left of a line; its length."""
    left = 0
    while piece := file.readline(_PIECE):
        left += len(piece)
        if piece.endswith(b"\n"):
            break
    return left
