"""What may become of a page that a spider asked for, and what it means for the crawl."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.quota import QuotaLostError
from crawler.textonly import MediaRefusedError, TooLargeError, UnreadableError, is_conditional

if TYPE_CHECKING:
    from scrapy.http import Response

_GONE = frozenset({404, 410})
_NOT_MODIFIED = 304


class Outcome(StrEnum):
    """What may become of a page."""

    GOT = "got"
    UNCHANGED = "unchanged"
    GONE = "gone"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    LOST_TO_QUOTA = "lost_to_quota"
    UNPARSED = "unparsed"
    MEDIA = "media"
    TOO_LARGE = "too_large"


_NO_LOSS = frozenset({Outcome.GONE, Outcome.FORBIDDEN, Outcome.MEDIA})
"""What may befall one listing's own page without anything being missing from what a crawl may read."""


def outcome_of(error: BaseException | None, *, own: bool) -> tuple[Outcome, str | None]:
    """Name what became of a page from the exception that it ended in.

    Args:
        error: the exception.
        own: whether the page is one listing's own.

    Returns:
        The outcome, and its cause where it leaves the crawl incomplete (else None).
    """
    outcome: Outcome = Outcome.REFUSED
    cause: str | None = _name(error)
    match error:
        case HttpError():
            outcome, cause = _of_response(error.response, own=own)
        case QuotaLostError():
            outcome, cause = Outcome.LOST_TO_QUOTA, str(error)
        case MediaRefusedError():
            outcome, cause = Outcome.MEDIA, error.what
        case UnreadableError():
            cause = error.what
        case TooLargeError() | DownloadCancelledError():
            outcome, cause = Outcome.TOO_LARGE, ""
        case IgnoreRequest() if str(error) == "Forbidden by robots.txt":
            outcome, cause = Outcome.FORBIDDEN, "robots.txt"
        case IgnoreRequest() if "DOWNLOAD_MAXSIZE" in str(error):
            outcome, cause = Outcome.TOO_LARGE, ""
        case IgnoreRequest() if str(error).startswith("max redirections"):
            cause = "redirects without end"
        case ValueError() if type(error) is ValueError:
            cause = "a redirect to no address"
    return outcome, None if own and outcome in _NO_LOSS else cause


def _of_response(response: Response, *, own: bool) -> tuple[Outcome, str | None]:
    status, asked = response.status, response.request
    if status == _NOT_MODIFIED and asked is not None and is_conditional(asked):
        return Outcome.UNCHANGED, None
    return (Outcome.GONE if own and status in _GONE else Outcome.REFUSED), f"HTTP {status}"


def _name(error: BaseException | None) -> str:
    name = type(error).__name__
    return f"{type(error).__module__}.{name}" if name == "error" else name.removesuffix("Error")
