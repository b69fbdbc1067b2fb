"""A minimal stand-in of SearXNG's plugin interface, written by hand from its documentation; it is not SearXNG.

What it keeps to: `Plugin(plg_cfg)`, `init(app)`, `on_result`, `post_search`; plugins are called in any order if their
`id` is in the visitor's `user_plugins`; an exception counts as consent; the first False leaves a result out; results
are structures or dictionaries with attributes; equal addresses are merged; `low` scores nothing.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict, dataclass, field
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest


@dataclass(kw_only=True)
class PluginInfo:
    id: str
    name: str
    description: str
    preference_section: str | None = "general"


class Plugin:
    id = ""

    def __init__(self, plg_cfg: SimpleNamespace) -> None:
        self.active = plg_cfg.active

    def init(self, app: Any) -> bool:  # noqa: ANN401, ARG002 - the interface
        return True

    def on_result(self, request: Any, search: Any, result: Any) -> bool:  # noqa: ANN401, ARG002 - the interface
        return True

    def post_search(self, request: Any, search: Any) -> list[Any]:  # noqa: ANN401, ARG002 - the interface
        return []


@dataclass(kw_only=True)
class MainResult:
    url: str | None = None
    title: str = ""
    content: str = ""
    img_src: str = ""
    priority: str = ""
    positions: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(kw_only=True)
class Answer:
    answer: str
    url: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class LegacyResult(dict[str, Any]):
    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 - any field
        super().__init__({"url": None, "title": "", "content": "", "img_src": "", "priority": "", **fields})

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any field
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:  # noqa: ANN401 - any field
        self[name] = value

    def as_dict(self) -> dict[str, Any]:
        return self


class App:
    """Flask's hook, in the order of registration."""

    def __init__(self) -> None:
        self.before: list[Callable[[], None]] = []

    def before_request(self, function: Callable[[], None]) -> None:
        self.before.append(function)


class Page:
    """The application with its plugins, and one search for a visitor with a cookie."""

    def __init__(self, request: SimpleNamespace, plugins: Iterable[Plugin]) -> None:
        self.app, self.request, self.plugins = App(), request, list(plugins)
        self.cookie: set[str] = set()
        self.app.before_request(self._choose)
        self.plugins = [plugin for plugin in self.plugins if plugin.init(self.app)]

    def _choose(self) -> None:
        self.request.user_plugins = [plugin.id for plugin in self.plugins if plugin.id not in self.cookie]

    def search(self, *results: Any, cookie: Iterable[str] = (), query: str = "photo") -> SimpleNamespace:  # noqa: ANN401 - of any type
        self.cookie = set(cookie)
        for function in self.app.before:
            function()
        chosen = [plugin for plugin in self.plugins if plugin.id in self.request.user_plugins]
        container = SimpleNamespace(main_results_map={}, infoboxes=[], answers=[], suggestions=set(), corrections=set())
        search = SimpleNamespace(
            result_container=container,
            user_plugins=self.request.user_plugins,
            search_query=SimpleNamespace(query=query),
        )
        self._extend(search, chosen, results)
        for plugin in chosen:
            self._extend(search, chosen, plugin.post_search(request=self.request, search=search))
        return container

    def _extend(self, search: SimpleNamespace, chosen: list[Plugin], results: Iterable[Any]) -> None:
        for place, result in enumerate(results, 1):
            if self._kept(search, chosen, result):
                self._take(search.result_container, result, place)

    def _kept(self, search: SimpleNamespace, chosen: list[Plugin], result: Any) -> bool:  # noqa: ANN401 - of any type
        kept = True
        for plugin in chosen:
            try:
                kept = bool(plugin.on_result(request=self.request, search=search, result=result))
            except Exception:
                logging.getLogger("searx").exception("on_result")
                continue
            if not kept:
                break
        return kept

    @staticmethod
    def _take(container: SimpleNamespace, result: Any, place: int) -> None:  # noqa: ANN401 - of any type
        if isinstance(result, Answer):
            container.answers.append(result.answer)
        elif "suggestion" in result.as_dict():
            container.suggestions.add(result.suggestion)
        elif "infobox" in result.as_dict():
            container.infoboxes.append(result)
        else:
            result.positions = [place]
            container.main_results_map[hash((result.url, result.img_src))] = result


def shown(container: SimpleNamespace) -> list[str]:
    """The addresses of a page of results, in the order of their scores."""

    def score(result: Any) -> float:  # noqa: ANN401 - of any type
        return 0 if result.priority == "low" else 1 / result.positions[0]

    return [result.url for result in sorted(container.main_results_map.values(), key=score, reverse=True)]


def install(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]) -> SimpleNamespace:
    """Put the stand-in where the plugin imports SearXNG from, and give the request of the moment."""
    request = SimpleNamespace(user_plugins=[])
    contents: dict[str, dict[str, Any]] = {
        "searx": {"settings": settings},
        "searx.extended_types": {"sxng_request": request},
        "searx.plugins": {"Plugin": Plugin, "PluginInfo": PluginInfo},
        "searx.result_types": {"Answer": Answer},
    }
    for name, content in contents.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "blocklists.indexes.metasearch.searxng", raising=False)
    return request
