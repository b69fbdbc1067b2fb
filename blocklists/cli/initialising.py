"""`delist init`: what a new operator needs before the first crawl; what is there already stays as it is."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli.placing import FOLDER
from blocklists.cli.terminal import plain
from blocklists.configuration import CONTACT
from blocklists.settings.nearest import unknown
from blocklists.settings.spiders import arguments_of, known_hubs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blocklists.place import Place

    Hubs = dict[str, dict[str, str]]

_ASK_FOR_CONTACT = "Whom may hubs write to? A mail address, or a page that says so"
_ASK_FOR_HUBS = "Which hubs are to be crawled? Names with commas between, or none for now"


def _contact(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (CONTACT.fullmatch(value) and value.isascii() and value.isprintable()):
        raise click.BadParameter("must be a mail address or an http(s) address")
    return value


def _hubs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> Hubs:
    """Read `HUB` and `HUB:ARGUMENT=VALUE`, each as often as it is given."""
    found: Hubs = {}
    for value in values:
        name, _colon, setting = value.partition(":")
        if name not in known_hubs():
            raise click.BadParameter(f"{name[:80]}: {unknown('hub', name, known_hubs())}")
        arguments = found.setdefault(name, {})
        if setting:
            key, argument = _pair(name, setting)
            arguments[key] = argument
    for name, arguments in found.items():
        if wrong := _refused(name, arguments):
            raise click.BadParameter(f"{wrong}; give it as --hub {name}:ARGUMENT=VALUE, docs/hubs.md says which")
    return found


def _pair(hub: str, setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    if not equals or not value.isprintable():
        raise click.BadParameter(f"{hub}: wants ARGUMENT=VALUE of one line")
    if key not in arguments_of(hub):
        raise click.BadParameter(f"{hub}: {unknown('argument', key, sorted(arguments_of(hub)))}")
    return key, value


def _refused(hub: str, arguments: Mapping[str, str]) -> str:
    """What the hub's spider says against its arguments; empty where it takes them, or reads others' crawls."""
    from scrapy.settings import Settings  # noqa: PLC0415 - slow to import
    from scrapy.spiderloader import SpiderLoader  # noqa: PLC0415 - same

    from crawler.listing import CrawlError  # noqa: PLC0415 - same

    if "file" in arguments:
        return ""
    spider = SpiderLoader(Settings({"SPIDER_MODULES": ["crawler.spiders"]})).load(hub)
    try:
        spider(**arguments)
    except (CrawlError, OSError) as error:
        return plain(str(error), keep_newlines=False)
    return ""


@click.command()
@click.argument("folder", metavar="[DIR]", type=FOLDER, default=Path())
@click.option("--contact", callback=_contact, help="Whom hubs may write to: a mail address or a page.")
@click.option(
    "--hub", "hubs", multiple=True, callback=_hubs, metavar="HUB[:ARGUMENT=VALUE]", help="A hub to crawl; repeat it."
)
@click.pass_obj
def init(place: Place, folder: Path, contact: str | None, hubs: Hubs) -> None:
    """Set up a folder: delist.toml with everything that may be set, and var/ with ledger and keys.

    On a terminal it asks what is missing; elsewhere --contact is required where there is no delist.toml. Nothing that
    is there is changed: run it again, and it makes what is missing.
    """
    from blocklists.settingup import set_up  # noqa: PLC0415 - loads the ledger and the keys

    there = replace(place, var=folder / place.var, config=folder / place.config)
    if there.config.exists():
        unused = "; --contact and --hub are for a new one" if contact or hubs else ""
        click.echo(f"{plain(str(there.config))}: is there, and stays as it is{unused}", err=True)
        text = None
    else:
        text = _asked(contact, hubs)
    for made in set_up(there, text):
        click.echo(f"{plain(str(made))}: made")
    _say_what_next(there)


def _asked(contact: str | None, hubs: Hubs) -> str:
    """The text of a new configuration; a person at a terminal is asked for what no option says."""
    from blocklists.settings.example import example  # noqa: PLC0415 - only for a new one

    person = sys.stdin.isatty() and sys.stdout.isatty()
    if contact is None:
        if not person:
            raise click.UsageError(f"--contact: {_ASK_FOR_CONTACT[0].lower()}{_ASK_FOR_CONTACT[1:]}")
        contact = click.prompt(_ASK_FOR_CONTACT, value_proc=lambda value: _contact(None, None, value))  # type: ignore[arg-type] # it looks at the value alone
    if not hubs and person:
        hubs = _chosen()
    return example(str(contact), hubs)


def _chosen() -> Hubs:
    """Ask for hubs, and for what their spiders cannot do without."""
    click.echo(f"Hubs: {', '.join(known_hubs())}")
    names = click.prompt(_ASK_FOR_HUBS, default="", show_default=False, value_proc=_names)
    return {name: _arguments(name) for name in names}


def _names(value: str) -> list[str]:
    names = [name for part in value.split(",") if (name := part.strip())]
    for name in names:
        if name not in known_hubs():
            raise click.BadParameter(f"{name[:80]}: {unknown('hub', name, known_hubs())}")
    return list(dict.fromkeys(names))


def _arguments(hub: str) -> dict[str, str]:
    """Ask for arguments until the spider takes them."""
    arguments: dict[str, str] = {}
    while wrong := _refused(hub, arguments):
        click.echo(wrong)
        key, value = click.prompt(f"{hub}: ARGUMENT=VALUE", value_proc=lambda said: _pair(hub, said.strip()))
        arguments[key] = value
    return arguments


def _say_what_next(there: Place) -> None:
    """What to do now, on stderr."""
    options = f"--config {plain(str(there.config))} --var {plain(str(there.var))} "
    here = "" if str(there.config) == "delist.toml" and str(there.var) == "var" else options
    for line in (
        f"next: look through {plain(str(there.config))}, then",
        f"  delist {here}doctor             what is still missing",
        f"  delist {here}run                crawl the hubs, judge, open cases, publish",
        f"  delist {here}triage --as NAME   decide; DELIST_TOKEN holds each person's own secret",
        f"keep a copy of {plain(str(there.keys))} off this machine; docs/operating.md goes on",
    ):
        click.echo(line, err=True)
