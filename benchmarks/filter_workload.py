"""A million addresses of results over 50,000 hosts by Zipf's law, and the entries that list one in a hundred."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.target import Target, TargetKind

URLS, HOSTS = 1_000_000, 50_000
ON_LISTED, HITS = 0.20, 0.01  # of addresses: on hosts that have some entry; listed
WHOLE = 0.1  # of hits: because the whole host is listed
SECURE, QUERIES = 0.9, 0.4  # of addresses: https; with a query
KINDS = {"exact": 6, "prefix": 2, "query": 2}  # of all other entries
WORDS = ("tools", "app", "photo", "editor", "free", "news", "docs", "blog", "shop", "p", "en", "item", "view", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is filtered and by what; `targets` are the expressions of the entries."""

    urls: list[str]
    targets: list[str]

    def entries(self) -> Iterator[Entry]:
        """The entries, one at a time."""
        for value in self.targets:
            yield Entry(
                target=Target(kind=TargetKind.URL, value=value),
                action=Action.DELIST,
                label="nudify",
                relation=Relation.OFFERS,
                reason="policy",
                review_by=date(2027, 5, 1),
            )


def make(count: int, urls: int = URLS) -> Workload:
    """The same each time for the same numbers of entries and addresses."""
    rng = random.Random(count)  # noqa: S311 - repeatable sampling, not secrecy
    hosts = [_host(place) for place in range(HOSTS)]
    mass = [1 / (rank + 1) for rank in range(HOSTS)]
    rng.shuffle(mass)
    listed = _some(rng, hosts, mass, ON_LISTED)
    whole = set(_some(rng, listed, [mass[hosts.index(h)] for h in listed[:2000]], HITS * WHOLE, total=sum(mass)))
    partly = [host for host in listed if host not in whole]
    paths: dict[str, list[str]] = {}
    for number in range(count - len(whole)):
        paths.setdefault(partly[number % len(partly)], []).append(_entry(rng, partly[number % len(partly)], number))
    targets = [f"{host}/" for host in whole] + [host + path for host, held in paths.items() for path in held]
    drawn = rng.choices(hosts, cum_weights=list(accumulate(mass)), k=urls)
    share = HITS * (1 - WHOLE) / (ON_LISTED - HITS * WHOLE)
    return Workload(urls=[_url(rng, host, paths.get(host, ()), share) for host in drawn], targets=targets)


def _host(place: int) -> str:
    name = f"{WORDS[place % len(WORDS)]}-{place:x}.test"
    return ("", "www.", "", "m.shop.")[place % 4] + name


def _some(rng: random.Random, hosts: Sequence[str], mass: Sequence[float], share: float, total: float = 0) -> list[str]:
    """Hosts at random until together they have a share of all addresses."""
    wanted, found = share * (total or sum(mass)), []
    for place in rng.sample(range(len(mass)), len(mass)):
        if mass[place] <= wanted:
            wanted -= mass[place]
            found.append(hosts[place])
    return found


def _folders(host: str) -> list[str]:
    """The folders of a host, as sites have them: a dozen, up to four deep."""
    rng = random.Random(host)  # noqa: S311 - repeatable sampling, not secrecy
    return ["/" + "".join(f"{rng.choice(WORDS)}/" for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4)))) for _ in range(12)]


def _path(rng: random.Random, host: str) -> str:
    slug = "-".join(rng.choices(WORDS, k=3))
    return f"{rng.choice(_FOLDERS[host])}{slug}-{rng.randrange(16**6):x}"


def _entry(rng: random.Random, host: str, number: int) -> str:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    return _path(rng, host) + f"-{number:x}" + {"exact": "", "prefix": "/", "query": f"?id={number}"}[kind]


_FOLDERS = {host: _folders(host) for host in map(_host, range(HOSTS))}


def _url(rng: random.Random, host: str, held: Sequence[str], share: float) -> str:
    scheme = "https" if rng.random() < SECURE else "http"
    if held and rng.random() < share:
        path = rng.choice(held)
        return f"{scheme}://{host}{path}" + ("page" if path.endswith("/") else "")
    query = f"?ref={rng.choice(WORDS)}&n={rng.randrange(999)}" if rng.random() < QUERIES else ""
    return f"{scheme}://{host}{_path(rng, host)}{query}"
