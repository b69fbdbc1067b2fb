"""`delist audit` and `delist privacy`: prove the log; hold, expire, seal and hand over evidence; a person's data."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.roles import Act
from blocklists.cli import sealing
from blocklists.cli.desk import actor, at_desk
from blocklists.cli.sealing import passphrase_option
from blocklists.cli.terminal import plain
from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from blocklists.place import Place

_FILE = click.Path(path_type=Path, dir_okay=False)


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
    """Delete the texts of cases whose label's days of [retention] are over; held cases are left alone.

    What is sealed is taken out of crawl files as well.
    """
    from blocklists.auditing.expiring import expire as expire_texts  # noqa: PLC0415 - heavy
    from blocklists.auditing.withholding import withhold  # noqa: PLC0415 - same
    from crawler.crawlfile import find_crawls  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        gone = asdict(expire_texts(ledger, place.configuration.retention, now=datetime.now(UTC)))
        _say({**gone, "lines": withhold(ledger, find_crawls(place.crawls))})


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
@click.argument("case")
@click.option("--unseal", "key_file", type=_FILE, help="Add addresses, with this private key of the lead (leads).")
@passphrase_option
@click.option("--handed-over", "theirs", metavar="REFERENCE", help="Say that a hotline has it, under this number.")
@actor
@click.pass_obj
def escalate(place: Place, /, case: str, reviewer: str, **rest: Any) -> None:  # noqa: ANN401 - click's words
    """Prepare the record of a minor_abuse case for a hotline, or say that it was handed over. Nothing is fetched."""
    from blocklists.auditing import escalating  # noqa: PLC0415 - heavy
    from blocklists.triage.reading import pseudonym  # noqa: PLC0415 - same

    reporter = escalating.Reporter(contact=place.configuration.operator.contact, person=pseudonym(reviewer))
    key_file, theirs, passphrase = rest["key_file"], rest["theirs"], sealing.passphrase(rest["variable"])
    with at_desk(place, reviewer) as desk, desk.ledger.write():
        ledger, at = desk.ledger, desk.at
        desk.enter(Act.MANAGE if key_file else Act.REVIEW)
        if theirs:
            row = escalating.hand_over(ledger, case, theirs, by=reviewer, at=at)
            done = {"case": case, "handed_over": theirs, "row": row}
        else:
            keys = sealing.private_keys(ledger.path, (key_file,), passphrase) if key_file else []
            opened = sealing.unsealed(ledger, case, reviewer, keys, at=at) if keys else {}
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


for command in (sealing.keys, sealing.unseal, sealing.reseal, sealing.rotate):
    audit.add_command(command)


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
    """Blacken a person's name, handle or address in texts and listings, delete remarks with it; the log says so.

    It is not stored again: a digest of it keeps it out of whatever comes in. `delist privacy allow` ends that.
    """
    from blocklists.auditing import persons  # noqa: PLC0415 - only here
    from blocklists.ledger import redaction  # noqa: PLC0415 - same

    with at_desk(place, reviewer) as desk, redaction.thorough(desk.ledger, compact=True), desk.ledger.write():
        desk.enter(Act.MANAGE)
        done = persons.erase(desk.ledger, who, reason, by=reviewer, at=desk.at)
    _say(asdict(done))


@privacy.command()
@click.argument("who")
@click.option("--reason", required=True, help="Why; kept beside the log.")
@actor
@click.pass_obj
def allow(place: Place, who: str, reviewer: str, reason: str) -> None:
    """Let a name be stored again that was erased: it was a mistake, or the person asks for it. The log says so."""
    from blocklists.auditing import persons  # noqa: PLC0415 - only here

    with at_desk(place, reviewer) as desk, desk.ledger.write():
        desk.enter(Act.MANAGE)
        row = persons.allow(desk.ledger, who, reason, by=reviewer, at=desk.at)
    _say({"allowed": True, "row": row})


def _say(record: Mapping[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=True))
