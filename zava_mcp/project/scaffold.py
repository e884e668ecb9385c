"""``zava-mcp new``: the files of a migration, a tool or a policy, each with its test."""

from __future__ import annotations

import re
from pathlib import Path

import click

from zava_mcp.config import Project
from zava_mcp.migrate.console import FILE_OPTIONS, answer, command
from zava_mcp.migrate.files import read_trees
from zava_mcp.migrate.ledger import USAGE, Failure, refuse
from zava_mcp.migrate.session import Settings

TEMPLATES = Path(__file__).resolve().parent / "templates" / "new"
WORD = r"[a-z][a-z0-9_]*"


@command("new", options=FILE_OPTIONS, group=None)
@click.argument("kind", type=click.Choice(["migration", "tool", "policy"]))
@click.argument("name")
@click.option("--audience", help="With tool: who may call it. Default: the first of zava.toml.")
def new(settings: Settings, kind: str, name: str, audience: str | None) -> None:
    """Write the files of a new migration, tool or policy and of its test, ready to fill in.

    NAME is a migration's or a tool's name, or a policy's table with its schema.

    Example:
      zava-mcp new migration order_notes
      zava-mcp new tool list_notes
      zava-mcp new policy shop.notes
    """
    if not re.fullmatch(rf"{WORD}\.{WORD}" if kind == "policy" else WORD, name):
        form = "schema.table" if kind == "policy" else "lower_case_words"
        raise Failure(f"{name!r} is not a name for a {kind}: write {form}", USAGE)
    project = settings.project
    values = words(project, kind, name, audience or next(iter(project.audiences), ""))
    if kind == "tool" and not values["audience_name"]:
        raise Failure("name an audience: --audience, or project.audiences in zava.toml", USAGE)

    def filled(text: str) -> str:
        return re.sub("|".join(values), lambda word: values[word[0]], text)

    skeleton = TEMPLATES / kind
    texts = {
        filled(path.relative_to(skeleton).as_posix()): filled(path.read_text(encoding="utf-8"))
        for path in sorted(skeleton.rglob("*.sql"), key=lambda path: path.with_suffix(""))
    }
    paths = {path: project.sql / path for path in texts}
    shown = {path: f"{project.sources()[1].folder}/{path}" for path in texts}
    refuse("already there", [shown[path] for path in texts if paths[path].exists()], USAGE)
    for path, text in texts.items():
        paths[path].parent.mkdir(parents=True, exist_ok=True)
        paths[path].write_text(text, encoding="utf-8")
    answer(settings, {"written": list(texts)}, *(f"wrote {shown[path]}" for path in texts))


def words(project: Project, kind: str, name: str, audience: str) -> dict[str, str]:
    """Return what stands in a template, and what goes in its place."""
    versioned = read_trees(project.sources()[1:]).versioned.values()
    schema, _, table = name.rpartition(".")
    return {
        "0000": f"{max((file.number for file in versioned), default=0) + 1:04}",
        f"{kind}_name": name,
        f"{kind.capitalize()} title": name.replace("_", " ").capitalize(),
        "schema_name": schema,
        "table_name": table,
        "api_name": project.tools,
        "audience_name": audience,
    }
