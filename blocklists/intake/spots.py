"""Where an owner can show that something is theirs: a name in its DNS, a file on its site or in its repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.feed.errors import TargetError
from blocklists.feed.hostname import is_ip
from blocklists.feed.target import Target, TargetKind, refuse_protected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PREFIX = "delist-appeal="
"""What stands before the token, in a TXT record as in a line of a file."""
MOST = 5
_FILE = "delist-appeal.txt"
_REPOSITORIES = {
    "github:": f"https://raw.githubusercontent.com/{{}}/HEAD/{_FILE}",
    "pkg:huggingface/": f"https://huggingface.co/{{}}/raw/main/{_FILE}",
    "huggingface-space:": f"https://huggingface.co/spaces/{{}}/raw/main/{_FILE}",
    "huggingface-dataset:": f"https://huggingface.co/datasets/{{}}/raw/main/{_FILE}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place: `of` is what is proved to be theirs, `record` a name in its DNS, `url` a file."""

    of: str
    record: str | None
    url: str


def spots_of(targets: Iterable[str]) -> tuple[Spot, ...]:
    """Every place at which ownership of some targets can be shown, each once; few at most."""
    found = (spot for name in targets for spot in _spots(Target.parse(name)))
    return tuple(dict.fromkeys(found))[:MOST]


def _spots(target: Target) -> Iterator[Spot]:
    if target.kind is TargetKind.COORDINATE:
        for begins, url in _REPOSITORIES.items():
            if target.value.startswith(begins):
                name = target.value.removeprefix(begins).partition("@")[0]
                yield Spot(of=target.value, record=None, url=url.format(name))
    elif target.host and not _is_platform(target.host):
        record = None if is_ip(target.host) else f"_delist-appeal.{target.host}"
        yield Spot(of=target.host, record=record, url=f"https://{target.host}/.well-known/{_FILE}")


def _is_platform(host: str) -> bool:
    """Whether a host is a platform: its owner is not the owner of one thing on it."""
    try:
        refuse_protected(Target(kind=TargetKind.URL, value=f"{host}/"))
    except TargetError:
        return True
    return False
