"""Does the model load, with the operator's word list, and is it the file that was installed?"""

from __future__ import annotations

import base64
import hashlib
import subprocess
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Final

from blocklists.doctor.finding import fail, ok, skipped, warn
from classifiers import artefact
from classifiers.taxonomy import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

_AGAIN: Final = "install this version of Delist again (or delist train, in a checkout)"
_PATIENCE: Final = 60


def model(visit: Visit) -> Iterator[Finding]:
    """The model loads, and the word list that the configuration names."""
    from classifiers.wordlist import load_model  # noqa: PLC0415 - slow to import

    path = artefact.shipped()
    try:
        version = load_model(None, None).version
    except ModelError as error:
        yield fail(str(error), path, _AGAIN)
        return
    yield ok(f"model {version} loads", path)
    if visit.place.config.exists() and not visit.refused and (words := visit.place.wordlist):
        try:
            load_model(None, words)
        except ModelError as error:
            yield fail(str(error), words, f"mend the list, or classifier.wordlist in {visit.place.config}")
        else:
            yield ok("the word list loads", words)


def checksum(_: Visit) -> Iterator[Finding]:
    """The model's file is the one that was installed; in a checkout, the one that belongs to it."""
    yield compared(artefact.shipped(), _installed())


def compared(path: Path, installed: Distribution | None) -> Finding:
    """Compare the model's file with what the installation recorded of it, else with what git did.

    Args:
        path: the file.
        installed: the distribution that brought it, if there is one.
    """
    data = path.read_bytes()
    digest = hashlib.sha256(data).digest()
    what = f"SHA-256 {digest.hex()[:16]}"
    if recorded := _recorded(installed, f"{path.parts[-3]}/{path.parts[-2]}/{path.name}"):
        same = recorded == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return ok(f"as installed, {what}", path) if same else fail(f"is not as installed, {what}", path, _AGAIN)
    tracked = _tracked(path)
    if not tracked:
        return skipped(f"nothing says which file it should be, {what}", path)
    blob = hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
    if blob != tracked:
        return warn(f"is not the one of this checkout, {what}", path, "git checkout it, unless you trained it yourself")
    return ok(f"as in this checkout, {what}", path)


def _tracked(path: Path) -> str:
    """The id under which git knows a file; empty where it does not, or is not there."""
    words = ["git", "-C", str(path.parent), "ls-files", "-s", "--", path.name]
    try:
        asked = subprocess.run(words, capture_output=True, text=True, check=False, timeout=_PATIENCE)  # noqa: S603 - our own words
    except FileNotFoundError:
        return ""
    fields = asked.stdout.split()
    return fields[1] if asked.returncode == 0 and len(fields) > 1 else ""


def _installed() -> Distribution | None:
    try:
        return distribution("delist")
    except PackageNotFoundError:
        return None


def _recorded(installed: Distribution | None, name: str) -> str:
    """The SHA-256 of a file as an installation wrote it down, in its base64; empty where it did not."""
    for file in (installed.files or ()) if installed else ():
        if file.as_posix() == name and file.hash and file.hash.mode == "sha256":
            return file.hash.value
    return ""
