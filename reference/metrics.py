"""Every family of metrics that `/metrics` may hold, with what it says."""

from __future__ import annotations

from blocklists.service.families import FAMILIES
from reference.table import code, prose, table

_HEAD = """# Metrics

`GET /metrics` of `delist serve`, or `delist metrics`, in the text format of Prometheus; made from the code at each
build. No label holds an entry, a listing or a person. Where a family has nothing to say it is absent. Labels, alerts,
and what to do: [watching](../watching.md).

"""


def page() -> str:
    """The page."""
    rows = [
        (code(f"delist_{name}"), "counter" if name.endswith("_total") else "gauge", prose(about))
        for name, about in FAMILIES.items()
    ]
    return _HEAD + table(["metric", "kind", "is"], rows)
