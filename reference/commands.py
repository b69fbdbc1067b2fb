"""Every command, argument and option of `delist`, as click knows them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from blocklists.cli import main
from reference.table import code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 6


def every_command() -> Iterator[click.Context]:
    """The context of `delist` and of every command below it, in the order of the alphabet."""
    yield from _below(click.Context(main, info_name="delist"))


def unsaid(group: click.Group) -> click.Command | None:
    """The subcommand that a group takes where the first word names none; None where it takes none."""
    context = click.Context(group, resilient_parsing=True)
    group.parse_args(context, ["what-is-no-subcommand"])
    words = [*context._protected_args, *context.args]  # noqa: SLF001 - where click 8 keeps the first words of a group
    return group.commands.get(words[0])


def page() -> str:
    """The page."""
    head = (
        "# Commands\n\nMade from the code at each build. Standard output is data, standard error is talk; see\n"
        "[exit statuses](exit-statuses.md). `scrapy crawl HUB` is Scrapy's own: [hubs](../hubs.md).\n\n"
    )
    return head + "".join(_section(context) for context in every_command())


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command and not command.hidden:
                yield from _below(click.Context(command, info_name=name, parent=context))


def _section(context: click.Context) -> str:
    words = context.command_path.split()
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    about = prose(inspect.cleandoc(context.command.help or "").partition("\f")[0]).replace("\b\n", "")
    heading = f"{'#' * min(len(words) + 1, _DEEPEST)} {' '.join(words)} {{: #{'-'.join(words)} }}"
    return f"{heading}\n\n```text\n{usage}\n```\n\n{about}\n\n" + _options(context)


def _options(context: click.Context) -> str:
    parameters = [*context.command.params]
    if isinstance(context.command, click.Group) and (default := unsaid(context.command)):
        parameters += default.params
    rows = [_row(context, option) for option in parameters if _shown(option)]
    if not any(given for *_, given in rows):
        return table(["option", "means"], [row[:2] for row in rows]) if rows else ""
    return table(["option", "means", "default"], rows)


def _shown(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and not parameter.hidden and parameter.name != "help"


def _row(context: click.Context, parameter: click.Parameter) -> tuple[str, str, str]:
    option = parameter if isinstance(parameter, click.Option) else click.Option(["--x"])
    names = ", ".join(code(name) for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else f" {code(option.make_metavar(context))}"
    given = option.to_info_dict()["default"]
    plain = isinstance(given, str | int | float) and not option.is_flag
    return names + value, prose(option.help or ""), code(given) if plain else ""
