"""The package `civitai`, whose only address is one name, reads our recorded Civitai and finds what our spider finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from civitai import models as civitai_models  # type: ignore[import-untyped] # it ships no types

from tests.crawler.clients.conftest import expected, read_by

if TYPE_CHECKING:
    import pytest

    from tests.crawler.hub import Hub


@read_by("civitai")
def test_civitai_reads_the_same_listings(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(civitai_models, "CIVITAI_BASE_URL", f"{hub.base}/api/v1")
    models = []
    for nsfw in ("false", "true"):
        page = civitai_models.get(limit=100, sort="Newest", nsfw=nsfw)
        models += page.items
        while "nextPage" in page.data["metadata"]:
            page = civitai_models.ModelResponse(requests.get(page.nextPage, timeout=10).json())
            models += page.items
    found = {str(model.id): model for model in models}
    ours = expected(hub)
    assert found.keys() == ours.keys()
    for model in models:
        row = ours[str(model.id)]
        assert (" ".join(model.name.split()), model.downloadCount) == (row["title"], row["reach"]["downloads"])
        assert model.data.get("creator", {}).get("username") == row.get("author")
    alone = next(target[0].rpartition("/")[2] for target in hub.answers if target[0].count("/") == 4)
    own = civitai_models.get_model(alone)
    assert (own.name, own.description, own.tags) == (found[alone].name, found[alone].description, found[alone].tags)
    assert [one.name for one in own.modelVersions] == [one.name for one in found[alone].modelVersions]
