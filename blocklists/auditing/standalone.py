"""Verifies the evidence of one case in the folder that it lies in, with nothing but Python: `python verify.py`.

It ends with exit status 0 if every file is the one that was signed, and the case's rows stand in a log that ends with
the signed head; with 1 and a sentence if not. `--key HEX` checks as well whose log it is.
"""

from __future__ import annotations

import hashlib
import json
import runpy
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BESIDE = {"manifest.json", "manifest.sig"}


def sha256(text: str) -> str:
    """Digest of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: object) -> str:
    """The one spelling of a JSON value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def read(name: str) -> Any:  # noqa: ANN401 - any JSON
    """One JSON file of the folder."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def check(holds: object, otherwise: str) -> None:
    """Stop with a sentence where something does not hold.

    Raises:
        SystemExit: it does not.
    """
    if not holds:
        sys.exit(f"NOT VERIFIED: {otherwise}")


def check_files() -> None:
    """Every file is the one that the manifest names, and there is no other."""
    files = read("manifest.json")["files"]
    there = {path.name for path in HERE.iterdir() if path.is_file()}
    check(there == BESIDE | set(files), f"files are missing or too many: {sorted(there ^ (BESIDE | set(files)))}")
    for name, digest in files.items():
        check(hashlib.sha256((HERE / name).read_bytes()).hexdigest() == digest, f"{name} was changed")


def check_signatures(wanted: str | None) -> None:
    """Manifest and head are signed with the same key, the wanted one if one is named."""
    head = read("head.json")
    key = bytes.fromhex(head["public_key"])
    check(wanted in (None, key.hex()), "the bundle is signed with another key than the one you named")
    verify = runpy.run_path(str(HERE / "ed25519.py"))["signature_holds"]
    said = f"delist log {head['number']} {head['hash']}".encode()
    check(verify(key, said, bytes.fromhex(head["signature"])), "the head of the log is not signed with its key")
    whole = b"delist bundle " + hashlib.sha256((HERE / "manifest.json").read_bytes()).hexdigest().encode()
    signature = (HERE / "manifest.sig").read_text(encoding="ascii")
    check(len(signature) == 2 * 64 and verify(key, whole, bytes.fromhex(signature)), "the manifest is not signed")


def check_log() -> dict[int, dict[str, Any]]:
    """The rows lead, link by link, to the signed head; those of the case are returned by number."""
    log, head = read("log.json"), read("head.json")
    number, previous, shown = log["first"], log["previous"], {}
    for row in log["rows"]:
        content = row if isinstance(row, str) else content_of(row)
        if not isinstance(row, str):
            check(row["number"] == number, f"log row {number} calls itself {row['number']}")
            shown[number] = row
        previous = sha256(content + previous)
        number += 1
    check((number - 1, previous) == (head["number"], head["hash"]), "the rows do not lead to the signed head")
    return shown


def content_of(row: dict[str, Any]) -> str:
    """The digest of what one row says."""
    if row["body"] is not None:
        check(sha256(row["body"]) == row["body_sha256"], f"log row {row['number']}: its body was changed")
    parts = (row[k] for k in ("number", "at", "kind", "actor_sha256", "subject", "body_sha256"))
    return sha256(canonical(list(parts)))


def check_decisions(shown: dict[int, dict[str, Any]]) -> None:
    """What the case says was decided is what the rows say."""
    case = read("case.json")
    for said in case["decisions"]:
        row = shown.get(said["number"])
        check(row and row["kind"] == "decision" and row["subject"] == case["case"], "a decision has no row in the log")
        assert row is not None
        check(said["reviewer"] == f"r-{row['actor_sha256'][:8]}" and said["at"] == row["at"], "a decision was changed")
        if row["body"] is not None:
            body = json.loads(row["body"])
            check(all(body[k] == said[k] for k in ("ruling", "reason", "label", "targets")), "a decision was changed")


def main() -> None:
    """Check all, and say what was found."""
    wanted = sys.argv[2] if sys.argv[1:2] == ["--key"] else None
    try:
        check_files()
        check_signatures(wanted)
        shown = check_log()
        check_decisions(shown)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.exit(f"NOT VERIFIED: a file cannot be read: {error!r}")
    head = read("head.json")
    print(f"verified: case {read('case.json')['case']}, {len(shown)} of {head['number']} log rows shown")  # noqa: T201 - a script
    print(f"signed by {head['public_key']}; compare this key, and verify.py, with what the house publishes")  # noqa: T201 - same


if __name__ == "__main__":
    main()
