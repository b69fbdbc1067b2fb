"""Are the people and consumers whom the configuration wants there in the ledger, and do consumers keep up?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from blocklists.case.roles import Act
from blocklists.doctor.finding import graded, ok, skipped, warn
from blocklists.ledger import acknowledgements, consumers, reviewers
from blocklists.place import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.configuration import Feed
    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit
    from blocklists.ledger.acknowledgements import Lag
    from blocklists.ledger.consumers import Consumer


def people(visit: Visit) -> Iterator[Finding]:
    """Whoever should work here does, in the role that they should have."""
    wanted = visit.configuration.people
    if visit.ledger is None or not wanted:
        yield skipped(visit.unread or "[people] names nobody", visit.place.config)
        return
    has = {person.name: person.role.value for person in reviewers.everybody(visit.ledger)}
    guarded = reviewers.anybody_may(visit.ledger, Act.MANAGE)
    found = [_person(name, role, has.get(name), guarded=guarded) for name, role in wanted.items()]
    extra = sorted(has.keys() - wanted.keys())
    found += [warn("works here, and [people] does not name them", name, "add them to [people]") for name in extra]
    yield from found


def _person(name: str, wanted: str, has: str | None, *, guarded: bool) -> Finding:
    if has == wanted:
        return ok(f"is a {wanted}", name)
    if has is None:
        todo = f"they choose a secret, put it into DELIST_TOKEN, and once say: delist triage me --as {name}"
        return warn(f"should be a {wanted}, and has never been here", name, todo)
    by = "a lead" if guarded else "anybody else"
    todo = f"{by} says: delist triage people role {name} {wanted} --as THEIR_OWN_NAME"
    return warn(f"should be a {wanted}, is a {has}", name, todo)


def supplied(visit: Visit) -> Iterator[Finding]:
    """Whoever should be given the feed is, and as what they should."""
    wanted = visit.configuration.consumers
    if visit.ledger is None or not wanted:
        yield skipped(visit.unread or "[consumers] names nobody", visit.place.config)
        return
    known = consumers.everybody(visit.ledger, visit.now)
    for name, tier in wanted.items():
        yield _consumer(name, tier, known.get(name))
    for name, one in known.items():
        if name not in wanted and name != LOCAL and not one.revoked:
            yield warn(
                "is given the feed, and [consumers] does not name them",
                name,
                "add them to [consumers], or delist consumer revoke",
            )


def _consumer(name: str, wanted: str, has: Consumer | None) -> Finding:
    add = f"delist consumer add {name} --tier {wanted}"
    if has is None or has.revoked:
        return warn(f"should be given the feed, {'was revoked' if has else 'and is not'}", name, add)
    if has.tier.value != wanted:
        return warn(f"should be a {wanted}, is a {has.tier}", name, f"delist consumer revoke {name}, then {add}")
    return ok(f"is a {wanted}", name)


def lagging(visit: Visit) -> Iterator[Finding]:
    """Every consumer has said that they took the versions over that a manifest's life ago stood."""
    if visit.ledger is None:
        yield skipped(visit.unread, visit.place.ledger)
        return
    lags = acknowledgements.lags(visit.ledger, visit.now)
    yield from (_lag(lag, visit.configuration.feed) for lag in lags)
    if not lags:
        yield skipped("nobody else is given the feed", visit.place.ledger)


def _lag(lag: Lag, feed: Feed) -> Finding:
    behind = timedelta(seconds=lag.seconds)
    too_late, late = (behind > timedelta(days=days) for days in (feed.max_age_days, feed.expires_days))
    what = f"{lag.versions} versions behind since {lag.seconds / 3600:.0f} hours" if lag.versions else "is up to date"
    told = f"{what}: what they have is past its max_age" if too_late else what
    todo = "ask them: is their job running, do they reach the feed, do they acknowledge? (docs/serving.md)"
    return graded(told, lag.consumer, todo, fails=too_late, warns=late)
