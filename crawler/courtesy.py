"""Courtesy: spiders say who they are; against a live host they do not start without a contact."""

from __future__ import annotations

import os
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crawler.listing import CrawlError

CONFIGURATION = Path("delist.toml")
_LONGEST = 200


def find_contact() -> str:
    """Give the operator's contact: DELIST_CONTACT, else `contact` under `[operator]` in delist.toml, else nothing.

    Raises:
        CrawlError: the configuration cannot be read, or the contact does not fit a header.
    """
    contact = os.environ.get("DELIST_CONTACT", "").strip() or _configured()
    if not contact.isascii() or not contact.isprintable() or len(contact) > _LONGEST:
        raise CrawlError("the operator's contact must be one printable ASCII line: a mail address or a page")
    return contact


def user_agent(contact: str) -> str:
    """Name us and whom to write to; `contact` may be empty on loopback only."""
    return f"delist/{our_version()}" + (f" (+{contact})" if contact else "")


def our_version() -> str:
    """Give the installed version of this project."""
    try:
        return version("delist")
    except PackageNotFoundError:
        return "0"


def _configured() -> str:
    try:
        table = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8")).get("operator", {})
    except FileNotFoundError:
        return ""
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CrawlError(f"{CONFIGURATION}: {error}") from None
    contact = table.get("contact", "") if isinstance(table, dict) else None
    if not isinstance(contact, str):
        raise CrawlError(f"{CONFIGURATION}: operator.contact: must be a string")
    return contact.strip()
