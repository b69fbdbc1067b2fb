"""Who is behind a listing: the accounts, wallets and counters that it names, each one operator's own. Pure.

These keys say that two listings have one owner, not that they are one thing: only a listing that is flagged itself
joins by them. Every pattern reads a text once, whatever the text.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.listing import Listing

PREFIX = "by "
"""With what such a key begins."""

#: A listing that names more accounts of one sort than this is a list of others' accounts; none of them is its own.
_MOST = 3
_LONGEST = 100_000

#: Where accounts are named by the first piece of a path; written before the slash, after which the name follows.
_ACCOUNTS = {
    "telegram": (r"(?:t\.me|telegram\.me|telegram\.dog)/(?:s/)?", r"[a-z][a-z0-9_]{4,31}"),
    "telegram-invite": (r"(?:t\.me|telegram\.me)/(?:joinchat/|\+)", r"[\w-]{10,40}"),
    "discord": (r"(?:discord\.gg|discord(?:app)?\.com/invite)/", r"[\w-]{2,40}"),
    "whatsapp": (r"(?:wa\.me|api\.whatsapp\.com/send\?phone=)/?", r"[0-9]{7,15}"),
    "patreon": (r"patreon\.com/(?:c/)?", r"[\w.-]{2,64}"),
    "ko-fi": (r"ko-fi\.com/", r"[\w-]{2,64}"),
    "buymeacoffee": (r"buymeacoffee\.com/", r"[\w.-]{2,64}"),
    "boosty": (r"boosty\.to/", r"[\w.-]{2,64}"),
    "paypal": (r"(?:paypal\.me|paypal\.com/paypalme)/", r"[\w-]{2,64}"),
    "cashapp": (r"cash\.app/\$", r"[\w-]{2,64}"),
    "subscribestar": (r"subscribestar\.(?:com|adult)/", r"[\w-]{2,64}"),
    "afdian": (r"(?:afdian\.(?:com|net)|ifdian\.net)/a/", r"[\w-]{2,64}"),
    "donationalerts": (r"donationalerts\.com/r/", r"[\w-]{2,64}"),
    "liberapay": (r"liberapay\.com/", r"[\w-]{2,64}"),
}
#: First pieces of a path that are the platform's own.
_RESERVED = frozenset({
    "about", "addemoji", "addlist", "addstickers", "addtheme", "cookie", "contact", "create", "checkout", "discover",
    "explore", "faq", "help", "home", "invite", "joinchat", "legal", "login", "membership", "policy", "posts",
    "pricing", "privacy", "proxy", "search", "setlanguage", "share", "shop", "signup", "socks", "static", "support",
    "terms", "user",
})  # fmt: skip
_EDGE = r"(?<![\w.-])"  # what comes before starts no other host
_SITES = {
    sort: re.compile(rf"{_EDGE}(?:www\.)?{site}({name})(?![\w-])", re.IGNORECASE | re.ASCII)
    for sort, (site, name) in _ACCOUNTS.items()
}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PLAIN = {
    "telegram": re.compile(r"\b(?:telegram|tg)\s{0,3}[:\-]?\s{0,3}@([a-z][a-z0-9_]{4,31})\b", re.IGNORECASE | re.ASCII),
    "mail": re.compile(
        r"(?<![\w.+%-])([\w.+%-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4})(?![\w@-])", re.IGNORECASE | re.ASCII
    ),
    "gumroad": re.compile(rf"{_EDGE}([a-z0-9-]{{2,63}})\.gumroad\.com(?![\w.-])", re.IGNORECASE | re.ASCII),
    "fanbox": re.compile(rf"{_EDGE}([a-z0-9-]{{2,63}})\.fanbox\.cc(?![\w.-])", re.IGNORECASE | re.ASCII),
    "ethereum": re.compile(r"\b(0x[0-9a-f]{40})\b", re.IGNORECASE | re.ASCII),
    "bitcoin": re.compile(r"\b(bc1[ac-hj-np-z02-9]{25,62})\b", re.ASCII),
}
_CHECKED = re.compile(rf"\b([13T][{_BASE58}]{{25,34}})\b", re.ASCII)
_COUNTERS = {
    "google": re.compile(r"\b(G-(?=[A-Z0-9]{0,9}[0-9])[A-Z0-9]{10}|GTM-[A-Z0-9]{6,8}|AW-[0-9]{9,11})\b", re.ASCII),
    "google-ua": re.compile(r"\b(UA-[0-9]{4,10})-[0-9]{1,4}\b", re.ASCII),
    "adsense": re.compile(r"\b(?:ca-)?(pub-[0-9]{16})\b", re.ASCII),
}
#: Names before the @ that nobody answers to, and hosts that nobody has an account at.
_NOBODY = frozenset({"noreply", "no-reply", "donotreply", "do-not-reply", "git", "user", "you", "your", "name"})
_NOWHERE = ("example.com", "example.org", "example.net", "noreply.github.com", "domain.com", "email.com", "sentry.io")


def operators(listing: Listing) -> tuple[str, ...]:
    """The keys of whoever is behind a listing, as far as its text and links tell."""
    text = "\n".join((listing.text[:_LONGEST], *listing.links))
    hub = urlsplit(listing.url).hostname or ""
    keys: list[str] = []
    for sort, names in _by_sort(text, hub).items():
        if len(names) <= _MOST:
            keys += [f"{PREFIX}{sort}:{name}" for name in names]
    return tuple(keys)


def _by_sort(text: str, hub: str) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for sort, name in _named(text):
        if sort != "mail" or _is_somebody(name, hub):
            found.setdefault(sort, {})[name] = None
    return found


def _named(text: str) -> Iterator[tuple[str, str]]:
    for sort, pattern in _SITES.items():
        folds = str if sort in ("discord", "telegram-invite") else str.lower  # invites tell capitals apart
        names = (folds(name).rstrip(".") for name in pattern.findall(text))
        yield from ((sort, name) for name in names if name.lower() not in _RESERVED)
    for sort, pattern in _PLAIN.items():
        yield from ((sort, name.lower().rstrip(".")) for name in pattern.findall(text))
    yield from (("tron" if name[0] == "T" else "bitcoin", name) for name in _CHECKED.findall(text) if _adds_up(name))
    for sort, pattern in _COUNTERS.items():
        yield from ((sort, name) for name in pattern.findall(text))


def _is_somebody(mail: str, hub: str) -> bool:
    """Whether an address is an operator's own: nobody's, and those of the page's own host, are not."""
    who, _, host = mail.partition("@")
    ours = hub == host or hub.endswith(f".{host}") or host.endswith(f".{hub}")
    return who not in _NOBODY and not ours and not any(host == no or host.endswith(f".{no}") for no in _NOWHERE)


def _adds_up(address: str) -> bool:
    """Whether a Base58Check address ends with the checksum of what comes before: words and serial numbers do not."""
    number = 0
    for letter in address:
        number = number * 58 + _BASE58.index(letter)
    if number >= 1 << 200:
        return False
    body, checksum = number.to_bytes(25, "big")[:21], number.to_bytes(25, "big")[21:]
    return hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == checksum
