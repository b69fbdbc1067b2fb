"""The tables of `delist.toml` that hold one value a key: each with its default, its meaning and its bounds."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from blocklists.case.priority import Clocks
from blocklists.settings.serving import Serve
from blocklists.settings.stating import Rule, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

HOURS_OF_A_YEAR: Final = 8760
#: What a case may be opened under.
LABELS: Final = ("nudify", "sexual_deepfake", "sexual_likeness", "promotion", "minor_abuse")
_YEARS: Final = 3650  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs this: `contact` is an address or a page that spiders name in their user agent."""

    contact: str = setting("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Scores from which a listing of one label is reviewed and is urgent; 0 leaves what holds for all."""

    review: float = setting(0.0, least=0, most=1)
    urgent: float = setting(0.0, least=0, most=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Scores from which a listing is reviewed and is urgent; 0 leaves the model's own. A label may have its own.

    A listing is measured by the limits of its leading label, the one that a case of it is opened under. Of
    `minor_abuse` they can be lowered only: what the model flags is escalated whatever stands here.
    """

    review: float = setting(0.0, "0 leaves the model's own thresholds", least=0, most=1)
    urgent: float = setting(0.0, least=0, most=1)
    nudify: Limits = field(default=Limits())
    sexual_deepfake: Limits = field(default=Limits())
    sexual_likeness: Limits = field(default=Limits())
    promotion: Limits = field(default=Limits())
    minor_abuse: Limits = field(default=Limits())

    def of(self, label: str) -> Limits:
        """The limits of one label: its own, and where it has none those of all; 0 is the model's."""
        own: Limits = getattr(self, label) if label in LABELS else Limits()
        return Limits(review=own.review or self.review, urgent=own.urgent or self.urgent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """`wordlist`: a file of words that escalate a text, as a hotline gives it; relative to the configuration."""

    wordlist: str = setting(
        "", "a file of words that a hotline gave you, one a line: a text with one is escalated; never shown"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What two people must see, how long an entry stands before it is looked at again, how long a claim lasts.

    `bulk_at_once` is how many cases one bulk ruling may reach, `golden_rate` the share of cases given out whose answer
    is known.
    """

    high_reach: int = setting(
        1000,
        "downloads, likes, installs, members: from here on, or unknown, `delist` needs two people",
        least=1,
        most=10**12,
    )
    review_after_days: int = setting(
        180, "an entry is looked at again; it stays listed until a person rules", least=1, most=_YEARS
    )
    claim_minutes: int = setting(10, least=1, most=24 * 60)
    claims_at_once: int = setting(15, least=1, most=1000)
    bulk_at_once: int = setting(50, "cases that one bulk ruling may reach", least=1, most=10_000)
    golden_rate: float = setting(0.02, "share of cases given out whose answer is known", least=0, most=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What protects the people at the desk: when a break is proposed, and how much of the worst a day holds.

    Attributes:
        break_after_reveals: after so many revealed texts ...
        break_after_minutes: ... or so many minutes at the desk.
        minor_abuse_a_day: cases of minor_abuse that one person is given.
    """

    break_after_reveals: int = setting(25, "a break is proposed after so many revealed texts ...", least=1, most=10_000)
    break_after_minutes: int = setting(50, "... or so many minutes", least=1, most=24 * 60)
    minor_abuse_a_day: int = setting(10, "cases of minor_abuse that one person is given a day", least=0, most=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What holds back floods from outside.

    Attributes:
        reports_a_day: from one source.
        same_report_days: for so long the same report by the same source is the same report.
        open_appeals: on one case that nobody has answered yet.
    """

    reports_a_day: int = setting(50, "from one source", least=1, most=100_000)
    same_report_days: int = setting(
        30, "for so long the same report by the same source is the same report", least=0, most=_YEARS
    )
    open_appeals: int = setting(20, "on one case that nobody has answered yet", least=1, most=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Days after the last event of a case for which its texts are kept, by its label; `kept` where people kept it."""

    nudify: int = setting(365, least=0, most=_YEARS)
    sexual_deepfake: int = setting(365, least=0, most=_YEARS)
    sexual_likeness: int = setting(365, least=0, most=_YEARS)
    promotion: int = setting(365, least=0, most=_YEARS)
    kept: int = setting(30, "people ruled keep", least=0, most=_YEARS)
    minor_abuse: int = setting(0, "never kept", least=0, most=_YEARS)
    minor_abuse_contacts: int = setting(90, "of who told of it, and their words", least=0, most=_YEARS)

    def days(self, label: str, *, kept: bool) -> int:
        """For how many days the texts of a case are kept."""
        days: int = self.kept if kept else getattr(self, label, self.kept)
        return min(days, self.minor_abuse) if label == "minor_abuse" else days


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How the feed names itself, how long a manifest is good, and how much may change unconfirmed.

    Attributes:
        overlap_days: for so long a key that another replaces goes on, a consumer's or the one that signs.
        canaries: records planted in each consumer's feed, which tell whose copy leaked.
        help: the https address of a page for people who search for what is listed; none where it is empty.
    """

    name: str = setting("delist")
    expires_days: int = setting(7, "a manifest older than this is not taken over", least=1, most=90)
    max_age_days: int = setting(14, "a consumer that cannot update stops trusting what it has", least=1, most=365)
    largest_change: float = setting(
        0.2, "a publication that changes more of the feed than this share wants --confirm ...", least=0, most=1
    )
    free_changes: int = setting(100, "... unless it changes no more entries than this", least=0, most=10**9)
    overlap_days: int = setting(
        30, "a key that another replaces goes on for so long: a consumer's, and the one that signs", least=1, most=365
    )
    canaries: int = setting(
        8, "records planted in each consumer's feed, which tell whose copy leaked", least=0, most=1000
    )
    help: str = setting("", "https address of a page for people who search for what is listed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Where backups are put, a folder each, and how old the newest may be before `delist doctor` says so."""

    folder: str = setting("", "where you put backups, a folder each; empty: backups/ beside the ledger")
    every_hours: int = setting(24, "`delist doctor` says when the newest is older", least=1, most=HOURS_OF_A_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """How often a hub is crawled, in hours, and the arguments of its spider."""

    every_hours: int = 24
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


_CLOCKS: Final = {
    "minor_abuse_hours": "",
    "report_hours": "told of from outside",
    "appeal_hours": "appealed against",
    "urgent_hours": "urgent by its verdict",
    "review_hours": "any other",
}
#: Rules of the clocks, which the rules of cases know nothing about.
CLOCKS: Final = {
    clock.name: Rule(default=clock.default, says=_CLOCKS.get(clock.name, ""), least=1, most=HOURS_OF_A_YEAR)
    for clock in fields(Clocks)
}
#: Tables whose keys are known, in the order in which they are written.
TABLES: Final[dict[str, type]] = {
    "operator": Operator,
    "thresholds": Thresholds,
    "classifier": Classifier,
    "policy": Policy,
    "clocks": Clocks,
    "care": Care,
    "intake": Intake,
    "retention": Retention,
    "feed": Feed,
    "serve": Serve,
    "backups": Backups,
}
