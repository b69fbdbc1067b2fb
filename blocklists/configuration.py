"""`delist.toml`: read whole or refused with the line that is wrong; every value but the contact has a default."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from blocklists.case.priority import Clocks
from blocklists.feed.fields import HELP
from blocklists.settings import SERVE_BOUNDS, Serve, Sharing, SharingError, line_of, read_sharing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Table = TypeVar("Table")


class ConfigurationError(Exception):
    """A line of the configuration is not what it should be; the message names file and line."""

    status: ClassVar[int] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs this: `contact` is an address or a page that spiders name in their user agent."""

    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Scores at which a listing is reviewed and is urgent; 0 leaves the model's own."""

    review: float = 0.0
    urgent: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """`wordlist`: a file of words that escalate a text, as a hotline gives it; relative to the configuration."""

    wordlist: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What two people must see, how long an entry stands before it is looked at again, how long a claim lasts.

    `bulk_at_once` is how many cases one bulk ruling may reach, `golden_rate` the share of cases given out whose answer
    is known.
    """

    high_reach: int = 1000
    review_after_days: int = 180
    claim_minutes: int = 10
    claims_at_once: int = 15
    bulk_at_once: int = 50
    golden_rate: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What protects the people at the desk: when a break is proposed, and how much of the worst a day holds.

    Attributes:
        break_after_reveals: after so many revealed texts ...
        break_after_minutes: ... or so many minutes at the desk.
        minor_abuse_a_day: cases of minor_abuse that one person is given.
    """

    break_after_reveals: int = 25
    break_after_minutes: int = 50
    minor_abuse_a_day: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What holds back floods from outside.

    Attributes:
        reports_a_day: from one source.
        same_report_days: for so long the same report by the same source is the same report.
        open_appeals: on one case that nobody has answered yet.
    """

    reports_a_day: int = 50
    same_report_days: int = 30
    open_appeals: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Days after the last event of a case for which its texts are kept, by its label; `kept` where people kept it."""

    nudify: int = 365
    sexual_deepfake: int = 365
    sexual_likeness: int = 365
    promotion: int = 365
    kept: int = 30
    minor_abuse: int = 0

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

    name: str = "delist"
    expires_days: int = 7
    max_age_days: int = 14
    largest_change: float = 0.2
    free_changes: int = 100
    overlap_days: int = 30
    canaries: int = 8
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """How often a hub is crawled, in hours, and the arguments of its spider."""

    every_hours: int = 24
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything an operator may set; `hubs` holds one table a hub, `sharing` one an organisation."""

    operator: Operator = field(default_factory=Operator)
    thresholds: Thresholds = field(default_factory=Thresholds)
    classifier: Classifier = field(default_factory=Classifier)
    policy: Policy = field(default_factory=Policy)
    clocks: Clocks = field(default_factory=Clocks)
    care: Care = field(default_factory=Care)
    intake: Intake = field(default_factory=Intake)
    retention: Retention = field(default_factory=Retention)
    feed: Feed = field(default_factory=Feed)
    serve: Serve = field(default_factory=Serve)
    hubs: Mapping[str, Hub] = field(default_factory=lambda: MappingProxyType({}))
    sharing: Mapping[str, Sharing] = field(default_factory=lambda: MappingProxyType({}))


_HOURS_OF_A_YEAR = 8760
# (table, key) -> (allowed, what to say); a value outside is refused with its line
_BOUNDS: dict[tuple[str, str], tuple[float, float]] = {
    ("thresholds", "review"): (0, 1),
    ("thresholds", "urgent"): (0, 1),
    ("policy", "high_reach"): (1, 10**12),
    ("policy", "review_after_days"): (1, 3650),
    ("policy", "claim_minutes"): (1, 24 * 60),
    ("policy", "claims_at_once"): (1, 1000),
    ("policy", "bulk_at_once"): (1, 10_000),
    ("policy", "golden_rate"): (0, 0.5),
    **{("clocks", clock.name): (1, _HOURS_OF_A_YEAR) for clock in fields(Clocks)},
    ("care", "break_after_reveals"): (1, 10_000),
    ("care", "break_after_minutes"): (1, 24 * 60),
    ("care", "minor_abuse_a_day"): (0, 10_000),
    ("intake", "reports_a_day"): (1, 100_000),
    ("intake", "same_report_days"): (0, 3650),
    ("intake", "open_appeals"): (1, 10_000),
    **{("retention", label.name): (0, 3650) for label in fields(Retention)},
    ("feed", "expires_days"): (1, 90),
    ("feed", "max_age_days"): (1, 365),
    ("feed", "largest_change"): (0, 1),
    ("feed", "free_changes"): (0, 10**9),
    ("feed", "overlap_days"): (1, 365),
    ("feed", "canaries"): (0, 1000),
    **SERVE_BOUNDS,
}
_TABLES: dict[str, type] = {
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
}
_CONTACT = re.compile(r"(?:mailto:)?[^\s@]{1,100}@[^\s@]{1,200}|https?://\S{3,300}")
_HUB = re.compile(r"[a-z][a-z0-9_]{0,40}")


def read_configuration(path: Path) -> Configuration:
    """Read and check one file; a missing file gives every default.

    Raises:
        ConfigurationError: names the file, the line, the key, and what is wrong with it.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Configuration()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8: {error}") from None
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return _Reader(path=path, source=source).read(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    path: Path
    source: str

    def read(self, document: dict[str, Any]) -> Configuration:
        for name, value in document.items():
            if name not in {*_TABLES, "hubs", "sharing"}:
                raise self.wrong("", name, f"unknown table; known are {', '.join([*_TABLES, 'hubs', 'sharing'])}")
            if not isinstance(value, dict):
                raise self.wrong("", name, "must be a table")
        made: dict[str, Any] = {name: self.table(name, kind, document.get(name, {})) for name, kind in _TABLES.items()}
        self.check(Configuration(**made))
        sharing = self.sharing(document.get("sharing", {}))
        return Configuration(**made, hubs=self.hubs(document.get("hubs", {})), sharing=sharing)

    def check(self, made: Configuration) -> None:
        if made.operator.contact and not _CONTACT.fullmatch(made.operator.contact):
            raise self.wrong("operator", "contact", "must be a mail address or an http(s) address")
        if made.thresholds.urgent and made.thresholds.urgent < made.thresholds.review:
            raise self.wrong("thresholds", "urgent", "must not be below review")
        if made.feed.max_age_days < made.feed.expires_days:
            raise self.wrong("feed", "max_age_days", "must not be below expires_days")
        if made.feed.help and not HELP.fullmatch(made.feed.help):
            raise self.wrong("feed", "help", "must be an https address of at most 300 characters")
        if wrong := made.serve.wrong():
            raise self.wrong("serve", *wrong)

    def table(self, name: str, kind: type[Table], values: dict[str, Any]) -> Table:
        known = {f.name: type(f.default) for f in fields(kind)}  # type: ignore[arg-type] # every table is a dataclass
        for key, value in values.items():
            if key not in known:
                raise self.wrong(name, key, f"unknown key; known are {', '.join(known)}")
            self.check_value(name, key, value, known[key])
        return kind(**values)

    def check_value(self, table: str, key: str, value: object, kind: type) -> None:
        right = isinstance(value, int | float) if kind is float else isinstance(value, kind)
        if not right or isinstance(value, bool):
            raise self.wrong(table, key, f"must be a {'number' if kind is float else kind.__name__}, is {value!r}")
        low, high = _BOUNDS.get((table, key), (float("-inf"), float("inf")))
        if isinstance(value, int | float) and not low <= value <= high:
            raise self.wrong(table, key, f"must be between {low:g} and {high:g}, is {value!r}")
        if isinstance(value, str) and not (value.isprintable() and len(value) <= 300):  # noqa: PLR2004 - a line's worth
            raise self.wrong(table, key, "must be one printable line of at most 300 characters")

    def hubs(self, tables: dict[str, Any]) -> Mapping[str, Hub]:
        return MappingProxyType({name: self.hub(name, values) for name, values in tables.items()})

    def sharing(self, tables: dict[str, Any]) -> Mapping[str, Sharing]:
        try:
            return read_sharing(tables)
        except SharingError as error:
            name, key, what = error.args
            raise self.wrong(f"sharing.{name}", key, what) from None

    def hub(self, name: str, values: object) -> Hub:
        if not _HUB.fullmatch(name) or not isinstance(values, dict):
            raise self.wrong("hubs", name, "must be a table named like a spider: [hubs.github]")
        arguments = dict(values)
        hours = arguments.pop("every_hours", 24)
        if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= _HOURS_OF_A_YEAR:
            raise self.wrong(f"hubs.{name}", "every_hours", f"must be from 1 to {_HOURS_OF_A_YEAR}, is {hours!r}")
        for key, value in arguments.items():
            if not isinstance(value, str) or not value.isprintable():
                raise self.wrong(f"hubs.{name}", key, "spider arguments are strings of one line")
        return Hub(every_hours=hours, arguments=MappingProxyType(arguments))

    def wrong(self, table: str, key: str, what: str) -> ConfigurationError:
        name = f"{table}.{key}" if table else key
        return ConfigurationError(f"{self.path}:{line_of(self.source, table, key)}: {name}: {what}")
