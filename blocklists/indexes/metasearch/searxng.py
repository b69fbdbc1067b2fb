"""The plugin for SearXNG's present interface: name `SXNGPlugin` of this module under `plugins:` in settings.yml.

SearXNG takes an error of a plugin for consent to show a result, and lets visitors switch plugins off: neither here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from searx import settings
from searx.extended_types import sxng_request
from searx.plugins import Plugin, PluginInfo
from searx.result_types import Answer

from blocklists.indexes.metasearch.settings import Settings
from blocklists.indexes.metasearch.treating import (
    HELP,
    NOTICE,
    Treatment,
    help_page,
    is_box,
    suggestible,
    treatment,
    warned,
)
from blocklists.indexes.metasearch.watch import LOG, Watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_DESCRIPTION: Final = "Leaves out what the feed of reviewed entries lists. It cannot be switched off."


class SXNGPlugin(Plugin):  # type: ignore[misc] # SearXNG is not installed where this is checked
    """Leaves out, lowers or marks results that the feed lists."""

    id = "delist"

    def __init__(self, plg_cfg: Any) -> None:  # noqa: ANN401 - SearXNG's own
        super().__init__(plg_cfg)
        # No section of the preferences: a switch that changes nothing would mislead.
        self.info = PluginInfo(id=self.id, name="Delist", description=_DESCRIPTION, preference_section=None)
        self._watch = Watch(Settings.read(os.environ, settings.get("delist")))

    def init(self, app: Any) -> bool:  # noqa: ANN401 - Flask's
        """Called once; what is registered here comes after SearXNG has read the visitor's preferences."""
        app.before_request(self._stay_chosen)
        return True

    def on_result(self, request: Any, search: Any, result: Any) -> bool:  # noqa: ANN401, ARG002 - SearXNG's interface
        """Called for each result of each engine, from that engine's thread."""
        return self._keep(result)

    def post_search(self, request: Any, search: Any) -> list[Any]:  # noqa: ANN401, ARG002 - SearXNG's interface
        """Look again: plugins come in any order, and one may have changed an address after `on_result`."""
        container = search.result_container
        for key, result in list(container.main_results_map.items()):
            if not self._keep(result):
                container.main_results_map.pop(key, None)
        container.infoboxes[:] = [box for box in container.infoboxes if self._keep(box)]
        query = search.search_query.query
        container.suggestions = suggestible(self._watch, query, container.suggestions)
        container.corrections = suggestible(self._watch, query, container.corrections)
        page = help_page(self._watch, query)
        helped = [Answer(answer=HELP, url=page)] if page else []
        return [*helped, Answer(answer=NOTICE)] if self._watch.trouble() else helped

    def _stay_chosen(self) -> None:
        if self.id not in sxng_request.user_plugins:
            sxng_request.user_plugins.append(self.id)

    def _keep(self, result: Any) -> bool:  # noqa: ANN401 - SearXNG's
        with _Closed():
            return self._treat(result, result.as_dict())
        return False

    def _treat(self, result: Any, fields: Mapping[str, object]) -> bool:  # noqa: ANN401 - SearXNG's
        """Mark a result as the feed says; whether it may be shown."""
        found = treatment(self._watch, fields)
        if found is Treatment.SHOW:
            return True
        if found is Treatment.LEAVE_OUT or is_box(fields) or "priority" not in fields:
            return False
        if found is Treatment.WARN:
            result.content = warned(result.content)
        else:
            result.priority = "low"
        return True


class _Closed:
    """Whatever goes wrong inside is logged and ends there, so that its caller decides, not SearXNG."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        LOG.error("delist: a result is left out, for it could not be judged", exc_info=error)
        return True
