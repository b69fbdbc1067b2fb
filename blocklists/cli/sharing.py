"""`delist share`: what other organisations recommend, how we ruled on it, and how they ruled on ours."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.case.roles import Act
from blocklists.cli.publishing import named, who
from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.sharing.asking import Advisers
    from blocklists.sharing.listening import Listening, Look
    from blocklists.sharing.taking import Taken

OUTSIDE = 3  # the exit status when a source failed
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def share() -> None:
    """What other organisations recommend: signals that open cases, never entries ([sharing.NAME] in delist.toml)."""


@share.command()
@click.argument("names", nargs=-1, metavar="[ORG]...")
@click.pass_obj
def take(place: Place, names: tuple[str, ...]) -> None:
    """Look at every list once, or at those named; `delist run` does so in each cycle. Exit status 3 when one failed."""
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - kept out of `delist --help`

    with open_at(place) as ledger:
        listening = _listening(place, ledger)
        _check(listening, names)
        advisers, failed = listening.advisers()
        status = said(failed) + said(listening.look(advisers, names))
    if status:
        raise click.exceptions.Exit(OUTSIDE)


@share.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an organisation.")
@click.pass_obj
def list_organisations(place: Place, *, as_json: bool) -> None:
    """Say of each organisation what stands of its recommendations, and how it and we ruled on each other's."""
    from blocklists.ledger import recommendations  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        listening = _listening(place, ledger)
        for org in sorted({*listening.configuration.sharing, *recommendations.organisations(ledger)}):
            row = {"org": org, **_counts(listening, org)}
            click.echo(json.dumps(row) if as_json else plain(", ".join(f"{k} {v}" for k, v in row.items())))


@share.command()
@click.argument("org")
@click.option("--output", type=_FILE, help="A file that only you can read; else stdout.")
@named
@click.pass_obj
def report(place: Place, org: str, output: Path | None, person: str | None) -> None:
    """Write our answers to an organisation: JSON Lines of how we ruled on what it recommended, by digest.

    Takes a lead or a publisher, once there is one.
    """
    from blocklists.client.replacing import replacing  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger import chain, recommendations  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same
    from blocklists.sharing import answering  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        listening = _listening(place, ledger)
        _check(listening, [org])
        by, heard = who(ledger, person, Act.EXPORT), listening.heard(org)
        text = "".join(map(answering.line, answering.answers(heard)))
        body = {"answered": text.count("\n") - 1, "digest": chain.digest_of(text)}
        with ledger.write():
            chain.append(ledger, kind=recommendations.KIND, actor=by, subject=org, body=body, at=heard.at)
    if output is None:
        click.echo(text, nl=False)
        return
    with replacing(output, mode=0o600) as file:
        file.write(text.encode("ascii"))


@share.command()
@click.argument("org")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def read(place: Place, org: str, file: Path) -> None:
    """Read an organisation's answers to us; what it lists because we do is no reason for us to list it."""
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.sharing import answering, saying  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        listening = _listening(place, ledger)
        _check(listening, [org])
        with file.open("rb") as opened:
            found = answering.read(listening.heard(org), opened.read(saying.LARGEST + 1))
    click.echo(f"{org}: {', '.join(f'{count} {word}' for word, count in sorted(found.items())) or 'no answers'}")


def said(looks: Iterable[Look]) -> int:
    """Print what came of each look; how many failed is returned."""
    failed = 0
    for look in looks:
        failed += bool(look.failed)
        words = f"failed: {look.failed}" if look.failed else look.warning or (_taken(look.taken) if look.taken else "")
        click.echo(f"sharing {look.org}: {plain(words, keep_newlines=False)}")
    return failed


def advisers_of(place: Place, ledger: Ledger) -> Advisers:
    """The feeds of other organisations that can be asked; of whom not, is said on stderr."""
    advisers, failed = _listening(place, ledger).advisers()
    for look in failed:
        click.echo(plain(f"sharing {look.org}: {look.failed or look.warning}", keep_newlines=False), err=True)
    return advisers


def lost(advisers: Advisers) -> int:
    """Print who could not be asked any more while crawls were screened; how many is returned."""
    for org, why in advisers.failed.items():
        click.echo(f"sharing {org}: nobody was asked: {plain(why, keep_newlines=False)}")
    return len(advisers.failed)


def _taken(taken: Taken) -> str:
    left = "".join(f", {count} left out ({why})" for why, count in sorted(taken.left.items()) if count)
    echoes = f", {taken.echoes} rest on us" if taken.echoes else ""
    return f"{taken.words} new, {taken.retracted} taken back, {taken.opened} cases opened{echoes}{left}"


def _counts(listening: Listening, org: str) -> dict[str, int]:
    from blocklists.ledger import recommendations  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.sharing import answering  # noqa: PLC0415 - same
    from blocklists.sharing.saying import spelt  # noqa: PLC0415 - same
    from blocklists.sharing.taking import Listener  # noqa: PLC0415 - same

    now = datetime.now(UTC)
    held = [word for word, _ in recommendations.of_org(listening.ledger, org)]
    stands = [word for word in held if word.stands(spelt(now))]
    heard = Listener(ledger=listening.ledger, us=listening.us, org=org, now=now)
    ours = Counter(row["answer"] for row in answering.answers(heard) if "answer" in row)
    theirs = Counter(word for _, word in recommendations.answers(listening.ledger, org))
    return {
        "recommended": len(stands),
        "taken_back": len(held) - len(stands),
        "echoes": sum(not word.is_reason(listening.us) for word in stands),
        **{f"we_{word}": ours[word] for word in answering.WORDS},
        **{f"they_{word}": theirs[word] for word in answering.WORDS},
    }


def _listening(place: Place, ledger: Ledger) -> Listening:
    from blocklists.sharing.listening import Listening as Listens  # noqa: PLC0415 - kept out of `delist --help`

    return Listens(place=place, configuration=place.configuration, ledger=ledger)


def _check(listening: Listening, names: Iterable[str]) -> None:
    known = [*listening.configuration.sharing]
    for name in names:
        if name not in known:
            raise click.UsageError(f"{plain(name)}: no [sharing.{plain(name)}]; there are {', '.join(known) or 'none'}")
