"""Run the tests with the clock at other dates: no test may depend on the date of today.

``python tests/dates.py`` runs pytest at today, at the end of the year, on a leap day and in five
years, one after the other, and prints a line with the counts for each date. dates.c sets the clock
of pytest and of all that it starts, PostgreSQL too. Arguments go to pytest. Exit code 1 when a test
fails at any date, or the clock cannot be set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(__file__).with_suffix(".c")
NO_COMPILER = (
    "cc is missing, which compiles the library that sets the clock of the tests: "
    "apt-get install gcc libc6-dev on Debian and Ubuntu, dnf install gcc on Fedora"
)
NO_EFFECT = (
    "the clock of the tests cannot be set: this needs Linux, and a Python that loads its libc"
)


def main(arguments: Sequence[str]) -> int:
    """Run pytest at each date; give the exit code."""
    compiler = shutil.which("cc")
    if compiler is None:
        print(NO_COMPILER, file=sys.stderr)
        return 1
    failed = False
    with tempfile.TemporaryDirectory(prefix="zava-dates-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL may run as another user, who must be able to read it
        library = folder / "clock.so"
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"],
            check=True,
        )
        library.chmod(0o755)
        for name, moment in clocks(datetime.now(UTC)).items():
            environment = at(moment, library)
            if not is_set(environment):
                print(NO_EFFECT, file=sys.stderr)
                return 1
            code, output = run(environment, arguments)
            if code:
                failed = True
                print(output)
            counts = output.strip().rpartition("\n")[2].strip("= ")
            print(
                f"{moment:%Y-%m-%d %H:%M} UTC, {name}: {counts or f'exit code {code}'}", flush=True
            )
    return int(failed)


def clocks(now: datetime) -> dict[str, datetime]:
    """Return the moments at which the tests begin, by name; the year ends during the second run."""
    leap_day = next(
        day
        for day in (
            datetime(year, 2, 29, 12, tzinfo=UTC)
            for year in range(now.year, now.year + 9)
            if is_leap(year)
        )
        if day > now
    )
    later = now.year + 5
    day = 28 if (now.month, now.day) == (2, 29) and not is_leap(later) else now.day
    return {
        "today": now,
        "the end of the year": datetime(now.year, 12, 31, 23, 59, tzinfo=UTC),
        "a leap day": leap_day,
        "five years on": now.replace(year=later, day=day),
    }


def is_leap(year: int) -> bool:
    """Return whether a year has a leap day."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def at(moment: datetime, library: Path) -> dict[str, str]:
    """Return the environment of programs whose clock is at a moment now."""
    # an offset, so that all programs have one clock, whenever they start
    offset = round((moment - datetime.now(UTC)) / timedelta(seconds=1))
    preload = os.pathsep.join(filter(None, (str(library), os.environ.get("LD_PRELOAD"))))
    return {**os.environ, "LD_PRELOAD": preload, "CLOCK_OFFSET": str(offset)}


def is_set(environment: Mapping[str, str]) -> bool:
    """Return whether the clock of Python is ahead by the offset, to the second."""
    offset = int(environment["CLOCK_OFFSET"])
    began = time.time()
    printed = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return began + offset <= float(printed) <= time.time() + offset


def run(environment: Mapping[str, str], arguments: Sequence[str]) -> tuple[int, str]:
    """Run pytest; give its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
