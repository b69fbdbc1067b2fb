"""`delist audit keys|unseal|reseal|rotate`: the lead's pair of keys, what is sealed for it, the key of the log."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.roles import Act
from blocklists.cli.desk import actor, at_desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from blocklists.ledger.book import Ledger
    from blocklists.place import Place

_KEYS = click.option(
    "--key",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A private key of the lead; several if some seals are older (default: var/keys/lead.key).",
)
passphrase_option = click.option(
    "--passphrase-env", "variable", metavar="VAR", help="The environment variable that holds the key's passphrase."
)


@click.command()
@passphrase_option
@click.option("--renew", is_flag=True, help="Make a new pair; the one before goes on to open what it sealed.")
@actor
@click.pass_obj
def keys(place: Place, reviewer: str, variable: str | None, *, renew: bool) -> None:
    """Make the lead's pair of keys, for which addresses are sealed (leads)."""
    from blocklists.ledger import chain, seals  # noqa: PLC0415 - heavy

    with at_desk(place, reviewer) as desk, desk.ledger.write():
        desk.enter(Act.MANAGE)
        before = seals.renew_keys(desk.ledger.path, passphrase(variable)) if renew else None
        path = (
            seals.private_file(desk.ledger.path) if renew else seals.make_keys(desk.ledger.path, passphrase(variable))
        )
        made = seals.fingerprint(seals.public_key(desk.ledger.path))
        chain.append(desk.ledger, kind=chain.KEY, actor=reviewer, subject="lead", body={"new": made}, at=desk.at)
    click.echo(f"{path}: move this private half away from here; without it no seal opens", err=True)
    told = {"private": str(path), "public": str(path.with_suffix(".pub")), "key": made}
    _say({**told, "before": str(before)} if before else told)


@click.command()
@click.argument("case")
@_KEYS
@passphrase_option
@actor
@click.pass_obj
def unseal(place: Place, case: str, reviewer: str, key_files: tuple[Path, ...], variable: str | None) -> None:
    """Print where the listings of a sealed case are (leads); the log says who asked."""
    with at_desk(place, reviewer) as desk:
        with desk.ledger.write():
            desk.enter(Act.MANAGE)
            private = private_keys(desk.ledger.path, key_files, passphrase(variable))
            opened = unsealed(desk.ledger, case, reviewer, private, at=desk.at)
        for listing, where in opened.items():
            _say({"listing": listing, **where})


@click.command()
@_KEYS
@passphrase_option
@actor
@click.pass_obj
def reseal(place: Place, reviewer: str, key_files: tuple[Path, ...], variable: str | None) -> None:
    """Seal anew, for the lead's present key, what older keys open (leads); exit status 1 if some stays as it was."""
    from blocklists.auditing import rotating  # noqa: PLC0415 - heavy

    with at_desk(place, reviewer) as desk:
        with desk.ledger.write():
            desk.enter(Act.MANAGE)
        private = private_keys(desk.ledger.path, key_files, passphrase(variable))
        done, left = rotating.reseal(desk.ledger, *private, by=reviewer, at=desk.at)
    _say({"resealed": done, "left": left})
    if left:
        raise click.exceptions.Exit(1)


@click.command()
@actor
@click.pass_obj
def rotate(place: Place, reviewer: str) -> None:
    """Let a new key sign the log (leads); heads that were kept elsewhere verify on. Interrupted: run it again."""
    from blocklists.auditing import rotating  # noqa: PLC0415 - heavy

    with at_desk(place, reviewer) as desk:
        with desk.ledger.write():
            desk.enter(Act.MANAGE)
        _say({"public_key": rotating.rotate(desk.ledger, by=reviewer, at=desk.at)})


def private_keys(ledger: Path, files: Sequence[Path], secret: bytes) -> list[X25519PrivateKey]:
    """Read private keys of the lead, by default the one that lies where it was made.

    Raises:
        LedgerError: one is no such key, or the passphrase is not its own.
    """
    from blocklists.ledger import seals  # noqa: PLC0415 - heavy

    return [seals.private_key(path, secret) for path in files or [seals.private_file(ledger)]]


def unsealed(
    ledger: Ledger, case: str, by: str, private: Sequence[X25519PrivateKey], *, at: str
) -> dict[str, dict[str, Any]]:
    """Where the listings of a case are, inside the caller's transaction; the log says who asked.

    Raises:
        LedgerError: nothing of the case is sealed, or it was sealed for another key.
    """
    from blocklists.ledger import chain, seals  # noqa: PLC0415 - heavy

    opened = seals.unseal(ledger, case, *private)
    chain.append(ledger, kind="unsealed", actor=by, subject=case, body={"listings": len(opened)}, at=at)
    return opened


def passphrase(variable: str | None) -> bytes:
    """The passphrase in an environment variable, if one is named.

    Raises:
        UsageError: there is nothing in it.
    """
    if variable is None:
        return b""
    if not os.environ.get(variable):
        raise click.UsageError(f"{variable}: set it to the key's passphrase")
    return os.environ[variable].encode()


def _say(record: dict[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=True))
