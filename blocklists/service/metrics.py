"""Figures in the text format of Prometheus; nothing in it names an entry, a listing or, by default, a consumer."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.service.facts import Facts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


class Counts:
    """How many requests this worker has answered, by status."""

    def __init__(self) -> None:
        self._by_status: Counter[int] = Counter()

    def add(self, status: int) -> None:
        """Count one."""
        self._by_status[status] += 1

    def samples(self) -> list[Sample]:
        """What was counted."""
        worker = str(os.getpid())
        return [({"status": str(status), "worker": worker}, n) for status, n in sorted(self._by_status.items())]


def text(facts: Facts, counts: Counts) -> str:
    """Everything, one family after another."""
    return "".join(
        _family(name, kind, about, samples)
        for name, kind, about, samples in (*_of_feed(facts), *_of_cases(facts), *_of_others(facts, counts))
    )


Family = tuple[str, str, str, "Iterable[Sample]"]


def _of_feed(facts: Facts) -> Iterator[Family]:
    feed = facts.published
    if feed is None:
        return
    yield "feed_version", "gauge", "Version that stands.", [({}, feed.version)]
    age = (facts.now - feed.at).total_seconds()
    yield "feed_age_seconds", "gauge", "Seconds since it was published.", [({}, age)]
    left = (feed.expires - facts.now).total_seconds()
    yield "feed_expires_seconds", "gauge", "Seconds until it expires.", [({}, left)]
    entries = [({"label": label, "action": action}, count) for label, action, count in feed.entries]
    yield "feed_entries", "gauge", "Entries by label and action.", entries


def _of_cases(facts: Facts) -> Iterator[Family]:
    waiting = facts.waiting
    cases = [({"state": one.state.value, "label": one.label}, one.cases) for one in waiting.counts]
    yield "cases", "gauge", "Cases by state and label.", cases
    yield "cases_overdue", "gauge", "Cases past their clock.", [({}, waiting.overdue)]
    if waiting.since and waiting.due:
        age = (facts.now - waiting.since).total_seconds()
        yield "case_oldest_seconds", "gauge", "Seconds that the case that is due first has waited.", [({}, age)]
        left = (waiting.due - facts.now).total_seconds()
        yield "case_due_seconds", "gauge", "Seconds until it is due; below zero it is late.", [({}, left)]


def _of_others(facts: Facts, counts: Counts) -> Iterator[Family]:
    yield "hub_listings", "gauge", "Listings known by hub.", [({"hub": one.hub}, one.listings) for one in facts.hubs]
    crawled = [
        ({"hub": one.hub, "complete": str(one.complete).lower()}, (facts.now - one.crawled).total_seconds())
        for one in facts.hubs
        if one.crawled
    ]
    yield "hub_crawl_age_seconds", "gauge", "Seconds since the last screened crawl of a hub began.", crawled
    versions = [({"consumer": one.consumer}, one.versions) for one in facts.consumers]
    yield "consumer_lag_versions", "gauge", "Versions that a consumer has not acknowledged.", versions
    seconds = [({"consumer": one.consumer}, one.seconds) for one in facts.consumers]
    yield "consumer_lag_seconds", "gauge", "Age of the first of them.", seconds
    yield "requests_total", "counter", "Requests answered by this worker, by status.", counts.samples()


def _family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP delist_{name} {about}", f"# TYPE delist_{name} {kind}"]
    lines += [f"delist_{name}{_labels(labels)} {value:.10g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
