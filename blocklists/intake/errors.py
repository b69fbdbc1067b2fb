"""What intake refuses, by whose doing; importable without a network or a database."""

from __future__ import annotations

from typing import ClassVar

from blocklists.case.errors import RulingError


class IntakeError(RulingError):
    """A report, an appeal or a proof is not taken; the message says why, and what to do."""


class FloodError(IntakeError):
    """Too many came from one source, or wait on one case; later some are taken again."""


class ProofError(IntakeError):
    """What was found proves nothing."""


class UnreachedError(IntakeError):
    """The outside world failed: nothing was found out, and trying again may help."""

    status: ClassVar[int] = 3
