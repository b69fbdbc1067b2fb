"""huggingface_hub reads our recorded hubs, and finds there what our three spiders find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
import requests
from huggingface_hub import HfApi, RepoCard, SpaceInfo, hf_hub_url
from huggingface_hub.hf_api import ExpandDatasetProperty_T, ExpandModelProperty_T, ExpandSpaceProperty_T

from crawler.modelcard import without_front_matter
from crawler.spiders.huggingface_datasets import HuggingFaceDatasetsSpider
from crawler.spiders.huggingface_models import HuggingFaceModelsSpider
from crawler.spiders.huggingface_spaces import HuggingFaceSpacesSpider
from tests.crawler.clients.conftest import expected, instant, read_by
from tests.crawler.hub import Hub, target_of

if TYPE_CHECKING:
    from huggingface_hub import DatasetInfo, ModelInfo

    from crawler.huggingface import HuggingFaceSpider

Spider = type["HuggingFaceSpider"]
SPIDERS: dict[str, Spider] = {
    "huggingface_models": HuggingFaceModelsSpider,
    "huggingface_spaces": HuggingFaceSpacesSpider,
    "huggingface_datasets": HuggingFaceDatasetsSpider,
}


def ask(hub: Hub) -> list[ModelInfo | DatasetInfo | SpaceInfo]:
    """Everything that the recorded lists of a catalogue hold, as the client gives it."""
    api = HfApi(endpoint=hub.base, token=False)
    same: Any = {"sort": "last_modified", "limit": 100, "expand": SPIDERS[hub.recording.name](queries="x").fields()}
    match hub.recording.name:
        case "huggingface_models":
            named = api.list_models(search="virtual try-on", **same)
            return [*named, *api.list_models(filter="diffusers", **same)]
        case "huggingface_datasets":
            return [*api.list_datasets(author="loomworks", **same)]
        case _:
            return [*api.list_spaces(**same)]


def told(info: ModelInfo | DatasetInfo | SpaceInfo) -> dict[str, Any]:
    """What the client makes of a row, in a listing's words."""
    counts = {name: getattr(info, name, None) for name in ("downloads", "likes")}
    words = [*(info.tags or ()), *(getattr(info, name, None) for name in ("pipeline_tag", "library_name", "sdk"))]
    flags = {name: getattr(info, name, None) for name in ("disabled", "gated", "private")}
    return {
        "author": info.author,
        "tags": [*dict.fromkeys(word for word in words if word)],
        "reach": {name: count for name, count in counts.items() if count is not None},
        "flags": {name: flag for name, flag in flags.items() if flag},
        "created": instant(info.created_at),
        "updated": instant(info.last_modified),
    }


@read_by(*SPIDERS)
def test_huggingface_hub_reads_the_same_listings_page_after_page(hub: Hub) -> None:
    found = {info.id: told(info) for info in ask(hub)}
    ours = expected(hub)
    assert found.keys() == ours.keys()
    for ref, row in ours.items():
        kept = {name: row.get(name) for name in ("author", "created", "updated")}
        kept |= {"tags": row.get("tags", []), "reach": row.get("reach", {})}
        kept["flags"] = {name: flag for name, flag in row.get("flags", {}).items() if name != "nsfw"}
        assert found[ref] == kept
    lists = {target for target in hub.answers if target[0] in ("/api/models", "/api/spaces", "/api/datasets")}
    assert {target_of(target) for target in hub.asked} == lists


@read_by("huggingface_spaces")
def test_huggingface_hub_knows_what_a_space_is_made_with_and_where_it_runs(hub: Hub) -> None:
    ours = expected(hub)
    for info in ask(hub):
        assert isinstance(info, SpaceInfo)
        links = ours[info.id].get("links", [])
        assert info.sdk in ours[info.id]["tags"]
        assert info.sdk == "static" or f"https://{info.subdomain}.hf.space" in links


@pytest.mark.parametrize(
    ("spider", "known"),
    [
        (HuggingFaceModelsSpider, ExpandModelProperty_T),
        (HuggingFaceSpacesSpider, ExpandSpaceProperty_T),
        (HuggingFaceDatasetsSpider, ExpandDatasetProperty_T),
    ],
)
def test_every_field_that_we_ask_for_is_one_that_the_client_knows(spider: Spider, known: object) -> None:
    assert set(spider(queries="x").fields()) <= set(get_args(known))


@read_by(*SPIDERS)
def test_a_card_stands_where_huggingface_hub_looks_and_its_parser_reads_it(hub: Hub) -> None:
    kind = hub.recording.name.removeprefix("huggingface_").removesuffix("s")
    read = 0
    for ref, row in expected(hub).items():
        address = hf_hub_url(ref, "README.md", repo_type=kind, endpoint=hub.base)
        answer = requests.get(address, timeout=10)
        if answer.status_code == 200:
            card = RepoCard(answer.content.decode("utf-8-sig"), ignore_metadata_errors=True)
            assert card.text.strip() == without_front_matter(answer.content.decode()).strip()
            languages = card.data.get("language") or [None]
            assert row.get("lang") == languages[0]
            read += 1
    assert read


@read_by("huggingface_models")
def test_huggingface_hub_finds_the_same_digests_of_weight_files(hub: Hub) -> None:
    api = HfApi(endpoint=hub.base, token=False)
    published = {ref: row["digests"] for ref, row in expected(hub).items() if "digests" in row}
    for ref, digests in published.items():
        files = api.model_info(ref, files_metadata=True).siblings or []
        assert {*digests} <= {file.lfs.sha256 for file in files if file.lfs and file.rfilename.endswith(".safetensors")}
    assert published
