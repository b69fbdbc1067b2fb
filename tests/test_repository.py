"""The repository is what it says: floors hold, documents link to what is there, nothing names a registry."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import blocklists
import classifiers
import crawler
from reference import hook

REPOSITORY = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
MADE = {REPOSITORY / "docs" / page for page in hook.pages()}  # pages of the site that are made from the code


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [REPOSITORY / name for name in listed.stdout.splitlines() if (REPOSITORY / name).is_file()]


@pytest.mark.parametrize("package", [crawler, classifiers, blocklists], ids=lambda package: package.__name__)
def test_each_package_comes_from_this_checkout(package: object) -> None:
    assert Path(str(getattr(package, "__file__", ""))).parents[1] == REPOSITORY


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("crawler", "classifiers", "blocklists"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def floors(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()",
    ]
    return subprocess.run([*command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_the_floors_hold(copy: Path) -> None:
    done = floors(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "upward"),
    [
        ("crawler/listing.py", "import classifiers.taxonomy"),
        ("classifiers/taxonomy.py", "import crawler.listing"),
        ("crawler/listing.py", "import blocklists.feed.errors"),
        ("blocklists/feed/errors.py", "import blocklists.ledger.errors"),
        ("blocklists/case/errors.py", "import blocklists.triage"),
        ("blocklists/ledger/errors.py", "import blocklists.screening"),
        ("blocklists/feed/errors.py", "import click"),
        ("blocklists/client/__init__.py", "import cryptography"),
        ("blocklists/triage/reading.py", "import scrapy"),
    ],
)
def test_an_upward_import_breaks_the_floors(copy: Path, module: str, upward: str) -> None:
    path = copy / module
    path.write_text(f"{path.read_text()}\n{upward}\n")
    done = floors(copy)
    assert done.returncode != 0
    assert "1 broken" in done.stdout or "broken" in done.stdout


def test_every_file_that_a_document_links_to_exists() -> None:
    for path in DOCUMENTS:
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8")):
            led_to = Path(os.path.normpath(path.parent / link))
            assert led_to in MADE or led_to.exists(), f"{path.name}: {link}"


def test_every_recipe_that_the_readme_names_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    named = set(re.findall(r"\bmake ([a-z-]+)\b", (REPOSITORY / "README.md").read_text()))
    assert {"demo", "test"} <= named
    for recipe in named - {"lists"}:
        assert re.search(rf"^{recipe}:", makefile, re.MULTILINE), recipe


def test_locked_requirements_carry_hashes_and_no_address() -> None:
    for path in (REPOSITORY / "requirements").iterdir():
        lines = path.read_text().splitlines()
        assert not any("://" in line or line.startswith("-") for line in lines), path
        pinned = [n for n, line in enumerate(lines) if "==" in line and not line.startswith(" ")]
        assert pinned
        assert all("--hash=sha256:" in lines[n + 1] for n in pinned), path


def test_no_picture_video_archive_or_weight_file_is_in_the_repository() -> None:
    media = re.compile(r"\.(png|jpe?g|gif|webp|avif|mp4|webm|safetensors|ckpt|pt|bin|gguf|onnx|pkl|joblib|zip|tar|gz)$")
    assert [path for path in tracked() if media.search(path.name) and "docs" not in path.parts] == []


def test_help_is_quick_to_import() -> None:
    code = (
        "import sys, blocklists.cli; print([m for m in ('scrapy', 'sklearn', 'numpy', 'twisted') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_review_desk_opens_without_scrapy_scikit_learn_and_numpy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom blocklists.cli import main\n"
        "main(['--var', sys.argv[1], 'triage', 'list'], standalone_mode=False)\n"
        "print([m for m in ('scrapy', 'sklearn', 'numpy', 'twisted') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
