"""ModelScope's own client reads our recorded ModelScope, and finds what our spider finds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from modelscope_hub import HubApi
from modelscope_hub.errors import NotExistError

from tests.crawler.clients.conftest import expected, instant, read_by

if TYPE_CHECKING:
    from tests.crawler.hub import Hub


@read_by("modelscope")
def test_modelscope_hub_reads_the_same_listings_page_after_page(hub: Hub) -> None:
    api = HubApi(endpoint=hub.base, token="invented")
    pages = [api.list_repos("model", sort="last_modified", page_number=number, page_size=50) for number in (1, 2)]
    pages.append(api.list_repos("model", owner="hana", sort="last_modified", page_size=50))
    found = {info.repo_id: info for page in pages for info in page.items}
    ours = expected(hub)
    assert ours.keys() <= found.keys()
    for ref, row in ours.items():
        info = found[ref]
        assert (info.display_name or info.name, info.owner) == (row["title"], row["author"])
        assert (info.description or "") in row["text"]
        assert {"downloads": info.downloads, "likes": info.likes} == row["reach"]
        assert {*(info.tags or ()), *(info.tasks or ())} == {*row.get("tags", ())}
        assert (info.gated, info.private) == (row.get("flags", {}).get("gated", False), False)
        assert isinstance(info.created_at, datetime)
        assert isinstance(info.last_modified, datetime)
        assert (instant(info.created_at), instant(info.last_modified)) == (row["created"], row["updated"])
        assert api.get_repo(ref, "model").to_dict() == info.to_dict()
    for withdrawn in (str(ref) for ref in found.keys() - ours.keys()):
        with pytest.raises(NotExistError):
            api.get_repo(withdrawn, "model")


@read_by("modelscope")
def test_modelscope_hub_finds_the_same_digests_of_weight_files(hub: Hub) -> None:
    api = HubApi(endpoint=hub.base, token="invented")
    published = {ref: row["digests"] for ref, row in expected(hub).items() if "digests" in row}
    for ref, digests in published.items():
        files = api.list_repo_files(ref, "model", recursive=False)
        assert {*digests} <= {file.sha256 for file in files}
    assert published
