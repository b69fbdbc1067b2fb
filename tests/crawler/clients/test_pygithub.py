"""PyGithub, which asks again for a field that a row does not show, finds what our spider finds, and asks no more."""

from __future__ import annotations

from itertools import chain

import pytest
from github import Github, UnknownObjectException

from tests.crawler.clients.conftest import expected, instant, read_by
from tests.crawler.hub import Hub, target_of


@pytest.fixture
def github(hub: Hub) -> Github:
    return Github(base_url=hub.base, per_page=100, retry=None, seconds_between_requests=None)


@read_by("github")
def test_pygithub_reads_the_same_listings_page_after_page(hub: Hub, github: Github) -> None:
    queries = hub.recording.arguments(hub.base)["queries"].split(";")
    results = chain.from_iterable(github.search_repositories(query.strip(), sort="updated") for query in queries)
    found, ours = {one.full_name: one for one in results}, expected(hub)
    assert found.keys() == ours.keys()
    for ref, row in ours.items():
        told = found[ref]
        assert (told.name, told.owner.login, told.html_url) == (row["title"], row["author"], row["url"])
        assert (told.description or "") in row["text"]
        assert (told.topics, told.stargazers_count) == (row.get("tags", []), row["reach"]["stars"])
        assert (told.archived, told.fork) == tuple(flag in row.get("flags", {}) for flag in ("archived", "fork"))
        assert (instant(told.created_at), instant(told.pushed_at)) == (row["created"], row.get("updated"))
    assert {target_of(target) for target in hub.asked} == {one for one in hub.answers if one[0].startswith("/search/")}


@read_by("github")
def test_pygithub_reads_a_repositorys_own_page_and_looks_for_its_readme_where_we_do(hub: Hub, github: Github) -> None:
    row, bare, *_ = github.search_repositories("virtual try-on", sort="updated")
    repository = github.get_repo("tryweave/tryweave")
    shown = set(row._rawData)  # what the search's row holds: `raw_data` would ask for more
    assert {name for name in shown if repository.raw_data.get(name) != row._rawData[name]} <= {"score"}
    raw = {"Accept": "application/vnd.github.raw+json"}
    status, _, text = github.requester.requestJson("GET", f"{row.url}/readme", headers=raw)
    assert (status, text) == (200, hub.recording.read("tryweave.md", hub.base))
    with pytest.raises(UnknownObjectException):
        bare.get_readme()
