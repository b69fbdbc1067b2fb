from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.feed.entry import Action
from tests.blocklists.feed.pressing import entry
from tests.blocklists.indexes.postgres import programs

if TYPE_CHECKING:
    from tests.blocklists.indexes.postgres import Engine

pytestmark = pytest.mark.xdist_group("postgresql")

PAGE = Path(__file__).parents[3] / "docs" / "indexes.md"
QUERY = "SELECT id, title FROM docs WHERE words @@ plainto_tsquery('english', 'word') ORDER BY id"
BAD, WORSE = entry("bad.example.test/app"), entry("worse.example.test")


def psql(pages: Engine, text: str, role: str = "search") -> list[str]:
    command = [programs() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", pages.connection(role)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def delist(pages: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    pages.state.mkdir(exist_ok=True)
    key = pages.state / "key.json"
    key.write_text(pages.publisher.key.to_json())
    place = ["--var", str(pages.state), "apply", "--feed", str(pages.publisher.folder), "--key", str(key)]
    command = [sys.executable, "-m", "blocklists.cli", *place, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_hides_from_psql_what_is_listed_and_a_retraction_brings_it_back(pages: Engine) -> None:
    index = f"postgresql:{pages.connection()}#public.docs?role=search"
    every = ["1|good word", "2|bad word", "3|worse word", "4|odd word", "5|no word"]
    assert psql(pages, QUERY) == every
    pages.publisher.publish(BAD, WORSE)
    done = delist(pages, index)
    assert done.stdout == "version 1: scanned 5, delisted 2, restored 0; now 2 delisted, 0 demoted, 0 warned\n", done
    assert "2 documents have no address that can be checked" in done.stderr
    assert psql(pages, QUERY) == ["1|good word", "4|odd word", "5|no word"]
    assert psql(pages, QUERY, role="owner") == every
    assert delist(pages, index.replace("=search", "=owner")).returncode == 1
    pages.publisher.publish()
    assert "scanned 0, delisted 0, restored 2" in delist(pages, index).stdout
    assert psql(pages, QUERY) == every


def test_the_command_ends_with_the_status_that_says_whose_failure_it_was(pages: Engine) -> None:
    pages.publisher.publish(BAD)
    assert delist(pages, f"postgresql:{pages.connection()}").returncode == 2
    gone = delist(pages, f"postgresql:host={pages.state} dbname=pages password=secret#docs")
    assert (gone.returncode, "no connection to the server" in gone.stderr) == (3, True)
    assert "secret" not in gone.stderr + gone.stdout


def test_what_the_page_says_to_type_can_be_typed(pages: Engine) -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## PostgreSQL\n")[2].partition("\n## ")[0]
    roles, doors, marks, speed, off = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    psql(pages, roles.replace("ROLE search", "ROLE searcher"), role="postgres")
    psql(pages, "DROP ROLE searcher", role="postgres")
    pages.apply(WORSE, entry("bad.example.test", action=Action.DEMOTE))
    assert psql(pages, doors, role="owner") == []
    assert psql(pages, marks, role="owner")[-1] == "2|demote|nudify"
    assert psql(pages, marks.splitlines()[-1]) == ["1||", "4||", "5||", "2|demote|nudify"]
    psql(pages, speed, role="postgres")
    assert "Bitmap Index Scan" in " ".join(psql(pages, f"SET enable_seqscan = off; EXPLAIN {QUERY}"))
    psql(pages, "ALTER FUNCTION ts_match_vq(tsvector, tsquery) NOT LEAKPROOF", role="postgres")
    assert "Bitmap Index Scan" not in " ".join(psql(pages, f"SET enable_seqscan = off; EXPLAIN {QUERY}"))
    psql(pages, off, role="owner")
    assert len(psql(pages, QUERY)) == 5
