"""The one error of the ledger, importable without opening a database."""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """The ledger cannot be opened, is newer than this program, is locked, or its chain is broken."""

    status: ClassVar[int] = 1
