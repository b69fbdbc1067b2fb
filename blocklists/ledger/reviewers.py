"""Who acts: each person has a name, a role and a secret token; the first use of a free name and a new token binds them.

A person who binds themselves is a reviewer. Other roles are given, by a lead; the first lead is whoever is made one
while there is none.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case import roles
from blocklists.case.errors import RulingError
from blocklists.case.roles import Act, Role
from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "person"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_LANG = re.compile(r"[a-z]{2,3}")
#: Shorter tokens are guessed, not kept.
SHORTEST_TOKEN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works here: the languages they read (all when empty), the labels whose cases they do not want."""

    name: str
    role: Role
    reads: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()


def enter(ledger: Ledger, name: str, token: str, *, at: str) -> bool:
    """Let a person act, inside the caller's transaction; true when this was the name's first use.

    Raises:
        LedgerError: the name or token is malformed, the token is not this name's, or it is somebody else's: one
            person with two names would be two people.
    """
    _check_form(name, token)
    known = ledger.row("SELECT salt, token FROM reviewers WHERE name = ?", [name])
    if known and hmac.compare_digest(_hash(token, known["salt"]), known["token"]):
        return False
    if _owner(ledger, token) is not None:
        raise LedgerError(f"DELIST_TOKEN: this token is not {name}'s; each person has their own")
    if known:
        raise LedgerError(f"DELIST_TOKEN: not the token that {name} used first")
    salt = secrets.token_bytes(16)
    ledger.db.table("reviewers").insert({"name": name, "salt": salt, "token": _hash(token, salt), "since": at})
    return True


def person(ledger: Ledger, name: str) -> Person:
    """Somebody who has entered.

    Raises:
        LedgerError: nobody of this name has.
    """
    row = ledger.row("SELECT name, role, reads, hides FROM reviewers WHERE name = ?", [name])
    if row is None:
        raise LedgerError(f"{name}: nobody of this name works here; a name is bound on its first use")
    return _person(row)


def everybody(ledger: Ledger) -> list[Person]:
    """All who work here, by name."""
    return [_person(row) for row in ledger.rows("SELECT name, role, reads, hides FROM reviewers ORDER BY name")]


def anybody_may(ledger: Ledger, act: Act) -> bool:
    """Whether somebody here has a role that lets them do this; where nobody has, the act is not yet guarded."""
    return any(act in roles.MAY[one.role] for one in everybody(ledger))


def set_role(ledger: Ledger, name: str, role: Role, *, by: str, at: str) -> None:
    """Give somebody a role, inside the caller's transaction.

    Raises:
        LedgerError: nobody of this name works here.
    """
    person(ledger, name)
    ledger.db.execute("UPDATE reviewers SET role = ? WHERE name = ?", [role.value, name])
    chain.append(ledger, kind=KIND, actor=by, subject=name, body={"role": role.value}, at=at)


def give_role(ledger: Ledger, name: str, role: Role, *, by: str, at: str) -> None:
    """Let a lead give somebody a role, inside the caller's transaction; while there is no lead, anybody may name one.

    Whoever gives one has entered. A role that somebody has already is not given again.

    Raises:
        RulingError: it is their own role, or not theirs to give.
        LedgerError: nobody of this name works here.
    """
    giver = person(ledger, by)
    if by == name:
        raise RulingError(f"{name}: nobody changes their own role; another lead does")
    if anybody_may(ledger, Act.MANAGE):
        roles.check(giver.name, giver.role, Act.MANAGE)
    elif role is not Role.LEAD:
        raise RulingError(f"nobody here is a lead yet; make somebody a lead first, who then makes {name} a {role}")
    if person(ledger, name).role is not role:
        set_role(ledger, name, role, by=by, at=at)


def publisher(ledger: Ledger, name: str | None, token: str, *, at: str) -> str | None:
    """Who publishes, checked inside the caller's transaction; None where nobody is named, and nobody needs to be.

    Once somebody is a publisher, only publishers publish.

    Raises:
        RulingError: nobody is named, or somebody who is no publisher.
        LedgerError: they are not who they say.
    """
    return allowed(ledger, Act.PUBLISH, name, token, at=at)


def allowed(ledger: Ledger, act: Act, name: str | None, token: str, *, at: str) -> str | None:
    """Who does what takes a role once somebody has it, checked as a publisher is; None where nobody need be named.

    Raises:
        RulingError: nobody is named, or somebody whose role it is not.
        LedgerError: they are not who they say.
    """
    guarded = anybody_may(ledger, act)
    if name is None:
        if guarded:
            raise RulingError(f"{_TAKES[act]}: --as NAME, and their own secret in DELIST_TOKEN")
        return None
    enter(ledger, name, token, at=at)
    if guarded:
        roles.check(name, person(ledger, name).role, act)
    return name


_TAKES = {
    Act.PUBLISH: "publishing takes a publisher here",
    Act.SUPPLY: "keys take a lead or a publisher here",
    Act.EXPORT: "a plain export takes a lead or a publisher here",
}


def set_wishes(ledger: Ledger, name: str, *, reads: tuple[str, ...], hides: tuple[str, ...]) -> None:
    """Note, inside the caller's transaction, which languages somebody reads and which labels they do not want.

    Raises:
        LedgerError: a language is no code of two or three letters.
    """
    for lang in reads:
        if not _LANG.fullmatch(lang):
            raise LedgerError(f"language {lang!r}: two or three letters, as in en, de, fil")
    wishes = [" ".join(reads), " ".join(hides), name]
    ledger.db.execute("UPDATE reviewers SET reads = ?, hides = ? WHERE name = ?", wishes)


def _person(row: dict[str, str]) -> Person:
    reads, hides = (tuple(row[column].split()) for column in ("reads", "hides"))
    return Person(name=row["name"], role=Role(row["role"]), reads=reads, hides=hides)


def _check_form(name: str, token: str) -> None:
    if not _NAME.fullmatch(name):
        raise LedgerError(f"reviewer {name!r}: a name is 1 to 40 of a-z, 0-9, dot, hyphen, underscore")
    if len(token) < SHORTEST_TOKEN:
        raise LedgerError(f"DELIST_TOKEN: set {name}'s own secret, at least {SHORTEST_TOKEN} characters")


def _owner(ledger: Ledger, token: str) -> str | None:
    for row in ledger.rows("SELECT name, salt, token FROM reviewers ORDER BY name"):
        if hmac.compare_digest(_hash(token, row["salt"]), row["token"]):
            return str(row["name"])
    return None


def _hash(token: str, salt: bytes) -> bytes:
    return hashlib.scrypt(token.encode(), salt=salt, n=2**12, r=8, p=1, dklen=32)
