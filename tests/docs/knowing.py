"""Whether a command line that a page shows is one that `delist` would parse: command, subcommands and options exist."""

from __future__ import annotations

import re
import shlex
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING

import click

from blocklists.cli import main
from reference import commands as reference

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDS = {"|", "||", "&&", ";", "&", "(", ")", "|&"}
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_PLACEHOLDER = re.compile(r"^(?:[A-Z]+|…|\.\.\.)$")


def faults(line: str) -> list[str]:
    """What is wrong with the `delist` commands of a line of shell; nothing when all of them exist."""
    return [fault for words in commands(line) for fault in _faults(words)]


def commands(line: str) -> Iterator[list[str]]:
    """The words of every `delist` in a line of shell."""
    for words in _simple(line):
        called = list(dropwhile(_ASSIGNMENT.match, words))
        if called and called[0].rpartition("/")[2] == "delist":
            yield called[1:]


def _simple(line: str) -> Iterator[list[str]]:
    """The simple commands of a line of shell; of a redirection only the file's name is left, as a word."""
    lexer = shlex.shlex(line.replace("$(", " ; ").replace("\\\n", " "), posix=True, punctuation_chars="();&|")
    lexer.commenters = "#"
    words: list[str] = []
    for word in lexer:
        if word in _ENDS:
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _faults(words: list[str]) -> Iterator[str]:
    context = click.Context(main, info_name="delist")
    known = _options(context.command)
    for before, word in pairwise(["", *words]):
        if word.startswith(("<", ">", "2>")):
            continue
        if word.startswith("-") and len(word) > 1:
            if word.partition("=")[0] not in known:
                yield f"{context.command_path} has no option {word}"
        elif isinstance(context.command, click.Group):
            found = context.command.get_command(context, word)
            if found is not None:
                context = click.Context(found, info_name=word, parent=context)
                known |= _options(found)
            elif not (reference.unsaid(context.command) or _PLACEHOLDER.match(word) or before.startswith("-")):
                yield f"{context.command_path} has no command {word}"
                return


def _options(command: click.Command) -> set[str]:
    options = [option for option in command.params if isinstance(option, click.Option)]
    known = {name for option in options for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    default = reference.unsaid(command) if isinstance(command, click.Group) else None
    return known | _options(default) if default else known
