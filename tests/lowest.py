"""Try the lowest versions that pyproject.toml allows of every direct dependency.

They go into an environment of their own, where a project is made, run and tested from the wheel,
and the tests of the server run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = (
    "tests/commands/test_init.py",
    "tests/packaging/test_wheel.py",
    "tests/test_server.py",
)


def main() -> int:
    """Install, test, and return the exit code of the first program that failed."""
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory(prefix="zava-lowest-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        python = Path(folder, "bin", "python")
        lowest = ("--resolution", "lowest-direct", "--python", str(python))
        for command in (
            (uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder),
            (uv, "pip", "install", "--quiet", *lowest, "--editable", f"{ROOT}[dev]"),
            (python, "tests/needs.py", "pgtap"),
            (python, "-m", "pytest", "-n", "0", "-q", *TESTS, *sys.argv[1:]),
        ):
            if code := subprocess.run(list(map(str, command)), cwd=ROOT, check=False).returncode:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
