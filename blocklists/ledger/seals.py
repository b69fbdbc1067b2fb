"""Seals: where a listing of a `minor_abuse` case is, readable by the holder of a lead's key and by nobody else.

The public half lies with the ledger and is all that screening needs. What is sealed is taken out of the listing; keys
of sameness stay as digests, so that the same thing is recognised when it comes back. So does the id, which says where
the listing is as well as an address does: the listing has a blind one (blinding), and the true one is in the seal.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from blocklists.case.sealing import BLIND_IDS, DROPPED, SEALED, WITHHELD
from blocklists.client.replacing import replace, replacing
from blocklists.ledger import blinding, chain, queue, redaction
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from blocklists.ledger.book import Ledger

KIND = "sealed"
#: How a listing joined that its case began with.
OPENED = "opened it"
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_PEM = serialization.Encoding.PEM
#: Listings whose id is not blind yet; what was sealed under its true id waits until it is seen again.
_CLEAR = f"(listings.id NOT GLOB '{BLIND_IDS}' AND (url <> '' OR listings.id NOT IN (SELECT listing FROM seals)))"  # noqa: S608 - words of ours
_OPEN = f"""
SELECT DISTINCT case_id FROM members JOIN cases ON cases.id = case_id JOIN listings ON listings.id = listing
WHERE label = 'minor_abuse' AND (url <> '' OR coordinate IS NOT NULL OR json_extract(facts, '$.links') IS NOT NULL
    OR json_extract(facts, '$.author') IS NOT NULL OR json_extract(facts, '$.tags') IS NOT NULL
    OR json_extract(facts, '$.id') IS NOT NULL OR {_CLEAR})
ORDER BY case_id
"""  # noqa: S608 - words of ours
_MEMBERS = "SELECT listings.* FROM members JOIN listings ON listings.id = listing WHERE case_id = ?"


def unsealed(ledger: Ledger) -> list[str]:
    """The `minor_abuse` cases that have listings whose address is not sealed yet."""
    return [row["case_id"] for row in ledger.rows(_OPEN)]


def seal_all(ledger: Ledger, *, at: str) -> int:
    """Seal every case that has to be, each in a transaction of its own; how many is returned.

    The lead's pair of keys is made where there is none.

    Raises:
        LedgerError: the lead's public key is none.
    """
    cases = unsealed(ledger)
    if not cases:
        return 0
    key = public_key(ledger.path)
    with redaction.thorough(ledger):
        with ledger.write():
            _blind_ids(ledger, cases, at=at)
        for case in cases:
            with ledger.write():
                seal_case(ledger, case, key, at=at)
    return len(cases)


def seal_case(ledger: Ledger, case: str, key: X25519PublicKey, *, at: str) -> int:
    """Seal the addresses of a case's listings inside the caller's transaction; how many is returned.

    Their texts are withheld, their keys of sameness blinded; the log says so.
    """
    _blind_ids(ledger, [case], at=at)
    members = ledger.rows(f"{_MEMBERS} ORDER BY id", [case])
    for row in members:
        _seal(ledger, row, key)
    _blind(ledger, case)
    left = redaction.replace_texts(ledger, redaction.texts_of(ledger, case), WITHHELD)
    pieces = redaction.silence_verdicts(ledger, [row["id"] for row in members])
    queue.refresh(ledger, [case])
    body = {"listings": len(members), "left": left, "pieces": pieces}
    chain.append(ledger, kind=KIND, actor="delist screen", subject=case, body=body, at=at)
    return len(members)


def _blind_ids(ledger: Ledger, cases: list[str], *, at: str) -> None:
    """Give every listing of some cases a blind id, all at once: each run's verdicts are summed up once."""
    clear = [row["id"] for case in cases for row in ledger.rows(f"{_MEMBERS} AND {_CLEAR} ORDER BY id", [case])]
    if clear:
        blinding.blind(ledger, clear, at=at)


def _seal(ledger: Ledger, row: dict[str, Any], key: X25519PublicKey) -> None:
    facts = json.loads(row["facts"])
    found = {"url": row["url"], "coordinate": row["coordinate"], **facts}
    where = {name: found[name] for name in SEALED if found.get(name)}
    kept = {name: value for name, value in facts.items() if name not in (*SEALED, *DROPPED)}
    if where:
        put(ledger, row["id"], where, key)
    ledger.db.execute(
        "UPDATE listings SET url = '', coordinate = NULL, facts = ? WHERE id = ?", [json.dumps(kept), row["id"]]
    )


def _blind(ledger: Ledger, case: str) -> None:
    """Turn what names the things of a case into digests: its keys of sameness, and by which of them listings joined."""
    for row in ledger.rows("SELECT key FROM sames WHERE case_id = ?", [case]):
        (blind,) = blinding.keys(ledger.path, [row["key"]])
        if blind != row["key"]:
            ledger.db.execute("INSERT OR IGNORE INTO sames VALUES (?, ?)", [blind, case])
            ledger.db.execute("DELETE FROM sames WHERE key = ?", [row["key"]])
    for row in ledger.rows("SELECT listing, joined_by FROM members WHERE case_id = ?", [case]):
        by = row["joined_by"] if row["joined_by"] == OPENED else blinding.keys(ledger.path, [row["joined_by"]])[0]
        ledger.db.execute("UPDATE members SET joined_by = ? WHERE listing = ?", [by, row["listing"]])


def unseal(ledger: Ledger, case: str, *keys: X25519PrivateKey) -> dict[str, dict[str, Any]]:
    """Where the listings of a case are, by the ids that they have here; each opens with one of the lead's keys.

    Raises:
        LedgerError: nothing of the case is sealed, or it was sealed for another key.
    """
    rows = ledger.rows(
        "SELECT seals.listing, sealed FROM seals JOIN members ON members.listing = seals.listing "
        "WHERE case_id = ? ORDER BY seals.listing",
        [case],
    )
    if not rows:
        raise LedgerError(f"case {case}: nothing of it is sealed")
    return {row["listing"]: _opened(row, keys) for row in rows}


def _opened(row: dict[str, Any], keys: Iterable[X25519PrivateKey]) -> dict[str, Any]:
    for key in keys:
        if (opened := opened_with(row, key)) is not None:
            return opened
    raise LedgerError(f"listing {row['listing']}: sealed for another key, or the seal was changed")


def opened_with(row: Mapping[str, Any], key: X25519PrivateKey) -> dict[str, Any] | None:
    """What a row of the seals holds; None if it was sealed for another key, or changed."""
    try:
        opened: dict[str, Any] = json.loads(_SUITE.decrypt(row["sealed"], key, _about(row["listing"])))
    except (InvalidTag, ValueError):
        return None
    return opened


def put(ledger: Ledger, listing: str, where: Mapping[str, Any], key: X25519PublicKey) -> None:
    """Seal what says where a listing is, inside the caller's transaction."""
    sealed = _SUITE.encrypt(chain.canonical(where).encode(), key, _about(listing))
    ledger.db.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", [listing, sealed])


def _about(listing: str) -> bytes:
    """What a seal is bound to: moved to another listing it does not open."""
    return b"delist seal " + listing.encode()


def private_file(ledger: Path) -> Path:
    """Where the private half is made; it belongs into a lead's hands and away from here."""
    return ledger.parent / "keys" / "lead.key"


def public_key(ledger: Path) -> X25519PublicKey:
    """The lead's public key, made with an unprotected private half where there is none.

    Raises:
        LedgerError: the file is there and is no such key.
    """
    path = private_file(ledger).with_suffix(".pub")
    if not path.exists():
        make_keys(ledger)
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, X25519PublicKey):
        raise LedgerError(f"{path}: not the public key of a lead (X25519, PEM)")
    return key


def make_keys(ledger: Path, passphrase: bytes = b"") -> Path:
    """Make the lead's pair of keys, the private half under a passphrase if one is given; its file is returned.

    Raises:
        LedgerError: there is a pair, and addresses may be sealed for it.
    """
    path = private_file(ledger)
    if path.exists() or path.with_suffix(".pub").exists():
        raise LedgerError(
            f"{path.with_suffix('.pub')}: there is a pair of keys; what it sealed opens with no other (--renew makes "
            "a new pair beside it)"
        )
    return _make(path, passphrase)


def renew_keys(ledger: Path, passphrase: bytes = b"") -> Path:
    """Make a new pair for what is sealed from now on; the file of the one before is returned, which opens the rest.

    Raises:
        LedgerError: the present public key is none.
    """
    path, old = private_file(ledger), fingerprint(public_key(ledger))
    before = path.with_name(f"lead-{old}.key")
    replace(before.with_suffix(".pub"), path.with_suffix(".pub").read_bytes())
    if path.exists():
        path.replace(before)
    _make(path, passphrase)
    return before


def fingerprint(key: X25519PublicKey) -> str:
    """By what a public key of a lead is known in the log and in the names of files."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _make(path: Path, passphrase: bytes) -> Path:
    made = X25519PrivateKey.generate()
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(path, mode=0o600) as file:
        file.write(made.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, hidden))
    with replacing(path.with_suffix(".pub"), mode=0o644) as file:
        file.write(made.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    return path


def private_key(path: Path, passphrase: bytes = b"") -> X25519PrivateKey:
    """Read the private half.

    Raises:
        LedgerError: the file is no such key, or the passphrase is not its own.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase or None)
    except FileNotFoundError:
        raise LedgerError(f"{path}: the lead's private key is not here; say where with --key") from None
    except (ValueError, TypeError):
        raise LedgerError(f"{path}: no private key, or not with this passphrase (--passphrase-env)") from None
    if not isinstance(key, X25519PrivateKey):
        raise LedgerError(f"{path}: not the private key of a lead (X25519, PEM)")
    return key
