"""The evidence of a case verifies in an empty folder with nothing but Python, and not once a byte of it changed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import bundling
from blocklists.ledger import seals, signing
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from pathlib import Path

AT = NOW.isoformat()


def verified(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "verify.py", *words]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)


def unpacked(house: House, case: str, folder: Path) -> Path:
    with house.ledger.write():
        bundling.write(bundling.bundle(house.ledger, case, by="lea", at=AT), folder / "case.zip")
    assert (folder / "case.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(folder / "case.zip") as archive:
        archive.extractall(folder / "case")
    return folder / "case"


@pytest.fixture
def evidence(house: House, tmp_path: Path) -> Path:
    (case,) = house.see(listing("one"))
    (other,) = house.see(listing("other"))
    house.rule("ann", other, "keep")
    house.rule("ann", case)
    house.rule("bob", other, "defer")
    house.rule("bob", case)
    return unpacked(house, case, tmp_path)


def test_it_verifies_alone_and_says_with_which_key(house: House, evidence: Path) -> None:
    done = verified(evidence, "--key", signing.public(house.ledger.path).hex())
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 of 5 log rows shown" in done.stdout
    assert signing.public(house.ledger.path).hex() in done.stdout
    assert verified(evidence, "--key", "00" * 32).returncode == 1


def test_nobody_and_nothing_of_another_case_is_named(evidence: Path) -> None:
    whole = "".join(path.read_text() for path in evidence.iterdir() if path.suffix == ".json")
    case = json.loads((evidence / "case.json").read_text())
    assert [made["ruling"] for made in case["decisions"]] == ["delist", "delist"]
    assert all(made["reviewer"].startswith("r-") for made in case["decisions"])
    for word in ('"ann"', '"bob"', '"lea"', "tool/other"):
        assert word not in whole
    assert "tool/one" in whole


def test_a_changed_byte_of_any_file_is_found(evidence: Path) -> None:
    dice = random.Random(7)  # noqa: S311 - which byte is no secret
    names = sorted(path.name for path in evidence.iterdir() if path.name != "verify.py")
    assert len(names) == 8
    for name in names * 3:
        path = evidence / name
        before = path.read_bytes()
        at = dice.randrange(len(before))
        path.write_bytes(before[:at] + bytes([before[at] ^ 1 << dice.randrange(8)]) + before[at + 1 :])
        done = verified(evidence)
        assert done.returncode == 1, (name, at)
        path.write_bytes(before)
    assert verified(evidence).returncode == 0


def test_a_changed_verifier_a_missing_and_a_further_file_are_found(evidence: Path) -> None:
    script = evidence / "verify.py"
    before = script.read_text()
    script.write_text(before + "# harmless\n")
    assert "verify.py was changed" in verified(evidence).stderr
    script.write_text(before)
    (evidence / "more.json").write_text("{}")
    assert "files are missing or too many" in verified(evidence).stderr
    (evidence / "more.json").unlink()
    (evidence / "verdicts.json").unlink()
    assert "files are missing or too many" in verified(evidence).stderr


def test_of_a_minor_abuse_case_there_is_no_address_and_no_text(house: House, tmp_path: Path) -> None:
    item = listing("grave", title="a title to hide", text="a text to hide " * 9)
    (case,) = house.see(item, label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    house.rule("ann", case, "delist", reason="minor_abuse", targets=(item.url,))
    folder = unpacked(house, case, tmp_path)
    assert verified(folder).returncode == 0
    whole = "".join(path.read_text() for path in folder.iterdir() if path.suffix == ".json")
    for word in ("to hide", "example.test", "directory:grave", "tool/grave"):
        assert word not in whole
