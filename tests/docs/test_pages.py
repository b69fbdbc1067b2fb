"""Every command that README and docs/ show is run, in order, as the page has it, or says on the page why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import PAGES, ROOT, blocks, inline, steps
from tests.docs.knowing import faults
from tests.docs.running import run
from tests.docs.scenes import SCENES
from tests.docs.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

#: Blocks of a language that a test beside what they show runs, word by word.
ELSEWHERE = {
    ("docs/serving.md", "sh"): "tests/blocklists/service/test_docs.py::test_an_indexers_first_hour_by_the_page_only",
    ("docs/scale.md", "sh"): "tests/blocklists/bulk/test_scale_page.py::test_the_commands_of_the_page_run",
    ("docs/tutorial.md", "console"): "tests/docs/test_tutorial.py::test_an_operators_first_day_by_the_tutorial_only",
}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def runnable(page: Path) -> list[object]:
    return [
        block
        for block in blocks(page)
        if block.is_shell and not block.why_not and (name(page), block.language) not in ELSEWHERE
    ]


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=name)
def test_the_commands_of_a_page_run_and_print_what_it_shows(page: Path, tmp_path: Path, warm_delist: Path) -> None:
    assert name(page) in SCENES, "the page shows commands: give it a scene, or say in it why they are not run"
    with SCENES[name(page)](Stage(folder=tmp_path, warm=warm_delist)) as scene:
        run(name(page), runnable(page), scene)


def test_what_a_page_names_exists_in_the_command_also_where_it_is_not_run() -> None:
    wrong = [
        f"{name(page)}:{line}: {fault}"
        for page in PAGES
        for line, command in [
            *((step.line, step.command) for block in blocks(page) if block.is_shell for step in steps(block)),
            *((line, code) for line, code in inline(page) if code.startswith("delist ")),
        ]
        for fault in faults(command)
    ]
    assert wrong == []


@pytest.mark.parametrize("test", ELSEWHERE.values())
def test_a_test_that_is_said_to_run_a_block_exists(test: str) -> None:
    path, _, function = test.partition("::")
    assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")
