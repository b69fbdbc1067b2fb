"""What 10^6, 10^8 and 10^10 listings cost, and what breaks first: arithmetic on what benchmarks/recorded/ holds.

Prints the tables of docs/scale.md, which a test compares. Every rate is one that a benchmark measured, a ceiling that a
hub documents, or an assumption of the list below, which is printed with the tables.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RECORDED: Final = Path(__file__).parent / "recorded"
SIZES: Final = (10**6, 10**8, 10**10)
DAY: Final = 86_400
KB, GB = 10**3, 10**9

#: Not measured, each with what it stands for: put your own in and run this again.
TEXT_KB: Final = 2.0  # of a listing in a crawl file
FLAGGED: Final = 0.003  # of listings that get a case; by the evaluation 0.1 to 1 % of ordinary ones are flagged
IN_A_CASE: Final = 5  # listings
AN_HOUR: Final = 60  # cases that one person rules on in an hour, two people for each
HOURS: Final = 5.0  # at the desk that one person can bear in a day
LISTED: Final = 0.5  # of cases: ruled to be delisted, demoted or warned of
A_CASE: Final = 1.2  # entries, of those


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """What a hub documents, or our spider keeps to where it says nothing: requests a second and listings for them."""

    name: str
    a_page: float
    lists: float
    texts: float | None
    says: str

    @property
    def listings(self) -> float:
        """Listings a second, with their texts."""
        listed = self.a_page * self.lists
        return listed if self.texts is None else min(listed, self.texts)


HUBS: Final = (
    Hub(name="huggingface", a_page=100, lists=500 / 300, texts=3000 / 300, says="500 lists, 3,000 cards in 5 minutes"),
    Hub(name="github", a_page=100, lists=30 / 60, texts=5000 / 3600, says="30 searches a minute, 5,000 texts an hour"),
    Hub(name="civitai", a_page=50, lists=1, texts=None, says="nothing: 1 request a second, two passes of 100"),
    Hub(name="app_store", a_page=200, lists=1 / 3.5, texts=None, says="about 20 searches a minute, 200 apps at most"),
    Hub(name="modelscope", a_page=50, lists=1, texts=1, says="nothing: 1 request a second"),
    Hub(name="one directory", a_page=1, lists=1, texts=None, says="nothing: 1 page a second"),
)


def rate(benchmark: str, /, **wanted: object) -> dict[str, float]:
    """The one row of a recorded benchmark that has these values."""
    rows = json.loads((RECORDED / f"{benchmark}.json").read_text())["rows"]
    (row,) = (row for row in rows if wanted.items() <= row.items())
    found: dict[str, float] = row
    return found


def a_listing(case: str) -> float:
    """Processor seconds of crawling one listing."""
    row = rate("crawl", case=case)
    return row["ours"] / row["listings"]


def stages(count: int) -> Iterator[tuple[str, str, str]]:
    """What each stage needs for so many listings, and what that is computed from."""
    judged = rate("bulk", name="local, 1 worker")["per_core"]
    ledger = json.loads((RECORDED / "desk.json").read_text())["rows"][0]
    flagged = count * FLAGGED
    cases = flagged / IN_A_CASE
    entries = cases * LISTED * A_CASE
    snapshot = rate("feed", case="bytes a tag, all of the snapshot, bare tag")["ours"]
    publish = rate("feed", case="publish, processor seconds (bound 60)")
    yield "crawl, list APIs", hours(count * a_listing("list API, 100 a page")), "crawl.json"
    yield "crawl, a page of 30 KB each", hours(count * a_listing("HTML pages of 30 KB")), "crawl.json"
    yield "judge", hours(count / judged), "bulk.json"
    yield "crawl files", f"{size(count * TEXT_KB * KB)}", "assumed text"
    yield "ledger", f"{size(flagged * ledger['bytes'] / ledger['listings'])}", "desk.json"
    yield "cases", f"{cases:,.0f}", "assumed share"
    yield "people", f"{2 * cases / AN_HOUR / HOURS:,.0f} days of one person", "assumed pace"
    yield "entries of the feed", f"{entries:,.0f}, {size(entries * snapshot)}", "feed.json"
    yield "publish", hours(entries * publish["ours"] / publish["n"]), "feed.json"


def hours(seconds: float) -> str:
    """Hours of one core, or what reads better."""
    for unit, worth in (("years", 365 * DAY), ("days", DAY), ("h", 3600), ("min", 60)):
        if seconds >= 2 * worth:
            return f"{seconds / worth:,.0f} core {unit}"
    return f"{seconds:.1f} core s"


def size(amount: float) -> str:
    """Bytes as one reads them."""
    for unit, worth in (("TB", 10**12), ("GB", GB), ("MB", 10**6)):
        if amount >= worth:
            return f"{amount / worth:,.1f} {unit}"
    return f"{amount / KB:,.1f} kB"


def days(seconds: float) -> str:
    """Days, or years."""
    return f"{seconds / DAY:,.1f} days" if seconds < 1000 * DAY else f"{seconds / DAY / 365:,.0f} years"


def breaks() -> Iterator[tuple[str, float, str]]:
    """What ends where, in listings: each from a bound that stands elsewhere in docs/scale.md."""
    core = rate("bulk", name="local, 1 worker")["per_core"]
    counts = rate("desk", case="counts, ms")["ours"]
    ledger = json.loads((RECORDED / "desk.json").read_text())["rows"][0]
    a_person = AN_HOUR * HOURS * IN_A_CASE / 2 / FLAGGED
    publish = rate("feed", case="publish, processor seconds (bound 60)")
    entries = publish["n"] * 60 / publish["ours"]
    yield "GitHub's quota for texts, a day", HUBS[1].listings * DAY, "documented ceiling"
    yield "ten people at the desk, a day", 10 * a_person, "assumed pace and share"
    yield "Hugging Face's quota for cards, a day", HUBS[0].listings * DAY, "documented ceiling"
    yield "counts of the desk over 200 ms", ledger["listings"] * 200 / counts / FLAGGED, "desk.json"
    yield "a publication over 60 s", entries / A_CASE / LISTED * IN_A_CASE / FLAGGED, "feed.json"
    yield "two cores judge, a day", 2 * core * DAY, "bulk.json"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def page() -> str:
    """Everything that docs/scale.md shows of this."""
    columns = [list(stages(count)) for count in SIZES]
    need = [[row[0], *(column[place][1] for column in columns), row[2]] for place, row in enumerate(columns[0])]
    quota = [
        [hub.name, hub.says, f"{hub.listings * DAY:,.0f}", *(days(count / hub.listings) for count in SIZES)]
        for hub in HUBS
    ]
    first = [[what, f"{count:,.0f}", source] for what, count, source in sorted(breaks(), key=lambda row: row[1])]
    return "\n\n".join(
        [
            table(["for so many listings", "10^6", "10^8", "10^10", "from"], need),
            table(["hub", "allows", "listings a day", "10^6", "10^8", "10^10"], quota),
            table(["what ends", "at so many listings", "from"], first),
        ]
    )


if __name__ == "__main__":
    print(page())
