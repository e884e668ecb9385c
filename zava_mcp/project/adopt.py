"""``zava-mcp init --from``: a project for a database that exists. Files only."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from zava_mcp.config import FILE, NAME, RESERVED, ConfigError
from zava_mcp.counts import some
from zava_mcp.migrate.session import Settings, connect
from zava_mcp.project.catalogue import Exposable, guest, list_exposable
from zava_mcp.project.quoting import one_line

TEMPLATE = Path(__file__).resolve().parent / "templates" / "guest"
EXPOSABLE = "exposable.sh"


def read_guest(url: str) -> tuple[dict[str, Any], list[Exposable]]:
    """Read the names of a database, and the objects that could be exposed."""
    with connect(Settings(url=url)) as conn:
        conn.read_only = True
        with conn.transaction():
            return guest(conn), list_exposable(conn, "")


def derived_name(database: str) -> str:
    """Derive the project's name from that of the database. Raises ConfigError."""
    name = re.sub(r"[^a-z0-9]+", "_", database.lower()).strip("_")[:40]
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise ConfigError(f"no project name follows from the database {database!r}: give NAME")
    return name


def free(name: str, taken: list[str]) -> str:
    """Return a name that nobody has: this one, or this one with a number. Raises ConfigError."""
    found = next(
        (each for each in (name, *(f"{name}_{n}" for n in range(2, 10))) if each not in taken), None
    )
    if found is None:
        raise ConfigError(f"{name} exists already, and so does {name}_9: give another NAME")
    return found


def guest_files(name: str, facts: dict[str, Any], found: list[Exposable]) -> dict[str, str]:
    """Return the files of a project for a database that exists, by their paths."""
    schemas, roles = facts["taken_schemas"], facts["taken_roles"]
    words = {
        "NAME": name,
        "TOOLS": free(f"{name}_api", schemas),
        "LOGIN": free(f"{name}_mcp", roles),
        "AUDIENCE": free(f"{name}_users", roles),
        "DB_TITLE": one_line(facts["database"]),
        "DB_PATH": quote(facts["database"], safe=""),  # of a URL, which a shell reads
        "TABLE": next(
            (
                shlex.quote(each.shown)
                for each in found
                if not each.why and each.shown.isprintable()
            ),
            "public.table",
        ),
    }

    def filled(text: str) -> str:
        return re.sub("|".join(words), lambda word: words[word[0]], text)

    texts = {
        filled(path.relative_to(TEMPLATE).as_posix()): filled(path.read_text(encoding="utf-8"))
        for path in sorted(path for path in TEMPLATE.rglob("*") if path.is_file())
    }
    texts[".gitignore"] = texts.pop("gitignore")
    texts[EXPOSABLE] = commands(found, words["AUDIENCE"])
    return dict(sorted(texts.items(), key=lambda item: (item[0] != FILE, item[0])))


def commands(found: list[Exposable], audience: str) -> str:
    """Write the commands that turn existing objects into tools, as comments."""
    lines = [
        "# What was there when this project was made, and the command that makes a tool of it.",
        "# zava-mcp expose --list says what is there now.",
    ]
    for kind in dict.fromkeys(each.kind for each in found):
        lines += ["", f"# {kind}"]
        for each in (each for each in found if each.kind == kind):
            name = shlex.quote(each.shown)
            more = " --type text" if each.is_polymorphic else ""
            command = f"# zava-mcp expose {name} --to {audience}{more}"
            lines.append(one_line(f"# {each.shown}: {each.why}" if each.why else command))
    return "\n".join(lines) + "\n"


def write_guest(url: str, name: str | None, into: Path | None) -> None:
    """Write a project for the database of a URL. Raises ConfigError or Failure."""
    facts, found = read_guest(url)
    chosen = name or derived_name(facts["database"])
    folder = into or Path(chosen)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not empty: nothing was written")
    files = guest_files(chosen, facts, found)
    try:
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            click.echo(f"wrote {target}")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written to: {error.strerror}") from error
    able = sum(1 for each in found if not each.why)
    click.echo(
        f"\n{facts['database']} was only read: {some(len(found), 'object')},"
        f" {able} of them can be exposed ({folder / EXPOSABLE})."
    )
    where = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"Next, with DATABASE_URL as here: {where}zava-mcp expose --list")
