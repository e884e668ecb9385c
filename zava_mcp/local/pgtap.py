"""pgTAP for servers that have none: its files, which are SQL, from npm or Debian's package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

PGTAP_DIR = Path(sys.prefix, "share", "pgtap")  # where the embedded PostgreSQL looks for it
PACKAGE = "@electric-sql/pglite-pgtap@0.0.15"  # pgTAP 1.3.5
NPM_OPTIONS = ("--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
DEBIAN = "share/postgresql/*/extension/pgtap.control"  # of a package postgresql-*-pgtap
CONTROL = "pgtap.control"


def cache_dir() -> Path:
    """Return the folder for users who may not write into PGTAP_DIR."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "zava-mcp", "pgtap")


def script() -> Path | None:
    """Return the SQL that creates pgTAP in a database, if this machine has it."""
    for folder in (PGTAP_DIR, cache_dir()):
        files = (folder / "extension").glob("pgtap--*.sql")
        found = [file for file in files if re.fullmatch(r"pgtap--[\d.]+\.sql", file.name)]
        if found:
            return max(found, key=version)
    return None


def version(file: Path) -> list[int]:
    """Return the numbers of a script's version."""
    return [int(number) for number in re.findall(r"\d+", file.name)]


def fetch() -> Path:
    """Copy pgTAP's files onto this machine and return the script. Raises OSError."""
    try:
        files = from_npm()
    except (OSError, tarfile.TarError) as error:
        files = from_debian()
        if not files:
            raise OSError(str(error)) from error
    for folder in (PGTAP_DIR, cache_dir()):
        with suppress(OSError):
            write(folder / "extension", files)
        if found := script():
            return found
    raise OSError(f"neither {PGTAP_DIR} nor {cache_dir()} can be written to")


def from_npm() -> dict[str, bytes]:
    """Read the files of the npm package. Raises OSError or TarError."""
    npm = shutil.which("npm")
    if npm is None:
        raise OSError("npm is missing")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [npm, "pack", *NPM_OPTIONS, PACKAGE],
            cwd=folder,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            lines = done.stdout.strip().splitlines()[-3:]
            raise OSError(": ".join(["npm failed", *lines]))
        [package] = Path(folder).glob("*.tgz")
        with (
            tarfile.open(package) as outer,
            tarfile.open(fileobj=outer.extractfile("package/dist/pgtap.tar.gz")) as inner,
        ):
            files = {
                Path(member.name).name: content.read()
                for member in inner
                if member.isfile() and Path(member.name).parent.name == "extension"
                if (content := inner.extractfile(member))
            }
    if CONTROL not in files:
        raise OSError(f"there is no pgTAP in {PACKAGE}")
    return files


def from_debian() -> dict[str, bytes]:
    """Read the files of the newest package of Debian on this machine, if there is one."""
    found = sorted(Path("/usr").glob(DEBIAN), key=lambda file: float(file.parts[-3]))
    files = found[-1].parent.glob("pgtap*") if found else ()
    return {file.name: file.read_bytes() for file in files}


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files for everybody to read, as PostgreSQL may run as another user."""
    for each in (folder.parent.parent, folder.parent, folder):
        if not each.exists():
            each.mkdir(parents=True)
            each.chmod(0o755)
    # the control file last: has_control() looks for it
    for name in sorted(files, key=lambda name: name == CONTROL):
        path = folder / name
        path.write_bytes(files[name])
        path.chmod(0o644)


def has_control() -> bool:
    """Return whether the embedded PostgreSQL finds pgTAP."""
    return (PGTAP_DIR / "extension" / CONTROL).exists()
