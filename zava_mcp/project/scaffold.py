"""``zava-mcp new``: the files of a migration, a function that clients see, or a policy."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import quote

import click

from zava_mcp.config import FILE, SCOPES, Project
from zava_mcp.migrate.console import DATABASE, FILE_OPTIONS, answer, command
from zava_mcp.migrate.files import files_in, read_trees
from zava_mcp.migrate.ledger import USAGE, Failure, refuse
from zava_mcp.migrate.session import Settings, connect
from zava_mcp.project.policies import (
    PART,
    TABLE,
    file_stem,
    literal,
    of_any_width,
    policies,
    policy_name,
    proof,
    quoted,
    read_tenancy,
)
from zava_mcp.project.quoting import RESERVED, remark
from zava_mcp.project.shapes import draft

TEMPLATES = Path(__file__).resolve().parent / "templates"
DATABASE_HELP = (
    "With --tenant, --from-shape: libpq URI of the database. Default: the embedded server."
)
WORD = r"[a-z][a-z0-9_]*"
SCOPED = re.compile(rf"mcp_auth\.scope_({'|'.join(SCOPES)})\(\)")
OFFERED = ("tool", "resource", "prompt", "skill")
PAIRED = ("get_task", "cancel_task")  # tools that @tool pair adds


@command("new", options=[DATABASE(help=DATABASE_HELP), *FILE_OPTIONS], group=None)
@click.argument("kind", type=click.Choice(["migration", *OFFERED, "policy"]))
@click.argument("name")
@click.option(
    "--audience",
    help="With a tool, resource, prompt or skill: an audience that gets it. Default: the first of"
    " zava.toml.",
)
@click.option(
    "--tenant",
    metavar="COLUMN",
    help="With policy: the column with the tenant of a row. The table is read from the database.",
)
@click.option(
    "--type",
    "scope",
    type=click.Choice(SCOPES),
    help="With --tenant: refuse a column of another type. Default: the type of the column.",
)
@click.option(
    "--from-shape",
    "shape",
    type=click.IntRange(min=1),
    metavar="N",
    help="With tool: draft it from the N-th most frequent free query of mcp_log.unmet().",
)
@click.option(
    "--force", is_flag=True, help="With --tenant: apply the policies to the owner of the table too."
)
def new(
    settings: Settings,
    kind: str,
    name: str,
    audience: str | None,
    tenant: str | None,
    scope: str | None,
    shape: int | None,
    force: bool,
) -> None:
    """Write the files of a migration, tool, resource, prompt, skill or policy, and their test.

    NAME is the name of a migration or of a function, or the table of a policy with its schema.
    With --tenant the policy is complete: tools see the rows in the scope of their caller. A second
    policy lets every role that has rights on the table today see the same rows as before.

    With --from-shape a tool is drafted from what callers asked in SQL again and again: its query
    with arguments in place of the values, whose names and comment are yours to write.

    Example:
      zava-mcp new migration order_notes
      zava-mcp new tool list_notes
      zava-mcp new resource note
      zava-mcp new tool count_visits --from-shape 1
      zava-mcp new policy shop.notes
      zava-mcp new policy 'public."Customer"' --tenant company_id
    """
    if tenant is None and (scope or force):
        raise Failure("--type and --force go with --tenant", USAGE)
    if shape is not None and kind != "tool":
        raise Failure("--from-shape goes with tool", USAGE)
    if tenant is not None:
        if kind != "policy" or not TABLE.fullmatch(name):
            text = f"{name} is no table: write schema.table, or 'schema.\"Table\"' in quotes"
            raise Failure(text, USAGE)
        new_tenant_policy(settings, name, tenant, scope, force, audience)
        return
    if not (TABLE if kind == "policy" else re.compile(WORD)).fullmatch(name):
        is_policy = kind == "policy"
        form = "schema.table, or 'schema.\"Table\"' in quotes" if is_policy else "lower_case_words"
        raise Failure(f"{name!r} is not a name for a {kind}: write {form}", USAGE)
    project = settings.project
    if kind in OFFERED:
        check_function(project, kind, name, audience)
    values = words(project, kind, name, audience or next(iter(project.audiences), ""))
    if kind in OFFERED and not values["audience_name"]:
        raise Failure("name an audience: --audience, or project.audiences in zava.toml", USAGE)

    if shape is not None:
        with connect(settings) as conn:
            values |= draft(conn, shape, name)

    def filled(text: str, some: dict[str, str]) -> str:
        return re.sub("|".join(map(re.escape, some)), lambda word: some[word[0]], text)

    paths = values
    if kind == "policy":
        relation = relation_of(name)
        paths = {"schema_name.table_name": file_stem(relation)}
        values = policy_words(name, relation)
    skeleton = TEMPLATES / "new" / kind if shape is None else TEMPLATES / "shape"
    texts = {
        filled(path.relative_to(skeleton).as_posix(), paths): filled(
            path.read_text(encoding="utf-8"), values
        )
        for path in sorted(skeleton.rglob("*.sql"), key=lambda path: path.with_suffix(""))
    }
    notes = []
    if kind == "policy":
        texts = {path: of_any_width(text) for path, text in texts.items()}
        notes = [
            f"only the owner of {name} and whom a policy names will see its rows: for a table that"
            " an application uses, say --tenant COLUMN"
        ]
    written = write_files(settings, texts)
    lines = *written, *(f"note: {note}" for note in notes)
    answer(settings, {"written": list(texts), "notes": notes}, *lines)


def relation_of(table: str) -> dict[str, str]:
    """Return schema and name of a table, from as SQL writes them."""
    found = re.findall(PART, table)
    schema, name = (
        part[1:-1].replace('""', '"') if part.startswith('"') else part for part in found
    )
    return {"schema": schema, "name": name}


def policy_words(table: str, relation: dict[str, str]) -> dict[str, str]:
    """Return the placeholders of a policy's files, and their values."""
    name = policy_name(relation, "_select")
    return {
        "-- schema_name.table_name": remark(table),
        "-- zava-mcp new policy schema_name.table_name": remark(
            f"zava-mcp new policy {quote(table)}"
        ),
        "'schema_name'": literal(relation["schema"]),
        "'table_name'": literal(relation["name"]),
        "'table_name_select'": literal(name),
        "schema_name.table_name": table,
        "table_name_select": quoted(name),
    }


def check_function(project: Project, kind: str, name: str, audience: str | None) -> None:
    """Refuse a name or an audience with which the files would not apply. Raises Failure."""
    if name in RESERVED:
        raise Failure(f"{name} is a reserved word of SQL: name the {kind} otherwise", USAGE)
    if kind == "tool" and name in PAIRED:
        raise Failure(
            f"{name} is the name of a tool that '@tool pair' adds: name the tool otherwise", USAGE
        )
    if audience and project.audiences and audience not in project.audiences:
        raise Failure(
            f"--audience: {FILE} has no audience {audience}: {', '.join(project.audiences)}", USAGE
        )


def new_tenant_policy(
    settings: Settings,
    table: str,
    column: str,
    scope: str | None,
    is_forced: bool,
    audience: str | None,
) -> None:
    """Write the policies of a table that is in use, and their test."""
    project = settings.project
    with connect(settings) as conn:
        tenancy = read_tenancy(conn, project.name, table, column, scope, is_forced)
    tenancy.hints.extend(scope_hints(project, tenancy.type))
    stem = file_stem(tenancy.relation)
    texts = {
        f"policies/{stem}.sql": policies(tenancy, project.tools),
        f"tests/policies/test_{stem}.sql": proof(
            tenancy,
            audience or next(iter(project.audiences), ""),
            (project.sql / "tests/helpers/fixture.sql").exists(),
        ),
    }
    written = write_files(settings, texts)
    roles = [role["name"] for role in tenancy.roles]
    report = {
        "written": list(texts),
        "type": tenancy.type,
        "as_before": roles,
        "notes": tenancy.hints,
    }
    answer(
        settings,
        report,
        *written,
        *([f"as before: {', '.join(roles)}"] if roles else []),
        *(f"note: {hint}" for hint in tenancy.hints),
    )


def scope_hints(project: Project, kind: str) -> list[str]:
    """Return hints about project.scope: whether it fits ids of this type and of other policies."""
    texts = (
        path.read_text(encoding="utf-8", errors="replace")
        for path in files_in(project.sql / "policies")
    )
    others = {found for text in texts for found in SCOPED.findall(text)} - {kind}
    if project.scope == "text":
        if kind == "text" or others:
            return []
        return [
            f'project.scope in zava.toml is text: with scope = "{kind}" zava-mcp user add'
            " refuses what can be no id of these rows"
        ]
    if project.scope == kind:
        return []
    fitting = "text" if others else kind
    return [
        f"project.scope in zava.toml is {project.scope}: zava-mcp user add takes no id of these"
        f' rows but with scope = "{fitting}"'
    ]


def write_files(settings: Settings, texts: dict[str, str]) -> list[str]:
    """Write new files into the project's folder of SQL; return a line each. Raises Failure."""
    project = settings.project
    paths = {path: project.sql / path for path in texts}
    shown = {path: f"{project.sources()[1].folder}/{path}" for path in texts}
    refuse("already there", [shown[path] for path in texts if paths[path].exists()], USAGE)
    for path, text in texts.items():
        paths[path].parent.mkdir(parents=True, exist_ok=True)
        paths[path].write_text(text, encoding="utf-8")
    return [f"wrote {shown[path]}" for path in texts]


def words(project: Project, kind: str, name: str, audience: str) -> dict[str, str]:
    """Return the placeholders of a template, and their values."""
    versioned = read_trees(project.sources()[1:]).versioned.values()
    return {
        "0000": f"{max((file.number for file in versioned), default=0) + 1:04}",
        f"{kind}_name": name,
        f"{kind.capitalize()} title": name.replace("_", " ").capitalize(),
        "api_name": project.tools,
        "audience_name": audience,
        # neither the scheme of an address nor the name of a skill has an underscore
        "scheme_name": project.name.replace("_", "-"),
        "skill_slug": name.replace("_", "-"),
    }
