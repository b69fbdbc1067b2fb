"""Replicate's own client reads our recorded Replicate, and finds what our spider finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicate.client import Client

from tests.crawler.clients.conftest import expected, instant, read_by

if TYPE_CHECKING:
    from tests.crawler.hub import Hub


@read_by("replicate")
def test_replicate_reads_the_same_listings_page_after_page_and_one_alone(hub: Hub) -> None:
    client = Client(api_token="r8_invented", base_url=hub.base)
    page = client.models.list()
    found = {model.id: model for model in page}
    while page.next:
        page = client.models.list(page.next)
        found |= {model.id: model for model in page}
    ours = expected(hub)
    assert found.keys() == ours.keys()
    for ref, row in ours.items():
        model = found[ref]
        pushed = model.latest_version and model.latest_version.created_at
        assert (model.name, model.owner, model.run_count) == (row["title"], row["author"], row["reach"]["runs"])
        assert (model.description or "") in row["text"]
        assert {model.github_url, model.paper_url} - {None} <= {*row.get("links", ())}
        assert instant(pushed) == row.get("updated")
    (alone,) = (target[0].removeprefix("/v1/models/") for target in hub.answers if target[0].count("/") == 4)
    assert client.models.get(alone) == found[alone]
