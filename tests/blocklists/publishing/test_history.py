"""Whatever people rule, take back and publish, in whatever order: a consumer's feed is what the rules say."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from blocklists.case.errors import RulingError
from blocklists.case.standing import standing
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.target import Target
from blocklists.ledger import chain, decisions
from blocklists.ledger.book import open_ledger
from blocklists.triage import ruling

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = ("ann", "bob", "eve")
NAMES = ("one", "two", "three")


class History(RuleBasedStateMachine):
    """A ledger of three cases, a reader that follows every version, and one that sleeps between its visits."""

    make_house: ClassVar[Callable[..., Any]]
    make_listing: ClassVar[Callable[..., Any]]

    def __init__(self) -> None:
        super().__init__()
        self.var = Path(tempfile.mkdtemp(prefix="history-"))
        self.opened = open_ledger(self.var / "ledger.db")
        self.house = type(self).make_house(ledger=self.opened.__enter__(), var=self.var)
        self.cases = dict(zip(NAMES, self.house.see(*(type(self).make_listing(name) for name in NAMES)), strict=True))
        self.published: set[str] = set()
        self.versions = 0

    @rule(
        name=st.sampled_from(NAMES),
        person=st.sampled_from(PEOPLE),
        word=st.sampled_from(["delist", "demote", "keep", "escalate", "defer"]),
        links=st.booleans(),
    )
    def decide(self, name: str, person: str, word: str, *, links: bool) -> None:
        fields = {"links": links} if word in ("delist", "demote") else {}
        self.house.rule(person, self.cases[name], word, **fields)

    @rule(name=st.sampled_from(NAMES), person=st.sampled_from(PEOPLE))
    def take_back(self, name: str, person: str) -> None:
        try:
            ruling.undo(self.house.desk(person), self.cases[name])
        except RulingError as error:
            assert "no decision" in str(error)  # noqa: PT017 - the only refusal there may be

    @rule()
    def publish(self) -> None:
        before = self.versions
        self.versions = self.house.publish().version
        wanted = self.wanted()
        assert self.versions == before + (wanted != self.published or not before or self.versions > before)
        self.published = wanted

    @precondition(lambda self: self.versions)
    @rule(reader=st.sampled_from(["awake", "asleep"]), look=st.booleans())
    def read(self, reader: str, *, look: bool) -> None:
        if reader == "awake" or look:
            key = ConsumerKey.parse((self.var / "keys/consumers/local.json").read_text())
            feed = Feed.open(self.var / "feed/local", key, self.var / reader)
            assert feed.warnings == []
            assert feed.manifest.version == self.versions
            assert {t for t in self.everything() if feed.look_up(Target.parse(t)) is not None} == self.published
            assert len(feed) == len(self.published) + 1  # and the test entry

    @invariant()
    def the_log_only_grows_and_verifies(self) -> None:
        assert chain.verify(self.house.ledger) == chain.head(self.house.ledger)[0]

    def wanted(self) -> set[str]:
        stands = [standing(made).published for _, made in decisions.by_case(self.house.ledger)]
        return {target for held in stands if held for target in held.targets}

    def everything(self) -> set[str]:
        return {t for n in NAMES for t in (f"{n}.example.test/", f"directory.example.test/tool/{n}")}

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)
        shutil.rmtree(self.var)


def test_any_history_reads_as_the_rules_say(house: Any, make_listing: Callable[..., Any]) -> None:  # noqa: ANN401 - the fixture's class
    History.make_house, History.make_listing = type(house), staticmethod(make_listing)
    case = History.TestCase
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    case.settings = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    case().runTest()
