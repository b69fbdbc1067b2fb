from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from blocklists.conformance import asking, consumer
from blocklists.publishing.vendoring import single_file


def test_the_file_that_a_search_engine_vendors_passes_with_nothing_else_installed(tmp_path: Path) -> None:
    (tmp_path / "reader.py").write_text(single_file("0"), encoding="utf-8")
    ours = Path(consumer.__file__).read_text(encoding="utf-8")
    asked = re.sub(r"from blocklists\.(client|feed)[a-z._]* import", "from reader import", ours)
    assert "import blocklists" not in asked
    (tmp_path / "asked.py").write_text(asked, encoding="utf-8")
    alone = [sys.executable, "-S", "-E", str(tmp_path / "asked.py")]  # no site-packages, no PYTHONPATH
    assert subprocess.run([*alone[:3], "-c", "import click"], capture_output=True, check=False).returncode == 1
    assert [outcome.wrong for outcome in asking.run(alone) if outcome.wrong] == []
