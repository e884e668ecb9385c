"""What the tests need beside Python: installed where this user may, otherwise named.

``python tests/needs.py [NAME ...]`` looks for all of it, or for what is named, and gets what is
missing: packages by apt-get for root, the rest by npm. It lists what it could not get, each with
the command to type. Exit code 1 when something is missing that was named, or where CI is set.

As a plugin of pytest it leaves out the tests marked ``needs("redis-server")`` where that is
missing, and names them in the summary as not run. Where CI is set they fail instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from zava_mcp import pages
from zava_mcp.local import pgtap

SHARE = Path(sys.prefix, "share")
CONFORMANCE = SHARE / "conformance"
APPS = SHARE / "apps"
PACKAGES = {CONFORMANCE: "conformance", APPS: "browser"}
BUILD_PAGES = Path(__file__).parents[1] / "release" / "pages.py"
NAMES_OF_BREW = {"redis-server": "redis", "npm": "node"}


class Need(NamedTuple):
    """Something to have; ``program`` is or fetches it, and is also the name of Debian's package."""

    name: str
    program: str
    purpose: str
    is_there: Callable[[], bool]
    fetch: Callable[[], object] | None = None


def find(program: str) -> str | None:
    """Return the path of a program; also of one that only root has on PATH."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(program, path=path)


def path_of(program: str) -> str:
    """Return the path of a program that a test needs; fail with the command that installs it."""
    found = find(program)
    assert found, f"{program} is missing: {how_to_install(program)}"
    return found


def has_packages(folder: Path) -> bool:
    """Return whether the packages are installed that a package.json lists today."""
    stamp, package = folder / "installed", package_of(folder)
    return stamp.exists() and stamp.read_bytes() == package.read_bytes()


def fetch_packages(folder: Path) -> None:
    """Install what a package.json of the tests lists."""
    npm = find("npm")
    if npm is None:
        raise OSError("npm is missing")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(package_of(folder), folder)
    options = (*pgtap.NPM_OPTIONS, "--no-audit", "--no-fund", "--no-package-lock")
    run([npm, "install", *options, "--prefix", str(folder)])
    shutil.copy(package_of(folder), folder / "installed")


def package_of(folder: Path) -> Path:
    """Return the package.json of the tests that says what a folder holds."""
    return Path(__file__).parent / PACKAGES[folder] / "package.json"


def run(command: Sequence[str], **options: Any) -> None:
    """Run a program without input; raise OSError with the end of its output when it fails."""
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
    if done.returncode:
        lines = done.stdout.strip().splitlines()[-3:]
        raise OSError(": ".join([f"{Path(command[0]).name} failed", *lines]))


NEEDS = {
    need.name: need
    for need in (
        Need(
            "redis-server",
            "redis-server",
            "limits and answers that several servers share",
            lambda: find("redis-server") is not None,
        ),
        Need(
            "pgbouncer",
            "pgbouncer",
            "a pooler in front of the database",
            lambda: find("pgbouncer") is not None,
        ),
        Need(
            "chromium",
            "chromium",
            "the browser of tests/browser, which make matrix runs",
            lambda: find("chromium") is not None,
        ),
        Need(
            "pages",
            "npm",
            "the pages that people look at",
            (pages.BUILT / "app.html").exists,
            lambda: run([sys.executable, str(BUILD_PAGES)]),
        ),
        Need("pgtap", "npm", "the tests of the database", pgtap.has_control, pgtap.fetch),
        Need(
            "conformance",
            "npm",
            "the official conformance suite and inspector",
            partial(has_packages, CONFORMANCE),
            partial(fetch_packages, CONFORMANCE),
        ),
        Need(
            "apps",
            "npm",
            "the host side of MCP Apps, for tests/browser",
            partial(has_packages, APPS),
            partial(fetch_packages, APPS),
        ),
    )
}


def in_ci() -> bool:
    """Return whether nothing may be missing."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def how_to_install(program: str) -> str:
    """Return the command that installs a program here."""
    if shutil.which("apt-get"):
        return f"{'' if os.geteuid() == 0 else 'sudo '}apt install {program}"
    if shutil.which("brew"):
        return f"brew install {NAMES_OF_BREW.get(program, program)}"
    return f"install {program}"


def how_to_get(need: Need) -> str:
    """Return the command that brings what is missing."""
    return how_to_install(need.program) if find(need.program) is None else "make needs"


# The command ------------------------------------------------------------------------------------


def main(names: Sequence[str]) -> int:
    """Get what is missing, list what could not be got, and return the exit code."""
    os.umask(0o022)  # PostgreSQL may run as another user, who reads these files
    wanted = [NEEDS[name] for name in names or NEEDS]
    programs = {need.program for need in wanted if not need.is_there()}
    failures = install(sorted(name for name in programs if find(name) is None))
    for need in wanted:
        if need.fetch and not need.is_there():
            try:
                need.fetch()
            except OSError as error:
                failures[need.name] = str(error)
    missing = [need for need in wanted if not need.is_there()]
    if not missing:
        return 0
    is_failure = bool(names) or in_ci()
    end = "" if is_failure else "; the tests that need it are not run"
    print(f"Missing on this machine{end}:", file=sys.stderr)
    for need in missing:
        print(f"  {need.name:14}{how_to_get(need):34}{need.purpose}", file=sys.stderr)
        if why := failures.get(need.program) or (find(need.program) and failures.get(need.name)):
            print(f"  {'':14}{why}", file=sys.stderr)
    return 1 if is_failure else 0


def install(programs: Sequence[str]) -> dict[str, str]:
    """Install Debian packages where this user may; return why each of the others was not."""
    apt = shutil.which("apt-get")
    if not programs or apt is None or os.geteuid() != 0:
        return {}
    print(f"apt-get install {' '.join(programs)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failures: dict[str, str] = {}
    for program in ("", *programs):
        options = ("install", "-qq", "-y", "--no-install-recommends", program)
        try:
            run([apt, *(options if program else ("update", "-qq"))], env=environment)
        except OSError as error:
            failures[program] = str(error)
    return failures


# The plugin of pytest ---------------------------------------------------------------------------

NOT_RUN = pytest.StashKey[dict[str, list[str]]]()  # by what is missing: the tests


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line("markers", f"needs(name, ...): not run without {', '.join(NEEDS)}")
    config.stash[NOT_RUN] = {}


def missing_for(item: pytest.Item) -> list[str]:
    """List what a test needs and this machine does not have."""
    names = [name for mark in item.iter_markers("needs") for name in mark.args]
    if item.path.suffix == ".sql":
        names.append("pgtap")
    if unknown := set(names) - NEEDS.keys():
        raise pytest.UsageError(f"{item.nodeid} needs {sorted(unknown)}, which needs.py has not")
    return [name for name in NEEDS if name in names and not NEEDS[name].is_there()]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that cannot run here; where CI is set they stay, and fail."""
    if in_ci():
        return
    runs = []
    for item in items:
        if missing := missing_for(item):
            config.stash[NOT_RUN].setdefault(", ".join(missing), []).append(item.nodeid)
        else:
            runs.append(item)
    items[:] = runs


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose need is missing, before its fixtures are made."""
    if missing := missing_for(item):
        pytest.fail(f"CI is set, and missing: {', '.join(missing)}", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker of xdist left out to the process that prints the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["not_run"] = session.config.stash[NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it there; each worker collects all tests."""
    node.config.stash[NOT_RUN].update(getattr(node, "workeroutput", {}).get("not_run", {}))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how many tests were not run, and what brings them back."""
    for names, tests in config.stash[NOT_RUN].items():
        how = "; ".join(dict.fromkeys(how_to_get(NEEDS[name]) for name in names.split(", ")))
        verb = "test needs" if len(tests) == 1 else "tests need"
        line = f"not run: {len(tests)} {verb} {names} ({how})"
        terminalreporter.write_line(line, yellow=True)
        terminalreporter.stats.setdefault("not run", []).extend(tests)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
