"""Counts a ledger again, with SQL of its own and nothing of the report's code: all that a report has.

SQL cannot say how rulings of several people come to one; that is told once more in `rulings.py`, by the page of the
design that says it.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.blocklists.accounting.rulings import Told, cohen, told_of
from tests.blocklists.accounting.views import TURNS, VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Name = tuple[str, str, str, str]
FALSE = ("look_alike", "adult_no_real_person", "not_a_target", "appeal_upheld", "withdrawn")
_BOUNDS = ((1, "under 1 hour"), (24, "1 hour to 1 day"), (48, "1 to 2 days"), (168, "2 to 7 days"),
           (720, "7 to 30 days"), (2160, "30 to 90 days"), (1e12, "90 days and more"))  # fmt: skip


class Recount:
    """One ledger, one period."""

    def __init__(self, path: Path, first: str, end: str, *, victim_hours: int = 48, appeal_hours: int = 72) -> None:
        self.db = sqlite3.connect(path)
        self.db.executescript(VIEWS)
        self.first, self.end = first, end
        self.clocks = {"victim": victim_hours * 3600, "appeal": appeal_hours * 3600}
        self.found: dict[Name, float] = {}
        self.told: dict[str, Told] = told_of(self.rows("SELECT * FROM log WHERE at < :end ORDER BY number"))

    def rows(self, sql: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what SQLite takes
        made = self.db.execute(sql, {"first": self.first, "end": self.end, **more})
        return [dict(zip([column[0] for column in made.description], row, strict=True)) for row in made]

    def within(self, at: str | None) -> bool:
        return at is not None and self.first <= at < self.end

    def count(self, measure: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """Count things by hub, label and reason, and in every total of these."""
        for hub, label, reason in rows:
            for name in {(h, one, r) for h in (hub, "") for one in (label, "") for r in (reason, "")}:
                key = (measure, *name)
                self.found[key] = self.found.get(key, 0) + 1

    def lengths(self, measure: str, by: int, taken: Iterable[tuple[str, float]]) -> None:
        """Lengths of time in hours: of all, of each (by 0: a hub, 1: a label), in buckets."""
        every: dict[tuple[str, str], list[float]] = defaultdict(list)
        for name, length in taken:
            every["", ""].append(length)
            if name:
                every[("", name) if by else (name, "")].append(length)
            bucket = next(called for most, called in _BOUNDS if length < most)
            self.found[measure, "", "", bucket] = self.found.get((measure, "", "", bucket), 0) + 1
        for (hub, label), found in every.items():
            found.sort()
            half, tenths = len(found) // 2, -(-9 * len(found) // 10)
            middle = found[half] if len(found) % 2 else (found[half - 1] + found[half]) / 2
            self.found[measure, hub, label, ""] = len(found)
            self.found[f"{measure}_median", hub, label, ""] = round(middle, 1)
            self.found[f"{measure}_p90", hub, label, ""] = round(found[tenths - 1], 1)

    def shares(self, measure: str, part: tuple[str, str], whole: str, of: tuple[str, ...] = ()) -> None:
        """For each count of `whole` its part, as a share."""
        for name, n in list(self.found.items()):
            if name[0] == whole and (not of or name[3] in of):
                hits = self.found.get((part[0], name[1], name[2], part[1] or name[3]), 0)
                self.found[(measure, *name[1:])] = round(hits / n, 4)

    def all(self) -> dict[Name, float]:
        for part in (self.seen, self.turns, self.ruled, self.decided, self.alike, self.outside, self.appeals,
                     self.entries, self.consumers):  # fmt: skip
            part()
        self.db.close()
        return self.found

    def seen(self) -> None:
        crawls = self.rows("SELECT * FROM crawls WHERE started >= :first AND started < :end")
        how = {1: "complete", 0: "incomplete"}
        self.count("crawls", [(row["hub"], "", how[row["complete"]]) for row in crawls])
        for row in self.rows(
            "SELECT hub, max(coalesce(found, listings)) AS most, sum(listings) AS judged, sum(flagged) AS flagged "
            "FROM crawls WHERE started >= :first AND started < :end GROUP BY hub"
        ):
            self.found["listings_seen", row["hub"], "", ""] = row["most"]
            for measure, n in (("texts_judged", row["judged"]), ("texts_flagged", row["flagged"])):
                self.found[measure, row["hub"], "", ""] = n
                self.found[measure, "", "", ""] = self.found.get((measure, "", "", ""), 0) + n
        within = "FROM flagged WHERE joined_at >= :first AND joined_at < :end"
        self.count("listings_flagged", [(r["hub"], r["label"], "") for r in self.rows(f"SELECT * {within}")])
        self.lengths("time_flagged", 0, [(r["hub"], r["h"]) for r in self.rows(
            "SELECT flagged.hub, max(0, unixepoch(screened_at) - unixepoch(first_seen)) / 3600.0 AS h "
            "FROM flagged JOIN crawls ON crawls.hub = flagged.hub AND crawls.started = first_seen "
            "WHERE joined_at >= :first AND joined_at < :end")])  # fmt: skip
        opened = self.rows("SELECT label FROM asked WHERE opened_at >= :first AND opened_at < :end")
        self.count("cases_opened", [("", row["label"], "") for row in opened])
        moved = self.rows(
            f"SELECT before, hub, CASE WHEN joined_by LIKE 'is sha256:%' THEN 'weight file' WHEN joined_by LIKE 'is %' "
            "THEN 'address' WHEN joined_by LIKE 'text %' THEN 'text' ELSE 'nearly the same text' END AS same "
            f"{within} AND before IS NOT NULL AND substr(joined_by, 1, 3) IN ('is ', 'tex', 'nea')"
        )
        self.count("moved", [(row["before"], "", row["hub"]) for row in moved])
        self.count("moved_by", [("", "", row["same"]) for row in moved])

    def turns(self) -> None:
        taken: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for row in self.rows(TURNS):
            for measure, one, other in (("gone", "first_seen", "gone"), ("returned", "first_seen", "back"),
                                        ("away", "gone", "back")):  # fmt: skip
                if self.within(row[other]):
                    (hours,) = self.rows("SELECT max(0, unixepoch(:b) - unixepoch(:a)) / 3600.0 AS h",
                                         a=row[one], b=row[other])  # fmt: skip
                    taken[measure].append((row["hub"], hours["h"]))
        for measure, found in taken.items():
            self.lengths(f"time_{measure}", 0, found)

    def labels(self) -> dict[str, dict[str, Any]]:
        return {row["case_id"]: row for row in self.rows("SELECT * FROM asked WHERE opened_at < :end")}

    def since(self, one: str, other: str) -> float:
        (row,) = self.rows("SELECT max(0, unixepoch(:b) - unixepoch(:a)) / 3600.0 AS h", a=one, b=other)
        return float(row["h"])

    def ruled(self) -> None:
        asked = self.labels()
        for case, told in self.told.items():
            mine = [one for one in told.forces if self.within(one["at"])]
            self.count("ruled", [("", one["label"], one["ruling"]) for one in mine])
            for one in mine:
                self.count(f"ruled_{one['ruling']}", [("", one["label"], one["reason"])])
            said = [one for one in told.final if self.within(one["at"])]
            label = asked[case]["label"]
            self.count("cases_reviewed", [("", label, "")] if said else [])
            how = [("reversed" if one["number"] in told.reversed else "stood") for one in said]
            self.count("rulings", [("", label, one) for one in how])
        self.shares("reversal_rate", ("rulings", "reversed"), "rulings", ("",))

    def decided(self) -> None:
        asked, taken = self.labels(), []
        golden = {row["subject"] for row in self.rows(
            "SELECT subject, body ->> '$.ruling' AS ruling, max(number) FROM log WHERE kind = 'golden' AND at < :end "
            "GROUP BY subject") if row["ruling"]}  # fmt: skip
        for case, told in self.told.items():
            if not told.forces or not self.within(told.forces[0]["at"]):
                continue
            first, of = told.forces[0], asked[case]
            taken.append((of["label"], self.since(of["opened_at"], first["at"])))
            if of["band"] == "told":
                self.count("told_cases", [("", of["label"], "")])
                continue
            measure = "model_golden" if case in golden else "model"
            self.count(f"{measure}_cases", [("", of["label"], of["band"])])
            self.count(
                f"{measure}_{'wrong' if first['ruling'] == 'keep' else 'right'}", [("", of["label"], of["band"])]
            )
        self.lengths("time_decided", 1, taken)
        for measure in ("model", "model_golden"):
            self.shares(f"{measure}_precision", (f"{measure}_right", ""), f"{measure}_cases")
        for row in self.rows(
            "SELECT answer.body ->> '$.ruling' AS ruling, answer.body ->> '$.label' AS label, max(answer.number), "
            "answer.at, mark.body ->> '$.ruling' AS truth, mark.body ->> '$.label' AS really FROM log AS answer "
            "JOIN (SELECT subject, body, max(number) FROM log WHERE kind = 'golden' AND at < :end GROUP BY subject) "
            "AS mark ON mark.subject = answer.subject WHERE answer.kind = 'answer' AND answer.at < :end "
            "AND answer.body ->> '$.undoes' IS NULL AND NOT EXISTS (SELECT 1 FROM log AS undo "
            "WHERE undo.kind = 'answer' AND undo.at < :end AND undo.body ->> '$.undoes' = answer.number) "
            "GROUP BY answer.subject, answer.actor"
        ):
            if row["truth"] and row["ruling"] not in ("defer", "escalate") and self.within(row["at"]):
                right = row["ruling"] == row["truth"] and (row["ruling"] == "keep" or row["label"] == row["really"])
                self.count("golden_answers", [("", "", "right" if right else "wrong")])

    def alike(self) -> None:
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        asked = self.labels()
        for case, told in self.told.items():
            for one, other, at in told.pairs:
                if self.within(at):
                    self.count("signatures", [("", asked[case]["label"], "alike" if one == other else "different")])
                    pairs[asked[case]["label"]].append((one, other))
                    pairs[""].append((one, other))
        self.shares("agreement", ("signatures", "alike"), "signatures", ("",))
        for label, found in pairs.items():
            self.found["kappa", "", label, ""] = round(cohen(found), 3)

    def outside(self) -> None:
        told = self.rows("SELECT number, at, subject, body ->> '$.who' AS who, body ->> '$.category' AS category, "
                         "unixepoch(at) AS s FROM log WHERE kind = 'report' AND at < :end")  # fmt: skip
        self.count("reports", [("", row["category"], row["who"]) for row in told if self.within(row["at"])])
        taken = []
        for row in (row for row in told if row["who"] == "victim"):
            heard = self.rows(
                "SELECT at, unixepoch(at) AS s FROM log WHERE kind = 'decision' AND subject = :case AND number > :n "
                "AND at < :end AND body ->> '$.undoes' IS NULL AND body ->> '$.ruling' <> 'defer' "
                "ORDER BY number LIMIT 1",
                case=row["subject"], n=row["number"])  # fmt: skip
            self._clock("victim_clock", row["s"] + self.clocks["victim"], heard[0]["s"] if heard else None)
            if heard and self.within(heard[0]["at"]):
                taken.append((row["category"], (heard[0]["s"] - row["s"]) / 3600))
        self.lengths("time_victim", 1, taken)
        if n := self.found.get(("victim_clock", "", "", "")):
            met = self.found.get(("victim_clock", "", "", "met"), 0)
            self.found["victim_clock_met", "", "", ""] = round(met / n, 4)

    def _clock(self, measure: str, ends: int, done: int | None) -> None:
        (row,) = self.rows("SELECT unixepoch(:first) <= :ends AND :ends < unixepoch(:end) AS n", ends=ends)
        if row["n"]:
            self.count(measure, [("", "", "met" if done is not None and done <= ends else "missed")])

    def appeals(self) -> None:
        taken = []
        for row in self.rows("SELECT at, unixepoch(at) AS s, number, subject, body ->> '$.appeal' AS name, "
                             "body ->> '$.owner' AS owner FROM log WHERE kind = 'appeal' AND at < :end "
                             "AND body ->> '$.act' = 'opened'"):  # fmt: skip
            if self.within(row["at"]):
                self.count("appeals", [("", "", "owner" if row["owner"] else "other")])
            left = self.rows("SELECT number, at FROM log WHERE kind = 'appeal' AND body ->> '$.act' = 'answered' AND "
                             "body ->> '$.appeal' = :name AND at < :end AND body ->> '$.decision' IS NULL",
                             **row)  # fmt: skip
            told = self.told[row["subject"]].forces
            ends = [(one["number"], one["at"], "rejected") for one in left] + [
                (one["number"], one["at"], "upheld" if one["ruling"] == "keep" else "rejected")
                for one in told if one["number"] > row["number"]
            ]  # fmt: skip
            answer = min(ends, default=None)
            done = self.rows("SELECT unixepoch(:at) AS s", at=answer[1])[0]["s"] if answer else None
            self._clock("appeal_clock", row["s"] + self.clocks["appeal"], done)
            if answer and self.within(answer[1]):
                self.count("appeals_answered", [("", "", answer[2])])
                taken.append(("", (done - row["s"]) / 3600))
        self.lengths("time_appeal", 1, taken)

    def entries(self) -> None:
        changed = "(SELECT reason FROM moves WHERE moves.number = ends) = 'changed'"
        new = ("NOT EXISTS (SELECT 1 FROM moves AS gone WHERE gone.target = stays.target AND gone.change = 'remove' "
               "AND gone.reason = 'changed' AND gone.number < stays.number AND gone.at = stays.at)")  # fmt: skip
        within = "at >= :first AND at < :end"
        added = self.rows(f"SELECT label, action FROM stays WHERE {within} AND {new}")
        self.count("entries_added", [("", row["label"], row["action"]) for row in added])
        removed = self.rows(
            f"SELECT stays.label, moves.reason, moves.at, stays.target, stays.number FROM stays JOIN moves ON "
            f"moves.number = ends WHERE moves.at >= :first AND moves.at < :end AND NOT {changed}"
        )
        self.count("entries_removed", [("", row["label"], row["reason"]) for row in removed])
        stand = self.rows("SELECT label, action FROM stays WHERE at < :end AND (ends IS NULL OR (SELECT at FROM moves "
                          "WHERE moves.number = ends) >= :end)")  # fmt: skip
        self.count("entries_listed", [("", row["label"], row["action"]) for row in stand])
        wrongly = []
        for row in (row for row in removed if row["reason"] in FALSE):
            (since,) = self.rows("SELECT max(at) AS at FROM stays WHERE target = :target AND number <= :number "
                                 f"AND {new}",
                                 target=row["target"], number=row["number"])  # fmt: skip
            wrongly.append((row["label"], self.since(since["at"], row["at"])))
        self.count("false_listings", [("", label, "") for label, _ in wrongly])
        self.lengths("time_falsely_listed", 1, wrongly)
        first = self.rows("SELECT asked.label, (unixepoch(min(stays.at)) - unixepoch(opened_at)) / 3600.0 AS h "
                          "FROM stays JOIN asked USING (case_id) GROUP BY case_id HAVING min(stays.at) >= :first "
                          "AND min(stays.at) < :end")  # fmt: skip
        self.lengths("time_published", 1, [(row["label"], max(0.0, row["h"])) for row in first])

    def consumers(self) -> None:
        """Of each consumer, by its real name: how long after each version it first said that it has it."""
        rows = self.rows(
            "SELECT ack.subject AS who, version, versions.at AS published, min(ack.number), ack.at AS at, "
            "(unixepoch(ack.at) - unixepoch(versions.at)) / 3600.0 AS h, EXISTS (SELECT 1 FROM moves WHERE "
            "moves.version = versions.version AND change = 'remove' AND reason <> 'changed') AS takes_back "
            "FROM log AS ack JOIN versions ON version <= ack.body ->> '$.version' WHERE ack.kind = 'acknowledgement' "
            "AND ack.at < :end AND versions.at >= (SELECT min(at) FROM log AS given WHERE given.kind = 'consumer' AND "
            "given.subject = ack.subject) GROUP BY ack.subject, version"
        )
        mine = [row for row in rows if self.within(row["at"])]
        self.lengths("lag_applied", 0, [(row["who"], max(0.0, row["h"])) for row in mine])
        self.lengths("lag_retracted", 0, [(row["who"], max(0.0, row["h"])) for row in mine if row["takes_back"]])
        (row,) = self.rows("SELECT count(DISTINCT subject) AS n FROM log WHERE kind = 'consumer' AND at < :end")
        self.found["consumers", "", "", ""] = row["n"]
        (row,) = self.rows("SELECT count(*) AS n FROM versions WHERE at >= :first AND at < :end")
        self.found["versions", "", "", ""] = row["n"]
