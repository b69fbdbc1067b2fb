"""Whatever an owner and a feed do in whatever order, what is found is what a plain model says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.tantivies import Tantivy, schema

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = ("a", "b", "c")
URLS = {host: f"http://{host}.example.test/" for host in HOSTS}
ADDRESSES = st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True).map(tuple)
STEPS = st.one_of(
    st.tuples(st.just("add"), ADDRESSES),
    st.tuples(st.just("delete"), st.sampled_from(HOSTS)),
    st.tuples(st.just("apply"), st.frozensets(st.sampled_from(HOSTS))),
)
HISTORIES = st.lists(STEPS, min_size=3, max_size=9)


class Model:
    """Documents by their number: their addresses, and whether they are aside."""

    def __init__(self, *, marks: bool) -> None:
        self.marks = marks
        self.live: dict[int, tuple[str, ...]] = {}
        self.aside: dict[int, tuple[str, ...]] = {}
        self.listed: frozenset[str] = frozenset()

    def apply(self, listed: frozenset[str]) -> None:
        self.listed = listed
        if self.marks:
            return
        leaving = {number: hosts for number, hosts in self.live.items() if listed.intersection(hosts)}
        staying = {number: hosts for number, hosts in self.live.items() if number not in leaving}
        kept = {n: hosts for n, hosts in self.aside.items() if hosts not in self.live.values()}
        back = {number: hosts for number, hosts in kept.items() if not listed.intersection(hosts)}
        self.live = staying | back
        self.aside = {n: hosts for n, hosts in kept.items() if n not in back} | leaving

    def found(self) -> list[int]:
        return sorted(n for n, hosts in self.live.items() if not self.listed.intersection(hosts))


def live(steps: list[tuple[str, Any]], folder: Path, *, marks: bool) -> None:
    """Let a history happen to an index and to the model."""
    engine = Tantivy(path=folder / "index", publisher=Publisher(folder / "feed"), state=folder / "state")
    engine.make(schema(marks=marks), [])
    model = Model(marks=marks)
    for number, (step, what) in enumerate(
        [*steps, ("apply", frozenset()), ("apply", frozenset("a")), ("apply", frozenset())]
    ):
        if step == "add":
            engine.write([{"url": [URLS[host] for host in what], "title": "word", "size": number}])
            model.live[number] = what
        elif step == "delete":
            engine.write(delete=[URLS[what]])
            model.live = {n: hosts for n, hosts in model.live.items() if what not in hosts}
        else:
            engine.apply(*(entry(f"{host}.example.test") for host in what))
            model.apply(what)
            query = "word -delist.action:delist" if marks else "word"
            assert Counter(found["size"][0] for found in engine.documents(query)) == Counter(model.found())


@pytest.mark.parametrize("marks", [True, False])
@settings(max_examples=4, deadline=None)
@given(steps=HISTORIES)
def test_what_is_found_is_what_a_plain_model_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]], marks: bool
) -> None:
    live(steps, tmp_path_factory.mktemp("history"), marks=marks)


@pytest.mark.soak
@pytest.mark.parametrize("marks", [True, False])
@settings(max_examples=100, deadline=None)
@given(steps=HISTORIES)
def test_what_is_found_is_what_a_plain_model_says_a_hundred_times(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]], marks: bool
) -> None:
    live(steps, tmp_path_factory.mktemp("history"), marks=marks)
