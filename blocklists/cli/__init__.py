"""The command `delist`: finds each command's module only when it is called, and turns failures into exit statuses.

Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 the outside world failed, 4 (`check` only) some are listed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from blocklists.cli.place import Place
from blocklists.configuration import ConfigurationError
from blocklists.feed.errors import FeedError
from blocklists.case.errors import RulingError
from blocklists.ledger.errors import LedgerError
from classifiers.taxonomy import ModelError
from crawler.listing import CrawlError

FAILURES = (ConfigurationError, FeedError, RulingError, LedgerError, ModelError, CrawlError)

COMMANDS = {
    "apply": "consuming",
    "check": "consuming",
    "demo": "showing",
    "evaluate": "judging",
    "filter": "filtering",
    "judge": "judging",
    "publish": "publishing",
    "screen": "screening",
    "train": "judging",
    "triage": "desk",
    "verify": "consuming",
}
