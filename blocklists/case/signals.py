"""Facts that are not text and still ask for a person: what a platform says of a model, and what a listing shares. Pure.

A signal is no verdict: it opens a case for review and is shown as what it is. Its words are ours alone, never a
listing's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.listing import Kind

if TYPE_CHECKING:
    from crawler.listing import Listing

LABEL, BAND = "sexual_likeness", "review"
"""What a case is taken for that a signal alone opened."""

_MADE_FROM_PICTURES = frozenset({Kind.MODEL, Kind.DATASET})
_PERSON = frozenset({
    "actor", "actors", "actress", "actresses", "celeb", "celebrities", "celebrity", "celebs", "famous people",
    "famous person", "influencer", "influencers", "instagram model", "kpop idol", "poi", "politician", "politicians",
    "public figure", "public figures", "real people", "real person", "streamer", "youtuber", "名人", "明星", "真人",
    "演员", "网红", "女星", "有名人", "芸能人", "знаменитость", "celebridad", "célébrité",
})  # fmt: skip
_ADULT = frozenset({
    "18+", "adult", "adult content", "erotic", "erotica", "explicit", "not for all audiences", "nsfw", "nude", "nudes",
    "nudity", "porn", "pornography", "r 18", "r18", "sexual", "sexy nsfw", "xxx", "成人", "色情", "裸体",
})  # fmt: skip
_ADULT_FROM = 8
"""From here on Civitai's levels (1, 2, 4, 8, 16, added up) hold sexual material."""
_PARTS = re.compile(r"[\s_\-:]+")


def signals(listing: Listing) -> tuple[str, ...]:
    """What the facts of a listing say that its text need not say; each a sentence without a semicolon."""
    if listing.kind not in _MADE_FROM_PICTURES:
        return ()
    person, adult = _real_person(listing), _adult(listing)
    if not person or not adult:
        return ()
    return (f"its hub says real person ({person}) and adult ({adult})",)


def joined(key: str) -> str:
    """What it says that a listing with a harmless text is, by this key, the same thing as a case."""
    what = "weight file" if key.startswith("is sha256:") else "text" if key.startswith("text ") else "address"
    return f"the same {what} under a text that is clear"


def _real_person(listing: Listing) -> str:
    flagged = "flag" if listing.flags.get("poi") is True else ""
    return flagged or ("tag" if _tags(listing) & _PERSON else "")


def _adult(listing: Listing) -> str:
    if listing.flags.get("sfwOnly") is True:
        return ""
    level = listing.flags.get("nsfwLevel", 0)
    flagged = listing.flags.get("nsfw") is True or (isinstance(level, int) and level >= _ADULT_FROM)
    return "flag" if flagged else ("tag" if _tags(listing) & _ADULT else "")


def _tags(listing: Listing) -> frozenset[str]:
    return frozenset(_PARTS.sub(" ", tag.casefold()).strip() for tag in listing.tags)
