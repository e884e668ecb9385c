"""What the tests need is named before they run and after; where CI is set, it is a failure."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import needs
import pytest

from zava_mcp.local import pgtap

TESTS = """
import pytest

@pytest.mark.needs("redis-server")
def test_one(): ...

@pytest.mark.needs("redis-server")
def test_two(): ...

@pytest.mark.needs("pgbouncer", "redis-server")
def test_three(): ...

def test_four(): ...
"""


CONFTEST = """
pytest_plugins = ["needs"]

def pytest_configure():
    import needs
    needs.find = lambda program: None  # which also looks where only root has programs
"""


def run(tmp_path: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the four tests, with a PATH that leads to no program."""
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").touch()
    usual = {"CI": "", "PATH": str(tmp_path), "PYTHONPATH": str(Path(needs.__file__).parent)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        env={**os.environ, **usual, **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_is_missing_leaves_tests_out_and_is_named(tmp_path: Path, workers: str) -> None:
    """Neither passed nor skipped, whether the tests run here or in workers."""
    done = run(tmp_path, "-n", workers)
    assert "not run: 2 tests need redis-server (install redis-server)" in done.stdout
    both = "redis-server, pgbouncer (install redis-server; install pgbouncer)"
    assert f"not run: 1 test needs {both}" in done.stdout
    assert "1 passed, 3 not run in" in done.stdout
    assert done.returncode == 0


def test_what_is_missing_fails_in_ci(tmp_path: Path) -> None:
    done = run(tmp_path, "-n", "0", CI="true")
    assert done.stdout.count("Failed: CI is set, and missing: redis-server\n") == 2
    assert "Failed: CI is set, and missing: redis-server, pgbouncer\n" in done.stdout
    assert "1 passed, 3 errors in" in done.stdout
    assert done.returncode == 1


def test_a_need_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(TESTS.replace("redis-server", "reddis"))
    done = run(tmp_path, "-n", "0")
    assert "test_other.py::test_one needs ['reddis'], which needs.py has not" in done.stderr
    assert done.returncode == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    ("arguments", "ci", "code"),
    [((), "", 0), ((), "false", 0), ((), "true", 1), (("redis-server",), "", 1)],
)
def test_the_command_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    arguments: tuple[str, ...], ci: str, code: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(pgtap, "PGTAP_DIR", tmp_path / "pgtap")
    monkeypatch.setattr(needs, "find", lambda _: None)
    assert needs.main(arguments) == code
    said = capfd.readouterr().err
    assert "redis-server  install redis-server" in said
    assert ("the tests that need it are not run" in said) == (code == 0)
    assert ("pgbouncer     install pgbouncer" in said) == (not arguments)


def test_what_is_there_is_not_mentioned(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(needs, "find", lambda program: f"/usr/bin/{program}")
    assert needs.main(["redis-server", "pgbouncer"]) == 0
    assert capfd.readouterr() == ("", "")


def test_a_fetch_that_fails_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no network; exit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(pgtap, "PGTAP_DIR", tmp_path / "nowhere")
    monkeypatch.setattr(pgtap, "DEBIAN", "no package")
    monkeypatch.setattr(needs, "find", lambda _: str(npm))
    assert needs.main(["pgtap"]) == 1
    said = capfd.readouterr().err
    assert "pgtap         make needs " in said
    assert "npm failed: no network" in said
    assert not pgtap.has_control()


def test_pgtap_comes_from_npm_into_a_folder_that_can_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of the environment, or else the user's cache; readable by every user."""
    files = tmp_path / "extension"
    files.mkdir()
    for name in ("pgtap.control", "pgtap--1.3.5.sql", "pgtap--1.3.4--1.3.5.sql"):
        (files / name).write_text(f"-- {name}")
    (tmp_path / "dist").mkdir()
    with tarfile.open(tmp_path / "dist" / "pgtap.tar.gz", "w:gz") as inner:
        inner.add(files, "share/extension")
    with tarfile.open(tmp_path / "package.tgz", "w:gz") as outer:
        outer.add(tmp_path / "dist", "package/dist")
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\ncp {tmp_path}/package.tgz .\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(pgtap, "PGTAP_DIR", tmp_path / "own")
    assert pgtap.script() is None
    assert pgtap.fetch() == tmp_path / "own" / "extension" / "pgtap--1.3.5.sql"
    assert pgtap.has_control()
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "own").rglob("*.sql")} == {
        0o644
    }

    monkeypatch.setattr(pgtap, "PGTAP_DIR", npm / "no folder")  # below a file
    cached = tmp_path / "cache" / "zava-mcp" / "pgtap" / "extension" / "pgtap--1.3.5.sql"
    assert pgtap.fetch() == pgtap.script() == cached
