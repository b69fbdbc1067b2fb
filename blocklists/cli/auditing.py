"""`delist audit` and `delist privacy`: prove the log; hold, expire, seal and hand over evidence; a person's data."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.roles import Act
from blocklists.cli.desk import actor, at_desk
from blocklists.cli.terminal import plain
from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from blocklists.ledger.book import Ledger
    from blocklists.place import Place

_FILE = click.Path(path_type=Path, dir_okay=False)
_KEY = click.option("--key", "key_file", type=_FILE, help="The lead's private key (default: var/keys/lead.key).")
_PASSPHRASE = click.option(
    "--passphrase-env", "variable", metavar="VAR", help="The environment variable that holds the key's passphrase."
)


@click.group()
def audit() -> None:
    """Prove the log; hold, expire, seal and hand over evidence.

    Proving needs nobody's name. Acting needs --as NAME and that person's own secret in DELIST_TOKEN.
    """


@audit.command()
@click.option("--against", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A head kept elsewhere.")
@click.pass_obj
def verify(place: Place, against: Path | None) -> None:
    """Prove the whole log, its signed head, and what lies beside it; name what is not as it was written.

    A head kept elsewhere (`delist audit head`) also finds that log and head were put back to an older state.
    """
    from blocklists.auditing import heads, proving  # noqa: PLC0415 - heavy

    kept = heads.read_head(against) if against else None
    with open_at(place) as ledger:
        found = list(proving.findings(ledger, kept))
        rows = ledger.rows("SELECT count(*) AS n FROM log")[0]["n"]
    for each in found:
        click.echo(f"error: {plain(each, keep_newlines=False)}", err=True)
    click.echo(json.dumps({"rows": rows, "verified": not found, "findings": len(found)}))
    if found:
        raise click.exceptions.Exit(1)


@audit.command()
@click.pass_obj
def head(place: Place) -> None:
    """Print the signed head as JSON, to be kept where nobody who can write the ledger can change it."""
    from blocklists.auditing import heads  # noqa: PLC0415 - heavy

    with open_at(place) as ledger:
        click.echo(heads.head(ledger).dump())


@audit.command()
@click.pass_obj
def expire(place: Place) -> None:
    """Delete the texts of cases whose label's days of [retention] are over; held cases are left alone."""
    from blocklists.auditing.expiring import expire as expire_texts  # noqa: PLC0415 - heavy

    with open_at(place) as ledger:
        _say(asdict(expire_texts(ledger, place.configuration.retention, now=datetime.now(UTC))))


@audit.command()
@click.argument("case")
@click.option("--reason", required=True, help="Why; kept beside the log.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the hold (default: until released).")
@click.option("--release", is_flag=True, help="End the hold.")
@actor
@click.pass_obj
def hold(place: Place, case: str, reviewer: str, reason: str, until: datetime | None, *, release: bool) -> None:
    """Hold a case, so that nothing of it is deleted (leads)."""
    from blocklists.ledger import holds  # noqa: PLC0415 - only here

    day: date | None = until.date() if until else None
    with at_desk(place, reviewer) as desk, desk.ledger.write():
        desk.enter(Act.MANAGE)
        if release:
            holds.release(desk.ledger, case, reason, by=reviewer, at=desk.at)
        else:
            holds.hold(desk.ledger, case, reason, until=day, by=reviewer, at=desk.at)
    _say({"case": case, "held": not release, "until": day.isoformat() if day else None})


@audit.command()
@_PASSPHRASE
@actor
@click.pass_obj
def keys(place: Place, reviewer: str, variable: str | None) -> None:
    """Make the lead's pair of keys, for which addresses are sealed (leads)."""
    from blocklists.ledger import seals  # noqa: PLC0415 - heavy

    with at_desk(place, reviewer) as desk, desk.ledger.write():
        desk.enter(Act.MANAGE)
        path = seals.make_keys(desk.ledger.path, _passphrase(variable))
    click.echo(f"{path}: move this private half away from here; without it no seal opens", err=True)
    _say({"private": str(path), "public": str(path.with_suffix(".pub"))})


@audit.command()
@click.argument("case")
@_KEY
@_PASSPHRASE
@actor
@click.pass_obj
def unseal(place: Place, case: str, reviewer: str, key_file: Path | None, variable: str | None) -> None:
    """Print where the listings of a sealed case are (leads); the log says who asked."""
    with at_desk(place, reviewer) as desk:
        with desk.ledger.write():
            desk.enter(Act.MANAGE)
            opened = _unsealed(
                desk.ledger, case, reviewer, _Key(path=key_file, passphrase=_passphrase(variable)), at=desk.at
            )
        for listing, where in opened.items():
            _say({"listing": listing, **where})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """Where a private key lies, if not where it was made, and its passphrase."""

    path: Path | None
    passphrase: bytes


def _unsealed(ledger: Ledger, case: str, by: str, key: _Key, *, at: str) -> dict[str, dict[str, Any]]:
    from blocklists.ledger import chain, seals  # noqa: PLC0415 - heavy

    private = seals.private_key(key.path or seals.private_file(ledger.path), key.passphrase)
    opened = seals.unseal(ledger, case, private)
    chain.append(ledger, kind="unsealed", actor=by, subject=case, body={"listings": len(opened)}, at=at)
    return opened


def _passphrase(variable: str | None) -> bytes:
    if variable is None:
        return b""
    if not os.environ.get(variable):
        raise click.UsageError(f"{variable}: set it to the key's passphrase")
    return os.environ[variable].encode()


@audit.command()
@click.argument("case")
@click.option("--unseal", "key_file", type=_FILE, help="Add addresses, with this private key of the lead (leads).")
@_PASSPHRASE
@click.option("--handed-over", "theirs", metavar="REFERENCE", help="Say that a hotline has it, under this number.")
@actor
@click.pass_obj
def escalate(place: Place, /, case: str, reviewer: str, **rest: Any) -> None:  # noqa: ANN401 - click's words
    """Prepare the record of a minor_abuse case for a hotline, or say that it was handed over. Nothing is fetched."""
    from blocklists.auditing import escalating  # noqa: PLC0415 - heavy
    from blocklists.triage.reading import pseudonym  # noqa: PLC0415 - same

    reporter = escalating.Reporter(contact=place.configuration.operator.contact, person=pseudonym(reviewer))
    key_file, theirs, passphrase = rest["key_file"], rest["theirs"], _passphrase(rest["variable"])
    with at_desk(place, reviewer) as desk, desk.ledger.write():
        ledger, at = desk.ledger, desk.at
        desk.enter(Act.MANAGE if key_file else Act.REVIEW)
        if theirs:
            row = escalating.hand_over(ledger, case, theirs, by=reviewer, at=at)
            done = {"case": case, "handed_over": theirs, "row": row}
        else:
            opened = (
                _unsealed(ledger, case, reviewer, _Key(path=key_file, passphrase=passphrase), at=at) if key_file else {}
            )
            record = escalating.prepare(ledger, case, reporter, opened=opened, at=at)
            path = escalating.write(ledger, case, record, place.var / "escalations", by=reviewer, at=at)
            done = {"case": case, "record": str(path), "reference": record["referenceNumber"]}
    _say(done)


@audit.command()
@click.argument("case")
@click.option("--out", required=True, type=_FILE, help="The archive to write.")
@actor
@click.pass_obj
def bundle(place: Place, case: str, reviewer: str, out: Path) -> None:
    """Write the evidence of one case as a zip that a third party verifies alone: unpack, then python verify.py."""
    from blocklists.auditing import bundling  # noqa: PLC0415 - heavy

    with at_desk(place, reviewer) as desk, desk.ledger.write():
        desk.enter(Act.AUDIT)
        files = bundling.bundle(desk.ledger, case, by=reviewer, at=desk.at)
        bundling.write(files, out)
    _say({"case": case, "bundle": str(out), "files": len(files)})


@click.group()
def privacy() -> None:
    """Find and erase what is kept about a person (leads)."""


@privacy.command()
@click.argument("who")
@actor
@click.pass_obj
def find(place: Place, who: str, reviewer: str) -> None:
    """List where a name, handle or address occurs: ids, one JSON object a line, never what else stands there."""
    from blocklists.auditing import persons  # noqa: PLC0415 - only here

    with at_desk(place, reviewer) as desk:
        with desk.ledger.write():
            desk.enter(Act.MANAGE)
        found = persons.find(desk.ledger, who)
    for place_found in found:
        _say(asdict(place_found))
    erasable = sum(each.erasable for each in found)
    click.echo(f"{len(found)} places, of which an erasure reaches {erasable}", err=True)


@privacy.command()
@click.argument("who")
@click.option("--reason", required=True, help="Who asked, and by which right; kept beside the log.")
@actor
@click.pass_obj
def erase(place: Place, who: str, reviewer: str, reason: str) -> None:
    """Blacken a person's name, handle or address in texts and listings, delete remarks with it; the log says so."""
    from blocklists.auditing import persons  # noqa: PLC0415 - only here
    from blocklists.ledger import redaction  # noqa: PLC0415 - same

    with at_desk(place, reviewer) as desk, redaction.thorough(desk.ledger, compact=True), desk.ledger.write():
        desk.enter(Act.MANAGE)
        done = persons.erase(desk.ledger, who, reason, by=reviewer, at=desk.at)
    _say(asdict(done))


def _say(record: Mapping[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=True))
