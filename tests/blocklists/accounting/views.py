"""The SQL of the recount that says what belongs together; nothing of it is the report's."""

from __future__ import annotations

VIEWS = """
CREATE TEMP VIEW firsts AS SELECT listing, label, band, model FROM (SELECT *, row_number() OVER
    (PARTITION BY listing ORDER BY at, model, text_digest) AS n FROM verdicts) WHERE n = 1;
CREATE TEMP VIEW asked AS SELECT case_id, opened_at,
    CASE WHEN firsts.model <> 'none' AND firsts.band = 'clear' THEN 'sexual_likeness' ELSE firsts.label END AS label,
    CASE WHEN firsts.model = 'none' THEN 'told' WHEN firsts.band = 'clear' THEN 'signal' ELSE firsts.band END AS band
    FROM members JOIN cases ON cases.id = case_id JOIN firsts USING (listing) WHERE joined_by = 'opened it';
CREATE TEMP VIEW flagged AS SELECT members.listing, listings.hub, joined_at, joined_by, first_seen, case_id,
    CASE WHEN firsts.band = 'clear' THEN 'sexual_likeness' ELSE firsts.label END AS label,
    lag(listings.hub) OVER (PARTITION BY members.case_id ORDER BY joined_at, hub, members.listing) AS before
    FROM members JOIN listings ON listings.id = members.listing JOIN firsts ON firsts.listing = members.listing;
CREATE TEMP VIEW versions AS SELECT CAST(subject AS INTEGER) AS version, at FROM log WHERE kind = 'publication';
CREATE TEMP VIEW moves AS SELECT number, versions.at, version, change, target, body ->> '$.case' AS case_id,
    body ->> '$.reason' AS reason, body ->> '$.label' AS label, body ->> '$.action' AS action
    FROM entries JOIN versions USING (version);
CREATE TEMP VIEW stays AS SELECT came.number, came.at, came.target, came.case_id, came.label, came.action,
    (SELECT min(number) FROM moves AS gone WHERE gone.target = came.target AND gone.number > came.number
        AND change = 'remove') AS ends
    FROM moves AS came WHERE change = 'add';
"""
#: Turns of a listing: when it was gone, when it was back. A look is part of the run that the last sight began.
TURNS = """
WITH runs AS (SELECT *, sum(how = 'seen') OVER (PARTITION BY listing ORDER BY at, how) AS run FROM presences
    WHERE at < :end),
missed AS (SELECT *, min(CASE WHEN how <> 'seen' THEN at END) OVER (PARTITION BY listing, run) AS since FROM runs),
gone AS (SELECT listing, run, min(at) AS gone FROM missed
    WHERE how = 'swept' OR (how = 'missing' AND unixepoch(at) - unixepoch(since) >= 86400) GROUP BY 1, 2)
SELECT hub, first_seen, gone, (SELECT min(at) FROM runs WHERE runs.listing = gone.listing AND how = 'seen'
    AND runs.run = gone.run + 1) AS back FROM gone JOIN flagged USING (listing)
"""
