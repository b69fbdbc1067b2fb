"""What the explanations claim: tests that they name exist, every rule has one, and the law page says what it is not."""

from __future__ import annotations

import ast
import re

from tests.docs.blocks import PAGES, ROOT, blocks, steps

THREATS = (ROOT / "docs/explanation/threats.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
RULES = 11


def _tests_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_that_a_page_names_exists() -> None:
    named = {found for page in PAGES for found in NAMED.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 3 * RULES
    missing = [f"{path}::{test}" for path, test in named if not (ROOT / path).exists() or test not in _tests_of(path)]
    assert missing == []


def test_each_of_the_eleven_rules_says_against_what_it_stands_what_remains_and_which_tests_hold_it() -> None:
    sections = re.split(r"^## ", THREATS, flags=re.MULTILINE)[1:]
    rules = [section for section in sections if "**Rule.**" in section]
    assert len(rules) == RULES
    for rule in rules:
        name = rule.partition("\n")[0]
        assert "**Against**" in rule, name
        assert "**Remains.**" in rule, name
        assert len(NAMED.findall(rule)) >= 2, name


def test_the_page_on_law_says_that_it_is_no_advice_and_was_not_checked() -> None:
    page = (ROOT / "docs/explanation/privacy-and-law.md").read_text(encoding="utf-8")
    assert "No legal advice" in page
    assert "has not been" in page.partition("checked by counsel")[0]
    assert page.count("**Ask counsel**") >= 5
    assert all(law in page for law in ("GDPR", "Digital Services Act", "Online Safety Act", "18 USC 2258A"))


def test_what_is_not_run_says_why_and_the_tests_that_it_names_are_there() -> None:
    untried = [(block.why_not, page) for page in PAGES for block in blocks(page) if block.is_shell and block.why_not]
    untried += [
        (step.why_not, page) for page in PAGES for block in blocks(page) if block.is_shell for step in steps(block)
    ]
    reasons = [(why, page) for why, page in untried if why]
    assert all(len(why.split()) > 1 for why, _ in reasons), reasons
    named = [place for why, _ in reasons for place in re.findall(r"tests/[\w/.]+\w", why)]
    assert named
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_at_most_one_command_in_five_is_not_run() -> None:
    shown = [(block, step) for page in PAGES for block in blocks(page) if block.is_shell for step in steps(block)]
    untried = [step for block, step in shown if block.why_not or step.why_not]
    assert len(shown) > 200
    assert len(untried) * 5 < len(shown)
