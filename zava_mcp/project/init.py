"""``zava-mcp init``: a new project, small and complete."""

from __future__ import annotations

from pathlib import Path

import click

from zava_mcp.config import NAME, RESERVED, ConfigError

TEMPLATE = Path(__file__).resolve().parent / "templates" / "init"
HIDDEN = {"gitignore", "github"}  # begin with a dot in the project


@click.command()
@click.argument("name", required=False)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="The folder to write into. Default: a new folder NAME.",
)
@click.option(
    "--from",
    "url",
    metavar="URL",
    help="An existing database, which is only read. The project is for its tools.",
)
def init(name: str | None, into: Path | None, url: str | None) -> None:
    """Write a new project NAME: a table, a policy, a tool, a test and demo data.

    NAME is the name of the folder and the schemas: lower case letters, digits and _. A folder that
    is not empty is refused.

    With --from the project has no table. zava-mcp expose makes its tools from the objects of the
    database. The default of NAME is the name of the database.

    \b
    Example:
      zava-mcp init shop && cd shop && zava-mcp dev
      zava-mcp init --from postgresql://owner@host/shop && cd shop && zava-mcp expose --list
    """  # noqa: D301 (\b keeps the lines of the example)
    if name is not None:
        check_name(name)
    if url is not None:
        from zava_mcp.project.adopt import write_guest

        write_guest(url, name, into)
    elif name is None:
        raise ConfigError("give a NAME, or --from URL for a database that exists")
    else:
        write_example(name, into)


def check_name(name: str) -> None:
    """Raise ConfigError if a name cannot name schemas and roles."""
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise ConfigError(
            f"NAME {name!r} must start with a letter and hold a-z, 0-9 and _ alone, at most 40"
            f" characters, and not start with {' or '.join(RESERVED)}"
        )


def write_example(name: str, into: Path | None) -> None:
    """Write the project with its example. Raises ConfigError."""
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
