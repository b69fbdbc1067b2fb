"""What goes wrong with backups."""

from __future__ import annotations

from blocklists.ledger.errors import LedgerError


class BackupError(LedgerError):
    """A backup is not whole, or may not be put where it was asked for; the message says what to do."""
