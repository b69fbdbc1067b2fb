"""Feeds that a consumer opens one after another: what it must take, what it must refuse, and what it then answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from blocklists.conformance.press import BEGUN, DAY, Files
from blocklists.conformance.vector import SOME, STATE, Step, Vector
from blocklists.feed.manifest import written

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY: Final = "keys/pack.json"
_NOTHING: Final = {"listed": False, "shown": True}


@dataclass(slots=True, kw_only=True)
class Scene:
    """One vector in the making, with the feeds that it brings beside the whole one (`whole/1` to `whole/3`)."""

    name: str
    about: str
    feeds: Mapping[str, Files] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def opens(self, feed: str, version: int, *, day: float = 0.5, key: str = KEY) -> Scene:
        """A feed is opened so many days after the first version, and the consumer goes on with this version of it."""
        return self._open(feed, day, key, version=version, refused=False)

    def refuses(self, feed: str, keeps: int | None = None, *, day: float = 0.5, key: str = KEY) -> Scene:
        """A feed is refused; the consumer says why, and goes on with the version that it has, if it has one."""
        return self._open(feed, day, key, version=keeps, refused=True, error=SOME)

    def clean(self, url: str) -> Scene:
        """Nothing is said about an address."""
        return self._check(url, dict(_NOTHING))

    def finds(
        self, url: str, target: str, action: str = "delist", label: str = "nudify", *, relation: str = "offers"
    ) -> Scene:
        """An address is listed by this target, and shown unless it is to be delisted."""
        said = {"action": action, "label": label, "relation": relation, "target": target, "test": False}
        return self._check(url, {"listed": True, "shown": action != "delist", **said})

    def finds_test_entry(self) -> Scene:
        """The test entry is there, and asks nothing of anybody."""
        url = "http://delist-test.example/listed"
        return self._check(url, {"listed": True, "shown": True, "target": "delist-test.example/listed", "test": True})

    def fails(self, url: str) -> Scene:
        """There is no answer, and the consumer says why."""
        return self._check(url, {"error": SOME})

    def hears(self, text: str, phrase: str | None, label: str = "nudify", *, pointer: str | None = None) -> Scene:
        """A search query that holds a phrase, or none; the label `test` asks nothing of anybody."""
        answer: dict[str, Any] = {"listed": phrase is not None, "suppressed": phrase is not None and label != "test"}
        if phrase is not None:
            answer |= {"phrase": phrase, "label": label, "help": pointer}
        self.steps.append(Step(request={"do": "query", "text": text}, answer=answer))
        return self

    def knows_not(self, count: int) -> Scene:
        """The feed opened last holds so many records that this consumer does not understand."""
        last = self.steps[-1]
        self.steps[-1] = Step(request=last.request, answer={**last.answer, "unknown": count})
        return self

    def vector(self) -> Vector:
        """The vector."""
        return Vector(kind="feed", name=self.name, about=self.about, steps=tuple(self.steps))

    def files(self) -> Files:
        """The feeds that it brings, by their place in the pack."""
        return {
            f"feeds/{self.name}/{feed}/{name}": data for feed, all_ in self.feeds.items() for name, data in all_.items()
        }

    def _open(self, feed: str, day: float, key: str, **answer: Any) -> Scene:  # noqa: ANN401 - JSON
        now = written(BEGUN + timedelta(seconds=day * DAY.total_seconds()))
        place = feed if "/" in feed else f"{self.name}/{feed}"
        request = {"do": "open", "feed": f"feeds/{place}", "key_file": key, "state": STATE, "now": now}
        self.steps.append(Step(request=request, answer=answer))
        return self

    def _check(self, url: str, answer: dict[str, Any]) -> Scene:
        self.steps.append(Step(request={"do": "check", "url": url}, answer=answer))
        return self
