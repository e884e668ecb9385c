"""``zava-mcp init``: a new project, small and complete."""

from __future__ import annotations

from pathlib import Path

import click

from zava_mcp.config import NAME, RESERVED, ConfigError

TEMPLATE = Path(__file__).resolve().parent / "templates" / "init"
HIDDEN = {"gitignore", "github"}  # begin with a dot in the project


@click.command()
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="The folder to write into. Default: a new folder NAME.",
)
def init(name: str, into: Path | None) -> None:
    r"""Write a new project NAME: a table, a policy, a tool, a test and demo data.

    NAME names the folder and the schemas: lower case letters, digits and _. Nothing is written into
    a folder that is not empty.

    \b
    Example:
      zava-mcp init shop && cd shop && zava-mcp dev
    """
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise ConfigError(
            f"NAME {name!r} must start with a letter and hold a-z, 0-9 and _ alone, at most 40"
            f" characters, and not start with {' or '.join(RESERVED)}"
        )
    folder = into or Path(name)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file: give a folder that is new or empty")
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty: nothing was written")
    try:
        for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file()):
            path = folder / target(source.relative_to(TEMPLATE), name)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8").replace("NAME", name)
            path.write_text(text, encoding="utf-8")
            click.echo(f"wrote {path}")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written to: {error.strerror}") from error
    where = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"\nNext: {where}zava-mcp dev")


def target(path: Path, name: str) -> Path:
    """Return where a file of the template goes in the project."""
    first, *rest = path.parts
    parts = (f".{first}" if first in HIDDEN else first, *rest)
    return Path(*(part.replace("NAME", name) for part in parts))
