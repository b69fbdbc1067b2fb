"""docs/scale.md, "Screening in bulk": its commands, run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from tests.blocklists.bulk.conftest import jsonl, rows
from tests.blocklists.bulk.test_blocks import archive

PAGE = Path(__file__).parents[3] / "docs/scale.md"


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    section = PAGE.read_text().partition("## Screening in bulk\n")[2].partition("\n## ")[0]
    commands = section.partition("```sh\n")[2].partition("```")[0]
    (tmp_path / "catalogue.jsonl").write_bytes(jsonl(9))
    (tmp_path / "cards").mkdir()
    parquet.write_table(pa.Table.from_pylist(rows(30)), tmp_path / "cards/a.parquet")
    (tmp_path / "table.csv").write_text("title,text\na,b\n")
    archive(tmp_path / "crawl.warc.gz", 2, gzip=True)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-e"], cwd=tmp_path, env=environment, input=commands, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "cards: 30 listings, 10 flagged, 10 cases opened\n"), done.stderr
    assert (tmp_path / "judged.jsonl").read_bytes().count(b'"verdict"') == 9
    assert (tmp_path / "judged-too.jsonl").read_bytes().count(b'"verdict"') == 30 + 1 + 4
