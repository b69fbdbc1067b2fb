"""The Containerfile: no rights, nothing that builds in what is run, locked libraries, files and commands that exist."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blocklists.cli import main
from tests.packaging.containerfile import Instruction, commands, instructions

ROOT = Path(__file__).parents[2]
TOLD = instructions(ROOT / "Containerfile")
LAST = [one for one in TOLD if one.stage == "last"]


def of(word: str, told: list[Instruction] = TOLD) -> list[str]:
    return [one.rest for one in told if one.word == word]


def test_both_stages_stand_on_one_slim_debian_whose_python_is_the_locked_one() -> None:
    assert of("ARG") == ["BASE=debian:bookworm-slim"]  # Debian 12: Python 3.11
    assert of("FROM") == ["${BASE} AS build", "${BASE}"]
    assert "latest" not in (ROOT / "Containerfile").read_text()


def test_what_is_run_has_no_rights_and_writes_to_one_volume() -> None:
    words = [one.word for one in LAST]
    assert of("USER", LAST) == ["10001:10001"]
    assert "RUN" not in words[words.index("USER") :]
    assert "COPY" not in words[words.index("USER") :]
    assert of("VOLUME", LAST) == ['["/var/lib/delist"]']
    assert "DELIST_VAR=/var/lib/delist" in of("ENV", LAST)[0].split()
    assert "PYTHONDONTWRITEBYTECODE=1" in of("ENV", LAST)[0].split()  # its root may be read-only
    assert not [one for one in LAST if one.word == "ADD" or "sudo" in one.rest or "chmod" in one.rest]


def installed(stage: str) -> set[str]:
    lines = [line for line in commands(TOLD, stage) if line.startswith("apt-get install")]
    return {word for line in lines for word in line.split()[2:] if not word.startswith("-")}


def test_what_builds_stays_in_the_stage_that_builds() -> None:
    assert installed("last") == {"python3", "ca-certificates"}
    assert installed("build") == {"python3", "python3-venv", "gcc", "libc6-dev"}
    assert commands(TOLD, "build")[-1] == "/opt/delist/bin/python -m pip uninstall -qq -y pip setuptools"
    for stage in ("build", "last"):
        assert all("--no-install-recommends" in line for line in commands(TOLD, stage) if "apt-get install" in line)


def test_every_file_that_is_copied_exists_and_is_sent_to_the_engine() -> None:
    sent = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [name for rest in of("COPY") if "--from=" not in rest for name in rest.split()[:-1]]
    assert {"crawler", "classifiers", "blocklists"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        assert any(fnmatch.fnmatch(name, line[1:]) for line in sent), name
    assert [rest for rest in of("COPY") if "--from=" in rest] == ["--from=build /opt/delist /opt/delist"]


def test_libraries_are_installed_by_the_command_that_make_setup_runs() -> None:
    recipe = re.search(r"python (-m pip install .+) -r requirements/dev\.txt", (ROOT / "Makefile").read_text())
    assert recipe
    locked = [line for line in commands(TOLD, "build") if "--require-hashes" in line]
    assert [line.rpartition(" ")[2] for line in locked] == ["requirements/run.txt", "requirements/build.txt"]
    assert all(set(shlex.split(recipe[1])) <= set(shlex.split(line)) for line in locked)


def test_what_builds_the_wheel_is_locked_as_for_the_developers() -> None:
    pins = [
        re.findall(r"^\S+==.*?(?=^\S+==|\Z)", (ROOT / "requirements" / name).read_text(), re.MULTILINE | re.DOTALL)
        for name in ("build.txt", "dev.txt")
    ]
    assert any(pin.startswith("hatchling==") for pin in pins[0])
    assert set(pins[0]) <= set(pins[1])


def test_what_is_started_and_asked_for_health_exists() -> None:
    words = [*json.loads(of("ENTRYPOINT")[0]), *json.loads(of("CMD", LAST)[0])]
    assert words[0] == "delist"
    context = main.make_context("delist", words[1:])
    command = main.get_command(context, words[3])
    assert command
    command.make_context("serve", words[4:], parent=context)
    check = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
    compile(check[2], "health", "exec")
    assert f"127.0.0.1:{of('EXPOSE')[0]}/health" in check[2]
    assert f"default={of('EXPOSE')[0]}" in (ROOT / "blocklists" / "cli" / "serving.py").read_text()


@pytest.mark.soak
def test_the_install_commands_make_a_delist_that_works(tmp_path: Path) -> None:
    source = tmp_path / "src"
    for name in [name for rest in of("COPY") if "--from=" not in rest for name in rest.split()[:-1]]:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    for line in commands(TOLD, "build"):
        if not line.startswith(("apt-get", "rm ")):
            here = line.replace("/opt/", f"{tmp_path}/opt/").replace("python3 -m venv", f"{sys.executable} -m venv")
            subprocess.run(shlex.split(here), cwd=source, check=True)
    delist = tmp_path / "opt" / "delist" / "bin" / "delist"
    subprocess.run([delist, "init", "--contact", "ops@trust.internal", "--hub", "github"], cwd=tmp_path, check=True)
    lock = ROOT / "requirements" / "run.txt"
    done = subprocess.run(
        [delist, "doctor", "--json", "--lock", lock], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = {row["check"]: row["state"] for row in map(json.loads, done.stdout.splitlines())}
    assert found["packages"] == found["model file"] == found["robots"] == "ok"
    assert not (tmp_path / "opt" / "delist" / "bin" / "pip").exists()


def _engine() -> str | None:
    """A container engine that answers, if there is one: a client without a server builds nothing."""
    for name in ("podman", "docker"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return None


@pytest.mark.soak
def test_where_there_is_an_engine_the_image_is_built_and_runs_without_rights() -> None:
    engine = _engine()
    if engine is None:
        pytest.skip("no container engine answers: the Containerfile was read and its commands run, but not built")
    subprocess.run([engine, "build", "-t", "delist-test", str(ROOT)], check=True)
    once = [engine, "run", "--rm", "--read-only"]
    done = subprocess.run([*once, "delist-test", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("delist, version ")
    who = subprocess.run([*once, "--entrypoint", "id", "delist-test", "-u"], capture_output=True, text=True, check=True)
    assert who.stdout.strip() == "10001"
