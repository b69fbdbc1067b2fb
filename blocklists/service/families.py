"""Every metric by its name without `delist_`, with what it says; docs/watching.md has the same table."""

from __future__ import annotations

from types import MappingProxyType

FAMILIES = MappingProxyType(
    {
        "build_info": "Always 1: the version of the program, and the model that judged last.",
        "metrics_gathered_timestamp_seconds": "When these figures were gathered.",
        "backup_age_seconds": "Seconds since the last backup; missing where none is known.",
        "feed_max_age_seconds": "For so long consumers keep a feed that they cannot replace.",
        "feed_version": "Version of the feed that stands.",
        "feed_age_seconds": "Seconds since it was published.",
        "feed_expires_seconds": "Seconds until its manifest expires; below zero it has.",
        "feed_entries": "Entries by label and action.",
        "cases": "Cases by state and label.",
        "cases_overdue": "Cases past their clock.",
        "case_oldest_seconds": "Of each queue the case that is due first: seconds that it has waited.",
        "case_oldest_clock_ratio": "The same as a share of its clock; above 1 it is late.",
        "case_due_seconds": "Seconds until it is due; below zero it is late.",
        "decisions_total": "Decisions that say what a case is, by ruling.",
        "decisions_reversed_total": "Those of them that were undone or overruled.",
        "reports_total": "Reports, by what those are who told.",
        "appeals_total": "Appeals.",
        "hub_listings": "Listings of cases, by hub.",
        "hub_crawl_age_seconds": "Seconds since the last crawl of a hub began, revisits of single listings aside.",
        "hub_crawl_listings": "Listings that it found.",
        "hub_crawl_coverage_ratio": "Those as a share of the usual: of the median of up to ten complete crawls before.",
        "hub_crawl_complete": "1 where every page of it was read, else 0.",
        "hub_crawls_incomplete": "Crawls in a row, up to the last, that were not complete.",
        "hub_complete_crawl_age_seconds": "Seconds since the last complete crawl began.",
        "hub_crawl_interval_seconds": "Seconds between two crawls, as configured.",
        "model_shift": "Population stability index of a hub's scores, its latest week against the one before.",
        "model_shift_listings": "Listings judged in the smaller of those two weeks.",
        "consumer_version": "Version that a consumer last acknowledged; 0 for one who never does.",
        "consumer_lag_versions": "Versions that it has not acknowledged.",
        "consumer_lag_seconds": "Age of the first of them.",
        "canary_sightings_total": "Copies in which a consumer's canaries were found, by delist consumer trace.",
        "canary_unanswered": "Consumers for whom that is so who still have the key of then.",
        "requests_total": "Requests answered by this worker, by status (delist serve only).",
        "intake_requests_total": "Reports and appeals sent to this worker, by what became of them (delist serve only).",
    }
)
