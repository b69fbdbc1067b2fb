"""The plugin for searx 1.1.0, as Debian packages it: name this module under `plugins:` in settings.yml.

searx calls the plugins that a visitor has not switched off, stops at the first that returns nothing, and heeds no
return value after a search. So this one does not stand in that row: it comes after it, whoever stood in it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from searx import settings
from searx.plugins import plugins

from blocklists.indexes.metasearch.settings import Settings
from blocklists.indexes.metasearch.treating import (
    HELP,
    NOTICE,
    Treatment,
    help_page,
    suggestible,
    treatment,
    warned,
)
from blocklists.indexes.metasearch.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

# What searx wants of a plugin's module.
name = "Delist"
description = "Leaves out what the feed of reviewed entries lists. It cannot be switched off."
default_on = True
preference_section = "onions"  # which the themes do not show: a switch that changes nothing would mislead

_WATCH: Final = Watch(Settings.read(os.environ, settings.get("delist")))


def _coming_after(call: Callable[..., Any]) -> Callable[..., Any]:
    def called(chosen: Any, hook: str, request: Any, search: Any, *results: Any) -> Any:  # noqa: ANN401 - searx has no types
        answer = call(chosen, hook, request, search, *results)
        if hook == "post_search":
            _tidy(search.result_container, search.search_query.query)
        elif hook == "on_result":
            _place(search.result_container, *results)
        return answer

    return called


def _tidy(container: Any, query: str) -> None:  # noqa: ANN401 - searx has no types
    """Suggestions as the query allows, boxes if nothing of them is listed; and say so where nothing can be shown."""
    boxes, answers = container.infoboxes, container.answers
    container.infoboxes = [box for box in boxes if treatment(_WATCH, box) is Treatment.SHOW]
    container.answers = {key: box for key, box in answers.items() if treatment(_WATCH, box) is Treatment.SHOW}
    container.suggestions = suggestible(_WATCH, query, container.suggestions)
    container.corrections = suggestible(_WATCH, query, container.corrections)
    if page := help_page(_WATCH, query):
        container.answers[HELP] = {"answer": HELP, "url": page}
    if _WATCH.trouble():
        container.answers[NOTICE] = {"answer": NOTICE}


def _place(container: Any, result: Any) -> None:  # noqa: ANN401 - searx has no types
    """Treat one result after every other plugin has changed it; searx walks the list as it was ordered."""
    found = treatment(_WATCH, result)
    if found is Treatment.WARN:
        result["content"] = warned(result.get("content"))
    if found in (Treatment.LOWER, Treatment.LEAVE_OUT):
        others = [other for other in container._merged_results if other is not result]  # noqa: SLF001 - there is no other way
        container._merged_results = [*others, result] if found is Treatment.LOWER else others  # noqa: SLF001 - same


plugins.call = _coming_after(plugins.call)
