"""Figures in the text format of Prometheus; nothing in it names an entry, a listing, a person or a consumer."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from blocklists.service.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.service.facts import Facts
    from blocklists.service.watching import Watched

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]
Family = tuple[str, "Iterable[Sample]"]


class Counts:
    """What this worker has answered: by status, and of intake by what was sent and what became of it."""

    def __init__(self) -> None:
        self._by_status: Counter[int] = Counter()
        self._of_intake: Counter[tuple[str, str]] = Counter()

    def add(self, status: int, sent: str = "") -> None:
        """Count one answer; `sent` says of what kind the intake was, if it was any."""
        self._by_status[status] += 1
        if sent:
            self._of_intake[sent, _became(status)] += 1

    def totals(self) -> dict[str, dict[str, int]]:
        """What was counted, for a log."""
        intake = {f"{sent}_{became}": count for (sent, became), count in sorted(self._of_intake.items())}
        return {"requests": {str(status): count for status, count in sorted(self._by_status.items())}, "intake": intake}

    def families(self) -> Iterator[Family]:
        """What was counted; of a worker that has taken nothing in, zeros."""
        worker = {"worker": str(os.getpid())}
        yield "requests_total", [({"status": str(status)} | worker, n) for status, n in sorted(self._by_status.items())]
        pairs = [(sent, became) for sent in ("appeal", "report") for became in ("refused", "taken", "too_many")]
        counted = [({"sent": sent, "became": became} | worker, self._of_intake[sent, became]) for sent, became in pairs]
        yield "intake_requests_total", counted


def _became(status: int) -> str:
    if status < 400:  # noqa: PLR2004 - what HTTP calls an error
        return "taken"
    return "too_many" if status in (429, 503) else "refused"


def text(facts: Facts, counts: Counts | None = None) -> str:
    """Everything, one family after another; without counts where nobody serves."""
    parts = (_of_house(facts), _of_feed(facts), _of_cases(facts), _of_hubs(facts), _of_consumers(facts.watched))
    served = counts.families() if counts else ()
    return "".join(_family(name, samples) for part in (*parts, served) for name, samples in part)


def _of_house(facts: Facts) -> Iterator[Family]:
    watched = facts.watched
    yield "build_info", [({"version": watched.program, "model": watched.model}, 1)]
    yield "metrics_gathered_timestamp_seconds", [({}, facts.now.timestamp())]
    if watched.backed_up:
        yield "backup_age_seconds", [({}, (facts.now - watched.backed_up).total_seconds())]


def _of_feed(facts: Facts) -> Iterator[Family]:
    yield "feed_max_age_seconds", [({}, facts.watched.max_age.total_seconds())]
    feed = facts.published
    if feed is None:
        return
    yield "feed_version", [({}, feed.version)]
    yield "feed_age_seconds", [({}, (facts.now - feed.at).total_seconds())]
    yield "feed_expires_seconds", [({}, (feed.expires - facts.now).total_seconds())]
    yield "feed_entries", [({"label": label, "action": action}, count) for label, action, count in feed.entries]


def _of_cases(facts: Facts) -> Iterator[Family]:
    waiting, watched = facts.waiting, facts.watched
    yield "cases", [({"state": one.state.value, "label": one.label}, one.cases) for one in waiting.counts]
    yield "cases_overdue", [({}, waiting.overdue)]
    yield "case_oldest_seconds", [({"state": one.state}, one.waited) for one in watched.clocks]
    yield "case_oldest_clock_ratio", [({"state": one.state}, one.waited / one.allowed) for one in watched.clocks]
    yield "case_due_seconds", [({"state": one.state}, one.allowed - one.waited) for one in watched.clocks]
    yield "decisions_total", [({"ruling": ruling}, made) for ruling, made, _ in watched.rulings]
    yield "decisions_reversed_total", [({"ruling": ruling}, back) for ruling, _, back in watched.rulings]
    yield "reports_total", [({"who": who}, count) for who, count in watched.reports]
    yield "appeals_total", [({}, watched.appeals)]


def _of_hubs(facts: Facts) -> Iterator[Family]:
    crawls, drifts, now = facts.watched.crawls, facts.watched.drifts, facts.now
    told: dict[str, list[tuple[str, float | None]]] = {
        "hub_listings": [(one.hub, one.listings) for one in facts.hubs],
        "hub_crawl_age_seconds": [(one.hub, (now - one.started).total_seconds()) for one in crawls],
        "hub_crawl_listings": [(one.hub, one.found) for one in crawls],
        "hub_crawl_coverage_ratio": [(one.hub, one.share) for one in crawls],
        "hub_crawl_complete": [(one.hub, int(one.complete)) for one in crawls],
        "hub_crawls_incomplete": [(one.hub, one.incomplete) for one in crawls],
        "hub_complete_crawl_age_seconds": [
            (one.hub, (now - one.completed).total_seconds() if one.completed else None) for one in crawls
        ],
        "hub_crawl_interval_seconds": [*facts.watched.intervals],
        "model_shift": [(one.hub, one.shift) for one in drifts],
        "model_shift_listings": [(one.hub, one.listings) for one in drifts],
    }
    for name, rows in told.items():
        yield name, [({"hub": hub}, value) for hub, value in rows if value is not None]


def _of_consumers(watched: Watched) -> Iterator[Family]:
    lags = watched.lags
    yield "consumer_version", [({"consumer": one.consumer}, one.version) for one in lags]
    yield "consumer_lag_versions", [({"consumer": one.consumer}, one.versions) for one in lags]
    yield "consumer_lag_seconds", [({"consumer": one.consumer}, one.seconds) for one in lags]
    yield "canary_sightings_total", [({}, watched.leaks)]
    yield "canary_unanswered", [({}, watched.unanswered)]


def _family(name: str, samples: Iterable[Sample]) -> str:
    kind = "counter" if name.endswith("_total") else "gauge"
    lines = [f"# HELP delist_{name} {FAMILIES[name]}", f"# TYPE delist_{name} {kind}"]
    lines += [f"delist_{name}{_labels(labels)} {value:.16g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
