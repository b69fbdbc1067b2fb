"""A report as one page that needs nothing else: no script, nothing from elsewhere, light and dark, for paper too."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.accounting import sections
from blocklists.service.pages import STYLE, paragraph

if TYPE_CHECKING:
    from blocklists.accounting.report import Report


def to_html(report: Report) -> str:
    """The whole page."""
    first, end = report.period.first, report.period.end
    title = f"Transparency report, {first} to {end}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title><style>{_style()}</style></head>'
        f"<body><header><h1>{escape(title)}</h1>{_lead(report)}</header>"
        f"<main>{''.join(sections.every(report))}</main>{_foot(report)}</body></html>\n"
    )


@cache
def _style() -> str:
    return STYLE.decode() + (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """What a browser may do with the page: show it, with the style that is in it."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _lead(report: Report) -> str:
    days = (report.period.end - report.period.first).days
    told = [
        (
            f"What the feed {report.name} was made of in {days} days: from the beginning of {report.period.first} "
            f"until just before {report.period.end}, in UTC. No listing, domain, person or consumer is named."
        )
    ]
    if report.floor > 1:
        told.append(
            f"Counts from 1 to {report.floor - 1} are withheld, and others where one could be worked out from them: *. "
            "In a plot it is a grey part, or left out."
        )
    return "".join(map(paragraph, told))


def _foot(report: Report) -> str:
    return (
        "<footer><p>Counted from the log of the ledger up to row "
        f"{report.row:,}, whose hash is <code>{escape(report.hash[:16])}</code>; whoever has the ledger gets the same "
        "figures when they count again.</p></footer>"
    )
