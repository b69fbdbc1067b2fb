"""Elasticsearch: `elasticsearch:https://HOST:PORT#INDEX[/ALIAS]`, by the same requests as OpenSearch.

Untested against a real server.
"""

from __future__ import annotations

from blocklists.indexes.opensearch_index import KEEPS_STATE, open_index

__all__ = ["KEEPS_STATE", "open_index"]
