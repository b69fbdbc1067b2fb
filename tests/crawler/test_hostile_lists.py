"""Lists without end, and lists that lead back to where they were: a spider that turns pages comes to an end of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.crawler.conftest import Page
from tests.crawler.hostile import MOST_MEMORY, TOOL, crawl, page
from tests.crawler.hub import SPIDERS, Answer, Recording, Target, target_of

if TYPE_CHECKING:
    from tests.crawler.conftest import Site, Spiders

LOOPS = "a hub's next page is one that was read before: its cursor loops"
TURNS = 3
"""How many pages a loop has."""
_TURN = re.compile(r"[?&]turn=(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A list to be followed.

    Attributes:
        hub: the spider's name; where it has a recorded folder with lists, the first of them is what every page shows.
        path: how the list's targets begin.
        arguments: the spider's.
        bound: after how many pages the spider ends an endless list.
        loops: whether the list leads back to its beginning.
    """

    hub: str
    path: str
    arguments: tuple[str, ...]
    bound: int
    loops: bool = False

    @property
    def kind(self) -> str:
        return "a cursor that loops" if self.loops else "endless pagination"

    @property
    def name(self) -> str:
        return f"{self.hub}-{'loops' if self.loops else 'endless'}"


FOUR = ("-a", "pages=4")
WALKS = [
    Walk(hub="github", path="/search/", arguments=("-a", "queries=virtual try-on"), bound=10),
    Walk(hub="huggingface_models", path="/api/models?", arguments=("-a", "queries=virtual try-on", *FOUR), bound=4),
    Walk(
        hub="huggingface_models", path="/api/models?", arguments=("-a", "queries=virtual try-on"), bound=10, loops=True
    ),
    Walk(hub="modelscope", path="/openapi/v1/models?", arguments=("-a", "queries=*", *FOUR), bound=4),
    Walk(hub="replicate", path="/v1/models", arguments=FOUR, bound=4),
    Walk(hub="replicate", path="/v1/models", arguments=(), bound=10, loops=True),
    Walk(hub="directory", path="/list", arguments=FOUR, bound=4),
    Walk(hub="directory", path="/list", arguments=(), bound=10, loops=True),
]


class Turning(dict[str, object]):
    """The pages of a site whose list has always one more."""

    def __init__(self, walk: Walk, site: Site) -> None:
        super().__init__()
        self.walk, self.base = walk, site.base
        self.recorded: dict[Target, Answer] = Recording(SPIDERS / walk.hub).answers(site.base)
        self.asked = 0

    def get(self, asked: str, default: object = None) -> object:
        if asked.startswith(self.walk.path) and "readme" not in asked and asked.count("/") == self.walk.path.count("/"):
            self.asked += 1
            return self.turned(asked)
        answer = self.recorded.get(target_of(asked))
        if self.walk.hub == "directory":
            return page(TOOL) if asked.startswith("/tool/") else default
        return Page(body=answer.body, status=answer.status, headers=answer.headers) if answer else default

    def turned(self, asked: str) -> Page:
        """Give a page of the list that names the one after it."""
        found, first = _TURN.search(asked), _TURN.sub("", asked)
        turn = (int(found[1]) if found else 0) + 1
        turn = 1 if self.walk.loops and turn == TURNS else turn
        there = f"{self.base}{first}{'&' if '?' in first else '?'}turn={turn}"
        if self.walk.hub == "directory":
            return page(f"<main><a href=/tool/{turn}>One</a></main><a rel=next href={there}>More</a>".encode())
        answer = next(one for target, one in self.recorded.items() if target[0] == first.partition("?")[0])
        body = json.loads(answer.body)
        if self.walk.hub == "replicate":
            body["next"] = there
        if self.walk.hub == "modelscope":
            body["data"]["total_count"] = 10**12
        return page(json.dumps(body).encode(), "application/json", Link=f'<{there}>; rel="next"')


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_a_list_that_has_always_one_more_page_comes_to_an_end(spiders: Spiders, site: Site, walk: Walk) -> None:
    site.pages = turning = Turning(walk, site)  # type: ignore[assignment] # answers where a table would
    arguments = (*walk.arguments, *(("-a", f"start={site.base}/list") if walk.hub == "directory" else ()))
    run = crawl(spiders, walk.hub, "-a", f"base={site.base}", *arguments, allow=site.netloc)
    assert (run.status, run.peak < MOST_MEMORY) == (0, True)
    assert turning.asked == (TURNS if walk.loops else walk.bound)
    assert (LOOPS in run.record.why) is walk.loops
    assert run.rows
