"""What runs the pages can tell a page that is right from one that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import blocks, inline, steps
from tests.docs.knowing import faults
from tests.docs.running import DiffersError, Scene, run

if TYPE_CHECKING:
    from pathlib import Path


def ran(folder: Path, text: str, **fields: dict[str, str]) -> None:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    run("page.md", [block for block in blocks(page) if block.is_shell], Scene(folder=folder, **fields))


def test_a_page_that_is_right_runs_in_one_shell_from_top_to_bottom(tmp_path: Path) -> None:
    ran(
        tmp_path,
        """
```console
$ export WORD=two
$ echo one; echo $WORD; echo c-0123456789 at 2026-11-25T17:26:37Z
one
…
c-aaaaaaaaaa at 2020-01-01T00:00:00+00:00
$ ls no-such-file    # exit status 2
…
```

    echo "$WORD" > word
    cat <<'END' >> word
    # no comment
    END

<!-- not run: it would fail -->

    cat /no/such/file

```sh
test "$(wc -l < word)" = 2 && \\
  grep -q 'no comment' word
false    # not run by a test: it would fail
```
""",
    )
    assert (tmp_path / "word").read_text() == "two\n# no comment\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("```console\n$ echo one\ntwo\n```", "page.md:2: echo one"),
        ("```console\n$ echo one; echo two\none\n```", "the page shows\none"),
        ("```sh\necho fine\ncat /no/such/file\necho never\n```", "page.md:3: cat /no/such/file\nended with 1"),
        ("```sh\necho one    # exit status 4\n```", "page.md:2"),
        ("```sh\nfalse | cat\n```", "page.md:2"),
        ("text\n\n    echo fine\n    cat /no/such/file\n", "page.md:4: cat"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DiffersError, match="page") as caught:
        ran(tmp_path, text)
    assert says in str(caught.value)


def test_what_stands_for_an_example_is_put_in_its_place_in_commands_and_in_what_is_shown(tmp_path: Path) -> None:
    text = "```console\n$ echo CASE-CASES\nCASE-CASES\n```"
    ran(tmp_path, text, stands_for={"CASE": "a", "CASES": "b"}, before={"echo": "test ! -e told && touch told"})
    assert (tmp_path / "told").exists()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("delist triage list --json", ""),
        ("DELIST_TOKEN='a b' delist triage decide CASE delist --reason X --links --as ann && delist publish", ""),
        ("printf x | delist judge > out.jsonl", ""),
        ("delist report https://one.example.test/ --who victim", ""),
        ("delist --var elsewhere backup --keys FOLDER", ""),
        ("delist triage lisst", "delist triage has no command lisst"),
        ("delist publsh", "delist has no command publsh"),
        ("true && delist publish --confrim", "delist publish has no option --confrim"),
        ("X=$(delist triage list --jsn)", "delist triage list has no option --jsn"),
        ("make && git commit --amend", ""),
    ],
)
def test_a_command_that_does_not_exist_is_found_without_running_it(line: str, wrong: str) -> None:
    assert faults(line) == ([wrong] if wrong else [])


def test_diagrams_tables_and_settings_are_no_commands(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "    the web ──▶ a feed\n\ntext `delist publish` text\n\n    [feed]\n    name = 1\n\n```toml\nmake = 1\n```\n"
    )
    assert [block.is_shell for block in blocks(page)] == [False, False, False]
    assert list(inline(page)) == [(3, "delist publish")]
    assert [step for block in blocks(page) if block.is_shell for step in steps(block)] == []
