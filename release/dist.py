"""``make dist``: what a release publishes, written to dist/ and checked.

The sdist and the wheel go to PyPI; server.json to the MCP registry, which points to PyPI; the
.mcpb bundle to hosts that install a server from one file. The templates of the last two stand in
this folder and not in zava_mcp/, since no installed program reads them. VERSIONED and WHEEL in
them are filled in from pyproject.toml, which alone names version and description.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
MCPB = "@anthropic-ai/mcpb@2.1.2"  # the tool of the bundle format; it checks the manifest


def project() -> dict[str, Any]:
    """Return the table [project] of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def filled(value: Any, key: str = "") -> Any:
    """Fill VERSIONED in a JSON template, by the name of its key."""
    if isinstance(value, dict):
        return {name: filled(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each) for each in value]
    return project()[key] if value == "VERSIONED" else value


def build(dist: Path) -> Path:
    """Build the sdist and from it the wheel; return the wheel."""
    run(sys.executable, str(HERE / "pages.py"))
    run(sys.executable, "-m", "build", "--outdir", str(dist), str(ROOT))
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, dist.iterdir()))
    [wheel] = dist.glob("*.whl")
    return wheel


def write_server_json(dist: Path) -> Path:
    """Write server.json, as the MCP registry takes it."""
    path = dist / "server.json"
    write_json(path, filled(json.loads((HERE / "server.json").read_text())))
    return path


def write_bundle(dist: Path, wheel: Path) -> Path:
    """Write the .mcpb bundle: a zip of its manifest, its start, its environment and the wheel."""
    bundle = dist / f"zava-mcp-{project()['version']}.mcpb"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_json(folder / "manifest.json", filled(json.loads(template("manifest.json"))))
        text = template("pyproject.toml").replace("WHEEL", wheel.name)
        (folder / "pyproject.toml").write_text(text)
        (folder / "serve.py").write_text(template("serve.py"))
        shutil.copy(wheel, folder)
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)
    return bundle


def template(name: str) -> str:
    """Read a file of the bundle's template."""
    return (HERE / "bundle" / name).read_text()


def write_json(path: Path, content: Any) -> None:
    """Write a value as JSON that people read."""
    path.write_text(json.dumps(content, indent=2) + "\n")


def check_bundle(bundle: Path) -> None:
    """Have the format's own tool read the manifest that was packed."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(bundle) as archive:
        manifest = archive.extract("manifest.json", folder)
        run("npx", "--yes", MCPB, "validate", manifest)


def run(*command: str) -> None:
    """Run a program; end with its exit code where it fails."""
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(code)


def main() -> None:
    """Write everything to a new dist/."""
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    wheel = build(dist)
    write_server_json(dist)
    check_bundle(write_bundle(dist, wheel))
    for path in sorted(dist.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
