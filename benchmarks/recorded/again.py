"""Runs one benchmark and keeps what it printed beside this file: `benchmarks/recorded/again.py NAME [OPTION...]`.

What docs/scale.md computes with is read from here, so that each of its figures leads to a command, a commit and a day.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent


def rows_of(printed: str) -> list[object]:
    """The rows of a benchmark: those of one object, or objects, one a line."""
    try:
        whole = json.loads(printed)
    except json.JSONDecodeError:
        return [json.loads(line) for line in printed.splitlines()]
    return [{key: value for key, value in whole.items() if key != "rows"}, *whole["rows"]]


def main() -> None:
    """Run, then write the file at once."""
    name, *options = sys.argv[1:]
    began, load = datetime.now(UTC), os.getloadavg()[0]
    command = [sys.executable, str(HERE.parent / f"{name}.py"), "--json", *options]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    kept = {
        "command": " ".join([f"benchmarks/{name}.py", "--json", *options]),
        "commit": commit.strip(),
        "day": began.date().isoformat(),
        "cores": os.cpu_count(),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        "rows": [row for row in rows_of(printed) if row],
    }
    (HERE / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
