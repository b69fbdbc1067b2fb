"""What no engine of searx that answers on loopback makes: against a stand-in of the little that the plugin touches."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GOOD, BAD = "https://good.example.test/", "https://bad.example.test/app"


def test_infoboxes_and_answers_stay_if_nothing_of_them_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(tmp_path / "feed")
    publisher.publish(entry("bad.example.test/app"))
    (tmp_path / "key.json").write_text(publisher.key.to_json())
    section = {"feed": publisher.folder, "key": tmp_path / "key.json", "state": tmp_path / "state"}
    calls: list[tuple[object, ...]] = []
    store = SimpleNamespace(call=lambda *given: calls.append(given) or "searx's own")  # type: ignore[func-returns-value]
    modules: dict[str, dict[str, Any]] = {
        "searx": {"settings": {"delist": section}},
        "searx.plugins": {"plugins": store},
    }
    for name, content in modules.items():
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        vars(sys.modules[name]).update(content)
    monkeypatch.delitem(sys.modules, "blocklists.indexes.metasearch.searx", raising=False)
    plugin = importlib.import_module("blocklists.indexes.metasearch.searx")

    boxes = [{"infobox": url, "urls": [{"title": "Home", "url": url}]} for url in (GOOD, BAD)]
    answers = {url: {"answer": url, "url": url} for url in (GOOD, BAD)}
    container = SimpleNamespace(
        infoboxes=boxes, answers={**answers, "42": {"answer": "42"}}, suggestions=set(), corrections=set()
    )
    search = SimpleNamespace(result_container=container, search_query=SimpleNamespace(query="photo"))
    assert store.call([], "pre_search", "request", search) == "searx's own"
    assert len(container.infoboxes) == 2
    store.call([], "post_search", "request", search)
    assert [box["infobox"] for box in container.infoboxes] == [GOOD]
    assert list(container.answers) == [GOOD, "42"]
    assert calls == [([], "pre_search", "request", search), ([], "post_search", "request", search)]
    plugin._WATCH.close()
