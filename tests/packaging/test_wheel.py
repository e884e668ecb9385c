"""The wheel, installed where nothing of this repository is: a project from init to rollback."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from benchmarks import zava
from release import dist
from zava_mcp import __version__
from zava_mcp.local.pgtap import PGTAP_DIR
from zava_mcp.shim.settings import load_settings

SECONDS = 120  # for a command that hangs
FOUND = "list_late_notes"


class Installed:
    """A virtual environment with the wheel, and with what this one has beside the package."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        here = ("uv", "--quiet", "--offline")
        run(*here, "venv", "--python", sys.executable, str(folder))
        self.bin = folder / "bin"
        run(*here, "pip", "install", "--no-deps", "--python", str(self.bin / "python"), str(wheel))
        own = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
        (own / "others.pth").write_text(sysconfig.get_path("purelib"))
        (self.bin / "squawk").symlink_to(Path(sys.executable).with_name("squawk"))
        (folder / "share").mkdir()
        (folder / "share" / "pgtap").symlink_to(PGTAP_DIR)  # what make needs has fetched
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "ZAVA_EMBEDDER": "none"}

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        return subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def must(self, *command: str, cwd: Path) -> str:
        """Run a program that must succeed; return its output."""
        done = self.run(*command, cwd=cwd)
        assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
        return done.stdout


def run(program: str, *arguments: str, cwd: Path | None = None) -> None:
    """Run a program of this environment, which must succeed."""
    path = Path(sys.executable).with_name(program)
    done = subprocess.run(
        [path, *arguments], cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a short name, for sockets lie in it."""
    path = Path(tempfile.mkdtemp(prefix="zava-wheel-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """The wheel, built from a copy, so that nothing an earlier build left comes in."""
    copy = folder / "source"
    shutil.copytree(
        zava.ROOT / "zava_mcp",
        copy / "zava_mcp",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(zava.ROOT / name, copy)
    run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(copy))
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(folder: Path, wheel: Path) -> Installed:
    """The wheel in an environment of its own."""
    return Installed(folder / "venv", wheel)


@pytest.mark.needs("pages")
def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = zava.ROOT / "zava_mcp"
    here = {
        path.relative_to(zava.ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.parent.name != "source"
    }
    assert {name for name in names if not name.startswith("zava_mcp-")} == here
    assert "zava_mcp/project/templates/init/gitignore" in here
    assert "zava_mcp/pages/built/app.html" in here


@contextmanager
def dev(installed: Installed, project: Path, port: int) -> Iterator[tuple[list[str], Any]]:
    """Run zava-mcp dev; yield what it printed until the first question, and the process."""
    process = subprocess.Popen(
        [installed.bin / "zava-mcp", "dev", "--port", str(port)],
        cwd=project,
        env=installed.environment,
        stdout=subprocess.PIPE,
        stderr=(project.parent / "dev.log").open("w"),
        text=True,
    )
    try:
        assert process.stdout
        lines = list[str]()
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Ctrl-C"):
                break
        yield lines, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)


@pytest.mark.needs("pgtap")
def test_a_project_from_init_to_rollback(
    installed: Installed, folder: Path, free_port: int
) -> None:
    home = folder / "home"
    home.mkdir()
    written = installed.must("zava-mcp", "init", "shop", cwd=home)
    project = home / "shop"
    files = [path.relative_to(home).as_posix() for path in project.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(
        line.removeprefix("wrote ") for line in written.splitlines() if line.startswith("wrote ")
    )
    assert {"shop/.gitignore", "shop/.github/workflows/sql.yml"} <= set(files)
    assert written.endswith("\nNext: cd shop && zava-mcp dev\n")

    with dev(installed, project, free_port) as (lines, process):
        assert "A first question" in lines, (home / "dev.log").read_text()
        question = shlex.split(lines[lines.index("A first question") + 1])
        answer = json.loads(installed.must(*question, cwd=home))
        assert sorted(row["body"] for row in answer["rows"]) == [
            "North: count the drills",
            "North: order paint",
        ]

        again = installed.run("zava-mcp", "dev", "--port", str(free_port), cwd=project)
        assert (again.returncode, again.stdout) == (1, "")
        assert f"{project}/.data is in use by process {process.pid}: stop that" in again.stderr

        installed.must("zava-mcp", "migrate", "status", cwd=project)
        assert installed.must("zava-mcp", "migrate", "plan", cwd=project) == "nothing to do\n"
        assert ", 0 differ\n" in installed.must("zava-mcp", "migrate", "drift", cwd=project)
        assert ", 0 findings\n" in installed.must("zava-mcp", "migrate", "verify", cwd=project)

        installed.must("zava-mcp", "new", "tool", FOUND, cwd=project)
        tested = installed.must("zava-mcp", "test", cwd=project)
        assert tested.splitlines()[-1].startswith("# 2 files, 7 assertions, 0 files failed, ")
        linted = installed.must("zava-mcp", "migrate", "lint", cwd=project)
        assert linted.endswith(" files, 0 findings\n")
        installed.must("zava-mcp", "migrate", "apply", cwd=project)
        key = question[question.index("--key") :]
        url = question[question.index("--url") : question.index("--url") + 2]
        called = installed.must("zava-mcp", "call", FOUND, *key, *url, cwd=home)
        assert json.loads(called)["row_count"] == 10

        undone = installed.must(
            "zava-mcp", "migrate", "rollback", "--to", "core/0", "--yes", cwd=project
        )
        assert "18 versioned files rolled back, 0 managed files applied again\n" in undone
        left = "select nspname from pg_namespace where nspname !~ '^pg_' order by 1"
        schemas = installed.must("zava-mcp", "local", "psql", "-XAtc", left, cwd=project)
        assert schemas.split() == ["information_schema", "mcp_migrate", "public"]
    assert process.returncode == 0


def test_server_json_says_what_the_registry_asks(folder: Path) -> None:
    server = json.loads(dist.write_server_json(folder).read_text())
    project = tomllib.loads((zava.ROOT / "pyproject.toml").read_text())["project"]
    assert server["version"] == server["packages"][0]["version"] == project["version"]
    assert server["description"] == project["description"]
    assert len(server["description"]) <= 100  # the registry's bound
    # by this line on PyPI the registry knows that name and package have one owner
    assert f"<!-- mcp-name: {server['name']} -->" in (zava.ROOT / "README.md").read_text()
    [package] = server["packages"]
    assert (package["registryType"], package["identifier"]) == ("pypi", project["name"])
    assert (package["runtimeHint"], package["transport"]) == ("uvx", {"type": "stdio"})
    arguments = [each.get("value") or each["name"] for each in package["packageArguments"]]
    assert arguments == ["serve", "--stdio"]
    names = [variable["name"] for variable in package["environmentVariables"]]
    assert names == ["ZAVA_DATABASE_URL", "ZAVA_API_KEY"]
    settings = load_settings(database_url="postgresql://x", api_key="k")
    assert all(hasattr(settings, name.removeprefix("ZAVA_").lower()) for name in names)
    assert "VERSIONED" not in json.dumps(server)


@pytest.mark.anyio
async def test_the_bundle_serves_over_stdio(
    installed: Installed, wheel: Path, folder: Path, shim_url: str, keys: dict[str, Any]
) -> None:
    """As a host does: unpack, read the manifest, fill in what the user configured, start."""
    place = folder / "unpacked"
    with zipfile.ZipFile(dist.write_bundle(folder, wheel)) as archive:
        archive.extractall(place)
    assert sorted(path.name for path in place.iterdir()) == sorted(
        ["manifest.json", "pyproject.toml", "serve.py", wheel.name]
    )
    manifest = json.loads((place / "manifest.json").read_text())
    assert manifest["version"] == __version__
    configured = {"database_url": shim_url, "api_key": keys["head_office"]}
    assert configured.keys() == manifest["user_config"].keys()
    config = json.dumps(manifest["server"]["mcp_config"]).replace("${__dirname}", str(place))
    for name, value in configured.items():
        config = config.replace(f"${{user_config.{name}}}", value)
    filled = json.loads(config)
    # uv's own work is left out, which needs the network: the environment is there already
    uv = {
        "UV_NO_SYNC": "1",
        "UV_OFFLINE": "1",
        "UV_PROJECT_ENVIRONMENT": str(installed.bin.parent),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ZAVA_EMBEDDER": "none",
    }
    server = StdioServerParameters(
        command=filled["command"], args=filled["args"], env={**uv, **filled["env"]}
    )
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
    assert "get_store_performance" in {tool.name for tool in tools}
