"""The systemd units: systemd reads them, finds little that they may do, and what they start exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blocklists.cli import main
from blocklists.cli.running import OUTSIDE
from blocklists.doctor.backups import folder_of
from blocklists.place import Place
from blocklists.settings.example import example
from blocklists.settingup import set_up

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
BIN = Path(sys.executable).parent
#: Of ten: what systemd calls safe ends at two. A unit that lost its filters or its user is far above.
MOST_EXPOSED = 1.5


def settings(path: Path) -> list[tuple[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"\w+=", line)]
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


@pytest.fixture
def here(tmp_path: Path) -> list[Path]:
    """The units with the commands of this installation."""
    if shutil.which("systemd-analyze") is None:
        raise AssertionError("the units are read by systemd itself: run `make setup-servers`, it installs systemd")
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/delist/bin", str(BIN))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return sorted([*tmp_path.glob("*.service"), *tmp_path.glob("*.timer")])


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_reads_every_unit_without_a_word(here: list[Path]) -> None:
    done = analyze("verify", "--man=no", "--generators=no", *here)
    assert (done.returncode, done.stderr) == (0, "")
    here[0].write_text(here[0].read_text().replace("ProtectSystem=strict", "ProtectSystm=strict"))
    assert "ProtectSystm" in analyze("verify", "--man=no", "--generators=no", *here).stderr


def exposure(path: Path) -> float:
    told = analyze("security", "--offline=true", "--no-pager", path).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert found, told
    return float(found[1])


def test_systemd_finds_little_that_a_service_may_do(here: list[Path]) -> None:
    for path in [one for one in here if one.suffix == ".service"]:
        assert exposure(path) <= MOST_EXPOSED, path.name
    open_wide = here[0].with_name("open.service")
    lines = [line for line in here[0].read_text().splitlines() if not re.match(r"(User|System|Capab|NoNew)", line)]
    open_wide.write_text("\n".join(lines))
    assert exposure(open_wide) > MOST_EXPOSED


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_has_no_rights_and_one_folder(path: Path) -> None:
    told = dict(settings(path))
    assert told["User"] == told["Group"] == "delist"
    assert told["ProtectSystem"] == "strict"
    assert told["StateDirectory"] == "delist"
    assert told["StateDirectoryMode"] == "0700"
    assert "ReadWritePaths" not in told
    assert told["CapabilityBoundingSet"] == ""
    assert {told[name] for name in ("NoNewPrivileges", "PrivateTmp", "MemoryDenyWriteExecute")} == {"yes"}
    assert ("SystemCallFilter", "@system-service") in settings(path)
    assert told["Environment"] == "DELIST_VAR=/var/lib/delist"


def started(path: Path) -> list[str]:
    """The words of what a service starts, as systemd reads them; what stands within a shell's words, of the shell."""
    line = dict(settings(path))["ExecStart"].replace("%%", "%").replace("$$", "$")
    words = shlex.split(line)
    return shlex.split(words[2].removeprefix("exec ")) if words[:2] == ["/bin/sh", "-c"] else words


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_what_a_service_starts_is_a_command_with_options_that_exist(path: Path) -> None:
    words = started(path)
    assert words[:3] == ["/opt/delist/bin/delist", "--config", "/etc/delist/delist.toml"]
    context = main.make_context("delist", words[1:])
    command = main.get_command(context, words[3])
    assert command
    assert command.make_context(words[3], words[4:], parent=context).params is not None


def test_a_hub_that_failed_is_no_failure_of_the_service() -> None:
    assert dict(settings(UNITS / "delist-run.service"))["SuccessExitStatus"] == str(OUTSIDE)


@pytest.mark.parametrize("path", sorted(UNITS.glob("*.timer")), ids=lambda path: path.stem)
def test_each_timer_has_its_service_and_a_calendar_that_systemd_reads(path: Path, here: list[Path]) -> None:
    assert here
    assert path.with_suffix(".service").exists()
    assert analyze("calendar", dict(settings(path))["OnCalendar"]).returncode == 0


def test_the_user_of_the_services_is_made(here: list[Path]) -> None:
    assert here
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", UNITS / "delist.sysusers"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_nightly_backup_is_where_the_doctor_looks(tmp_path: Path) -> None:
    var = tmp_path / "var"
    config = tmp_path / "delist.toml"
    config.write_text(example("ops@trust.internal"))
    list(set_up(Place(var=var, config=config), None))
    line = dict(settings(UNITS / "delist-backup.service"))["ExecStart"].replace("%%", "%").replace("$$", "$")
    line = (
        line.replace("/opt/delist/bin", str(BIN))
        .replace("/etc/delist", str(tmp_path))
        .replace("/var/lib/delist", str(var))
    )
    subprocess.run(shlex.split(line), check=True, env={"DELIST_VAR": str(var), "PATH": "/usr/bin:/bin"})
    made = list(folder_of(Place(var=var, config=config), "").iterdir())
    assert [re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ", path.name) is not None for path in made] == [True]
