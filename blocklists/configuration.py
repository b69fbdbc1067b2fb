"""`delist.toml`: read whole, or refused with every line that is wrong; every value but the contact has a default."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from blocklists.case.priority import Clocks
from blocklists.case.roles import Role
from blocklists.feed.consumerkey import NAME
from blocklists.feed.fields import HELP
from blocklists.settings.lines import lines_of
from blocklists.settings.nearest import unknown
from blocklists.settings.serving import Serve
from blocklists.settings.sharing import Sharing, SharingError, read_sharing
from blocklists.settings.spiders import arguments_of, known_hubs
from blocklists.settings.stating import rules_of
from blocklists.settings.syntax import broken, undecoded
from blocklists.settings.tables import (
    CLOCKS,
    HOURS_OF_A_YEAR,
    TABLES,
    Backups,
    Care,
    Classifier,
    Feed,
    Hub,
    Intake,
    Limits,
    Operator,
    Policy,
    Retention,
    Thresholds,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from blocklists.settings.stating import Rule

__all__ = [
    "Care",
    "Configuration",
    "ConfigurationError",
    "Feed",
    "Hub",
    "Intake",
    "Limits",
    "Policy",
    "Retention",
    "Thresholds",
    "read_configuration",
]

Table = TypeVar("Table")


class ConfigurationError(Exception):
    """Lines of the configuration are not what they should be; a line of the message a mistake, with file and line."""

    status: ClassVar[int] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything an operator may set; `hubs` holds one table a hub, `sharing` one an organisation.

    `people` (name: role) and `consumers` (name: tier) are what the operator wants there to be. What there is stands in
    the ledger; `delist doctor` tells the difference.
    """

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
    backups: Backups = field(default_factory=Backups)
    people: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    consumers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    hubs: Mapping[str, Hub] = field(default_factory=lambda: MappingProxyType({}))
    sharing: Mapping[str, Sharing] = field(default_factory=lambda: MappingProxyType({}))


ROLES: Final = tuple(role.value for role in Role)
TIERS: Final = ("consumer", "partner")
_OTHERS: Final = ("people", "consumers", "hubs", "sharing")
CONTACT: Final = re.compile(r"(?:mailto:)?[^\s@]{1,100}@[^\s@]{1,200}|https?://\S{3,300}")
_PERSON: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_MOST_TOLD: Final = 20


def read_configuration(path: Path) -> Configuration:
    """Read and check one file; a missing file gives every default.

    Raises:
        ConfigurationError: names the file, each line, the key, what is wrong with it and what may stand there.
    """
    try:
        source = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Configuration()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}:{undecoded(error)}") from None
    try:
        document = tomllib.loads(source)
        reader = _Reader(lines=lines_of(source))
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}:{broken(error, source)}") from None
    made = reader.read(document)
    if reader.wrong:
        told = [f"{path}:{line}: {what}" for line, what in sorted(reader.wrong)]
        beyond = [f"{path}: and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
        raise ConfigurationError("\n".join(told[:_MOST_TOLD] + beyond))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads a document; what is wrong is gathered, each with its line."""

    lines: Mapping[tuple[str | int, ...], int]
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def read(self, document: dict[str, Any]) -> Configuration:
        known = [*TABLES, *_OTHERS]
        for name in document.keys() - set(known):
            self.refuse(unknown("table", name, known) + _where(name, ""), name)
        made: dict[str, Any] = {
            name: self.table((name,), kind, document.get(name, {})) for name, kind in TABLES.items()
        }
        if not self.wrong:
            self.together(Configuration(**made))
        return Configuration(
            **made,
            people=self.names(document, "people", _PERSON, ROLES),
            consumers=self.names(document, "consumers", NAME, TIERS),
            hubs=MappingProxyType(dict(self.each(document, "hubs", self.hub))),
            sharing=MappingProxyType(dict(self.each(document, "sharing", self.sharing))),
        )

    def refuse(self, what: str, *path: str) -> None:
        """Note what is wrong under a key; one that is not in the file is told of where its table is."""
        within = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in self.lines), ())
        self.wrong.append((self.lines.get(within, 1), f"{'.'.join(path)}: {what}"))

    def table(self, path: tuple[str, ...], kind: type[Table], values: object) -> Table:
        rules = rules_of(kind, CLOCKS)
        if not isinstance(values, dict):
            self.refuse(f"must be a table: [{'.'.join(path)}]", *path)
            return kind()
        return kind(**{key: value for key, given in values.items() for value in self.value(path, key, given, rules)})

    def value(self, path: tuple[str, ...], key: str, given: object, rules: dict[str, Rule]) -> Iterator[Any]:
        """Yield what is set under one key, if it may be."""
        rule = rules.get(key)
        if rule is None:
            self.refuse(unknown("key", key, rules) + _where(key, path[0]), *path, key)
        elif rule.table:
            yield self.table((*path, key), rule.table, given)
        elif what := rule.wrong(given):
            self.refuse(what, *path, key)
        else:
            yield given

    def together(self, made: Configuration) -> None:
        """Check what no value is wrong about by itself."""
        if made.operator.contact and not CONTACT.fullmatch(made.operator.contact):
            self.refuse("must be a mail address or an http(s) address", "operator", "contact")
        for path, limits in _limits(made.thresholds):
            if limits.urgent and limits.urgent < limits.review:
                self.refuse(f"must not be below review, which is {limits.review:g}", *path, "urgent")
        if made.feed.max_age_days < made.feed.expires_days:
            self.refuse(f"must not be below expires_days, {made.feed.expires_days}", "feed", "max_age_days")
        if made.feed.help and not HELP.fullmatch(made.feed.help):
            self.refuse("must be an https address of at most 300 characters", "feed", "help")
        if wrong := made.serve.wrong():
            self.refuse(wrong[1], "serve", wrong[0])

    def names(
        self, document: dict[str, Any], table: str, name: re.Pattern[str], words: tuple[str, ...]
    ) -> Mapping[str, str]:
        """Read a table of names, each with a word: a person's role, a consumer's tier."""
        given = dict(self.each(document, table, lambda _, value: value))
        for key, word in given.items():
            if not name.fullmatch(key) or key == "local":
                self.refuse(f"no name; one has the form {name.pattern}, and is not local", table, key)
            elif word not in words:
                self.refuse(f"must be one of {', '.join(words)}", table, key)
        return MappingProxyType(given)

    def each(self, document: dict[str, Any], table: str, read: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a reader of any kind
        """Yield what each key of a table was read to be, where it may be."""
        values = document.get(table, {})
        if not isinstance(values, dict):
            self.refuse(f"must be a table: [{table}] or [{table}.NAME]", table)
            return
        for key, value in values.items():
            if (made := read(key, value)) is not None:
                yield key, made

    def sharing(self, name: str, values: object) -> Sharing | None:
        try:
            return read_sharing(name, values)
        except SharingError as error:
            key, what = error.args
            self.refuse(what, "sharing", name, *filter(None, [key]))
            return None

    def hub(self, name: str, values: object) -> Hub | None:
        if name not in known_hubs():
            self.refuse(unknown("hub", name, known_hubs()), "hubs", name)
            return None
        if not isinstance(values, dict):
            self.refuse(f"must be a table named like a spider: [hubs.{name}]", "hubs", name)
            return None
        arguments = dict(values)
        hours = arguments.pop("every_hours", 24)
        if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= HOURS_OF_A_YEAR:
            self.refuse(f"must be from 1 to {HOURS_OF_A_YEAR}, is {ascii(hours)[:60]}", "hubs", name, "every_hours")
        for key, value in arguments.items():
            if key not in arguments_of(name):
                self.refuse(unknown("argument", key, ["every_hours", *sorted(arguments_of(name))]), "hubs", name, key)
            elif not isinstance(value, str) or not value.isprintable():
                self.refuse("spider arguments are strings of one line, in quotes", "hubs", name, key)
        return Hub(every_hours=hours, arguments=MappingProxyType(arguments))


def _limits(thresholds: Thresholds) -> Iterator[tuple[tuple[str, ...], Limits]]:
    """The limits of all labels and of each that has its own, as they hold, under the path that sets them."""
    yield ("thresholds",), thresholds.of("")
    for key, rule in rules_of(Thresholds).items():
        if rule.table and getattr(thresholds, key) != Limits():
            yield ("thresholds", key), thresholds.of(key)


def _where(key: str, table: str) -> str:
    """Where a key stands that was set in a table that has none of the name."""
    its = [name for name, kind in TABLES.items() if name != table and key in rules_of(kind)]
    return f"; {key} is a key of [{its[0]}]" if its else ""
