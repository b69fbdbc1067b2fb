"""Four invented hubs over a year: what is offered there, changes its text, goes, and comes back elsewhere. Seeded.

Texts are composed as the model's training pages are, of the sober sentences in classifiers/data; names are invented.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING

from classifiers import grammar
from classifiers.taxonomy import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

HUBS = ("directory", "huggingface_models", "huggingface_spaces", "civitai")
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
_LANGS = ("en", "en", "en", "de", "es", "fr")
#: Of a hundred things on each hub so many are of each kind; the rest is benign.
_MIX = {
    "directory": {"nudify": 14, "sexual_deepfake": 8, "promotion": 6, "adult": 6, "minor_abuse": 1},
    "huggingface_models": {"nudify": 7, "sexual_deepfake": 6, "sexual_likeness": 12, "adult": 5},
    "huggingface_spaces": {"nudify": 10, "sexual_deepfake": 10, "adult": 4},
    "civitai": {"nudify": 5, "sexual_deepfake": 4, "sexual_likeness": 18, "adult": 12},
}
_HOSTS = {"nudify": 0.25, "sexual_deepfake": 0.22, "sexual_likeness": 0.3, "promotion": 0.15, "minor_abuse": 0.6}
_GROUPS = {"nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion", "adult"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing on a hub: from when until when, what it says since when, and what it truly is."""

    number: int
    hub: str
    name: str
    texts: tuple[tuple[datetime, str, str, str], ...]  # since, title, text, what it truly is
    lang: str
    digest: str
    site: str
    reach: int
    born: datetime
    dies: datetime | None = None
    returns: datetime | None = None

    def is_there(self, at: datetime) -> bool:
        gone = self.dies is not None and at >= self.dies and not (self.returns and at >= self.returns)
        return at >= self.born and not gone

    def says(self, at: datetime) -> tuple[datetime, str, str, str]:
        return [one for one in self.texts if one[0] <= at][-1]

    def truth(self, at: datetime) -> str:
        return self.says(at)[3]


@dataclass
class World:
    """All items of a year, made before it begins."""

    seed: int
    weeks: int
    scale: float
    items: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(f"year {self.seed}")  # noqa: S311 - repeatable chance, no secret
        self.pool = _pool(self.random)
        for hub in HUBS:
            for _ in range(round(30 * self.scale)):
                self._add(hub, BEGIN - timedelta(days=self.random.uniform(1, 60)))
        for week in range(self.weeks):
            for hub in HUBS:
                for _ in range(round(self.random.uniform(2.0, 6.5) * self.scale)):
                    self._add(hub, BEGIN + timedelta(days=7 * week + self.random.uniform(0, 7)))

    def on(self, hub: str, at: datetime) -> list[Item]:
        return [item for item in self.items if item.hub == hub and item.is_there(at)]

    def _add(self, hub: str, born: datetime, like: Item | None = None) -> None:
        number = len(self.items) + 1
        kind = like.texts[0][3] if like else self._kind(hub)
        title, text, lang = self.pool.draw(kind)
        if like and self.random.random() < 0.3:
            title, text, lang = like.texts[0][1], like.texts[0][2], like.lang
        name = f"{grammar.invented_name(self.random).lower()}-{number}"
        likeness = like.digest if like else hashlib.sha256(f"weights {self.seed} {number}".encode()).hexdigest()
        made = Item(
            number=number,
            hub=hub,
            name=name,
            texts=((born - timedelta(days=400), title or name, text, kind),),
            lang=lang,
            digest=likeness if hub in ("huggingface_models", "civitai") else "",
            site=like.site if like and not like.digest else f"https://{name}.example.test/",
            reach=int(10 ** self.random.uniform(0.5, 4.5)),
            born=born,
        )
        self.items.append(self._fate(made))
        if self.items[-1].dies and kind in TARGETS and self.random.random() < 0.75:
            self._move(self.items[-1])

    def _kind(self, hub: str) -> str:
        drawn = self.random.uniform(0, 100)
        for kind, share in _MIX[hub].items():
            drawn -= share
            if drawn < 0:
                return kind
        return "benign"

    def _fate(self, item: Item) -> Item:
        """Some go (what is abuse more often), a few of these come back; some say something else from a day on."""
        kind = item.texts[0][3]
        if self.random.random() < _HOSTS.get(kind, 0.1):
            dies = max(item.born, BEGIN) + timedelta(days=self.random.uniform(5, 110))
            back = dies + timedelta(days=self.random.uniform(20, 60)) if self.random.random() < 0.15 else None
            return replace(item, dies=dies, returns=back)
        if self.random.random() < 0.12:
            since = max(item.born, BEGIN) + timedelta(days=self.random.uniform(10, 120))
            other = "benign" if kind in TARGETS and self.random.random() < 0.4 else kind
            title, text, _ = self.pool.draw(other)
            return replace(item, texts=(*item.texts, (since, title or item.name, text, other)))
        return item

    def _move(self, item: Item) -> None:
        """It turns up again: on a hub of files by the same file, else by the same site."""
        files = ("huggingface_models", "civitai") if item.digest else ("directory", "huggingface_spaces")
        hub = self.random.choices(files, (1, 2) if item.hub == files[0] else (2, 1))[0]
        if item.dies and item.dies < BEGIN + timedelta(weeks=self.weeks):
            self._add(hub, item.dies + timedelta(days=self.random.uniform(1, 25)), like=item)


class _Pool:
    """Texts by what they are, drawn without repeating one while there are others."""

    def __init__(self, rng: random.Random, texts: dict[str, list[tuple[str, str, str]]]) -> None:
        self._random, self._texts = rng, texts
        self._left: dict[str, list[tuple[str, str, str]]] = {kind: [] for kind in texts}

    def draw(self, kind: str) -> tuple[str, str, str]:
        if not self._left[kind]:
            self._left[kind] = self._random.sample(self._texts[kind], len(self._texts[kind]))
        return self._left[kind].pop()


def _pool(rng: random.Random) -> _Pool:
    texts: dict[str, list[tuple[str, str, str]]] = {}
    for kind, title, text, lang in _composed():
        texts.setdefault(kind, []).append((title, text, lang))
    return _Pool(rng, texts)


def _composed() -> Iterator[tuple[str, str, str, str]]:
    folder = resources.files("classifiers") / "data" / "phrases"
    phrases = {
        lang: grammar.parse(lang, (folder / f"{lang}.jsonl").read_text(encoding="utf-8"))
        for lang in dict.fromkeys(_LANGS)
    }
    for turn in range(3):
        for example in grammar.compose(phrases, turn):
            text = example.text
            if len(example.labels) == 1 and len(text.text) >= 90:
                (label,) = example.labels
                yield str(label), text.title, text.text, text.lang or "en"
