"""What somebody outside writes, made fit to be kept: no half characters, no NUL, and no more than somebody reads."""

from __future__ import annotations

from blocklists.intake.errors import IntakeError

LONGEST = 5_000


def cleaned(what: str, text: str) -> str:
    """Clean one text.

    Args:
        what: what it is, for the message.
        text: hostile or not.

    Raises:
        IntakeError: it is longer than anybody reads.
    """
    if len(text) > LONGEST:
        raise IntakeError(f"{what}: {len(text)} characters, {LONGEST} are taken; say it shorter")
    return text.encode(errors="replace").decode().replace("\0", "�").strip()
