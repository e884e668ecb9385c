"""``zava-mcp expose``: tools over functions, procedures, views and tables that exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from zava_mcp.config import Project
from zava_mcp.counts import some
from zava_mcp.migrate.console import ALL_OPTIONS, Table, answer, command
from zava_mcp.migrate.files import files_in
from zava_mcp.migrate.ledger import FAILED, USAGE, Connection, Failure, refuse, scalar
from zava_mcp.migrate.session import Settings, connect
from zava_mcp.project.catalogue import (
    Exposable,
    describe_relation,
    describe_routine,
    find_exposable,
    guest,
    list_exposable,
    reach_of,
)
from zava_mcp.project.naming import LONGEST, words_of
from zava_mcp.project.policies import file_stem
from zava_mcp.project.wrapper import (
    Wrapper,
    files_of,
    notices,
    paths_of,
    wrap_relation,
    wrap_routine,
)

TOOL = re.compile(r"[a-z][a-z0-9_]{0,62}")
NO_NAME = "no tool name follows from its name"

Item = TypeVar("Item")
Result = TypeVar("Result")


class Choice(NamedTuple):
    """The project and the options of a run: the name of the tool and the columns of one NAME."""

    project: Project
    audiences: Sequence[str]
    tool: str | None
    columns: list[str] | None
    concrete: str | None
    dry_run: bool


@command("expose", options=ALL_OPTIONS, group=None)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--to",
    "audiences",
    multiple=True,
    metavar="AUDIENCE",
    help="An audience that may call it; may be repeated.",
)
@click.option("--as", "tool", metavar="TOOL", help="The name of the tool. Default: from NAME.")
@click.option("--columns", metavar="A,B", help="Of a table or view: only these columns.")
@click.option(
    "--type",
    "concrete",
    metavar="TYPE",
    help="For anyelement and anyarray: the type of an element.",
)
@click.option(
    "--list",
    "is_list",
    is_flag=True,
    help="List the objects that can be exposed, and why others cannot.",
)
@click.option("--dry-run", is_flag=True, help="Print the files instead of writing them.")
def expose(
    settings: Settings,
    names: tuple[str, ...],
    audiences: tuple[str, ...],
    tool: str | None,
    columns: str | None,
    concrete: str | None,
    is_list: bool,
    dry_run: bool,
) -> None:
    """Write a tool over each NAME: an existing function, procedure, view or table.

    The database is only read. NAME is schema.name, or name if that is unique; for overloaded
    functions it is schema.name(argument types). Each tool is a function of the project with grants
    and a test. The original does not change. An object that bypasses row-level security is refused.

    Example:
      zava-mcp expose --list
      zava-mcp expose public.film 'public.film_in_stock(integer,integer)' --to rental_users
      zava-mcp expose '"Album"' --to clerks --as albums --columns AlbumId,Title
    """
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            found = list_exposable(conn, settings.project.tools)
            if is_list:
                show(settings, found)
                return
            check_choice(settings.project, names, audiences, tool, columns)
            chosen = columns.split(",") if columns else None
            choice = Choice(settings.project, audiences, tool, chosen, concrete, dry_run)
            wrappers = wrap(conn, choice, found, names)
    write(settings, wrappers, dry_run)


def show(settings: Settings, found: Sequence[Exposable]) -> None:
    """Print the objects that can be exposed, and why others cannot."""
    fields = ("kind", "schema", "name", "arguments", "reason")
    rows = [(each.kind, each.schema, each.name, each.arguments, each.why or "") for each in found]
    able = sum(1 for each in found if not each.why)
    report = {
        "exposable": [
            {
                **dict(zip(fields, row, strict=True)),
                "expose": each.shown,
                "can_be_exposed": not each.why,
            }
            for row, each in zip(rows, found, strict=True)
        ]
    }
    listed = [(each.kind, each.shown, each.why or "") for each in found]
    total = (
        f"{some(len(found), 'object')}, {able} can be exposed: zava-mcp expose NAME --to AUDIENCE"
    )
    answer(settings, report, Table("Exposable", ("kind", "name", "why not"), listed), total)


def check_choice(
    project: Project,
    names: Sequence[str],
    audiences: Sequence[str],
    tool: str | None,
    columns: str | None,
) -> None:
    """Refuse options that do not fit each other. Raises Failure."""
    if not names:
        raise Failure("name what to expose, or use --list", USAGE)
    if not audiences:
        known = ", ".join(project.audiences) or "none yet"
        raise Failure(f"--to: name an audience; those of zava.toml: {known}", USAGE)
    unknown = [name for name in audiences if name not in project.audiences]
    if unknown:
        known = ", ".join(project.audiences) or "none"
        message = f"--to: {unknown[0]} is no audience of zava.toml, which has: {known}"
        raise Failure(f"{message}; add it to project.audiences and to a versioned file", USAGE)
    if len(names) > 1 and (tool or columns):
        raise Failure("--as and --columns are for one NAME", USAGE)
    if tool and not TOOL.fullmatch(tool):
        raise Failure(f"--as: {tool!r} is not lower_case_words of at most 63 characters", USAGE)


def wrap(
    conn: Connection, choice: Choice, found: list[Exposable], names: Sequence[str]
) -> list[Wrapper]:
    """Return the tools over the objects of these names. Raises Failure with all refusals."""
    refused = list[Failure]()
    objects = gathered(names, lambda name: find_exposable(conn, found, name), refused)
    able = gathered(objects, check_able, refused)
    reached = zip(able, reach_of(conn, able), strict=True)
    usual = [str(scalar(conn, "select quote_ident(%s)", [name])) for name in guest(conn)["schemas"]]
    secured = policies_of(choice.project)

    def wrapper_of(one: tuple[Exposable, dict[str, Any]]) -> Wrapper:
        each, reach = one
        check_reach(each, reach, secured)
        return wrapped(conn, choice, each, reach, usual)

    wrappers = gathered(reached, wrapper_of, refused)
    refused += name_problems(choice, wrappers)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        messages = list(dict.fromkeys(failure.message for failure in refused))
        refuse("not all can be exposed", messages, refused[0].code)
    return wrappers


def gathered(
    items: Iterable[Item], function: Callable[[Item], Result], refused: list[Failure]
) -> list[Result]:
    """Return what a function gives for each item; add the refusals of others to ``refused``."""
    results = []
    for item in items:
        try:
            results.append(function(item))
        except Failure as failure:
            refused.append(failure)
    return results


def name_problems(choice: Choice, wrappers: Sequence[Wrapper]) -> Iterator[Failure]:
    """Yield what is wrong with the names of tools: two are one, or there is such a file."""
    sharing = dict[str, list[str]]()
    for each in wrappers:
        sharing.setdefault(each.tool.strip('"'), []).append(each.original)
    twice = [f"{tool}: {', '.join(some)}" for tool, some in sharing.items() if len(some) > 1]
    if twice:
        yield Failure("\n".join(["two tools would have one name, use --as:", *twice]), USAGE)
    project, folder = choice.project, choice.project.sources()[1].folder
    paths = [path for tool in sharing for path in paths_of(project.tools, tool)]
    there = [f"{folder}/{path}" for path in paths if (project.sql / path).exists()]
    if there and not choice.dry_run:
        yield Failure("\n".join(["already there, use --as, nothing was run:", *there]), USAGE)


def check_able(each: Exposable) -> Exposable:
    """Return an object. Raises Failure if it cannot be a tool."""
    if each.why:
        raise Failure(f"{each.shown} cannot be exposed: {each.why}", FAILED)
    return each


def check_reach(each: Exposable, reach: dict[str, Any], secured: Collection[str]) -> None:
    """Raise Failure if an object reaches rows or columns that its callers may not see."""
    if reach["bypasses"]:
        uses = "\n".join(f"    {line}" for line in reach["bypasses"])
        raise Failure(
            f"{each.shown} cannot be exposed: it uses what goes around row-level security\n{uses}\n"
            "    Safe: a tool of your own over the tables: zava-mcp new tool",
            FAILED,
        )
    if reach["masked_tables"]:
        raise Failure(
            f"{each.shown} cannot be exposed: it reads {', '.join(reach['masked_tables'])}, which"
            " has masked columns, and may give them\n"
            "    Safe: a tool of your own over the view of mcp_migrate.mask_table",
            FAILED,
        )
    around = [
        table["shown"]
        for table in reach["open_tables"]
        if not table["as_caller"] and file_stem(table) in secured
    ]
    if around:
        raise Failure(
            f"{each.shown} cannot be exposed: it reads {', '.join(around)} with the rights of its"
            " owner, around the policy that the project has for it\n    Safe: a view with"
            " security_invoker, or a tool of your own over the tables: zava-mcp new tool",
            FAILED,
        )


def wrapped(
    conn: Connection,
    choice: Choice,
    each: Exposable,
    reach: dict[str, Any],
    usual: Sequence[str],
) -> Wrapper:
    """Return the tool over one object; ``usual`` are the schemas that a text body searches.

    Raises Failure where --columns or --type do not fit.
    """
    if each.is_routine:
        described = describe_routine(conn, each.oid, concrete_type(conn, each, choice.concrete))
    else:
        columns = choice.columns
        described = describe_relation(conn, each.oid, columns)
        if described["unknown"]:
            names = ", ".join(described["unknown"])
            raise Failure(f"--columns: {each.identity} has no column {names}", USAGE)
        if columns and (masked := [name for name in columns if name in described["masked"]]):
            raise Failure(
                f"--columns: {', '.join(masked)} of {each.identity} is masked: expose the view that"
                " mcp_migrate.mask_table makes",
                USAGE,
            )
    wrapper = Wrapper(
        kind=each.kind,
        original=each.shown,
        api=choice.project.tools,
        tool=str(scalar(conn, "select quote_ident(%s)", [choice.tool or tool_name(each)])),
        audiences=list(choice.audiences),
        path=list(dict.fromkeys([described["schema"], *usual])),
        described=described,
        reach=reach,
        has_policy=not each.is_routine
        and file_stem({"schema": each.schema, "name": each.name}) in policies_of(choice.project),
    )
    (wrap_routine if each.is_routine else wrap_relation)(wrapper)
    return wrapper


def concrete_type(conn: Connection, each: Exposable, concrete: str | None) -> str | None:
    """Return the type that takes the place of anyelement, as PostgreSQL writes it."""
    if not each.is_polymorphic:
        return None
    if not concrete:
        raise Failure(
            f"{each.shown} takes any type: choose one with --type, as in --type text", USAGE
        )
    found = scalar(conn, "select pg_catalog.format_type(to_regtype(%s), null)", [concrete])
    if not found or found == "-":
        raise Failure(f"--type: there is no type {concrete}", USAGE)
    return str(found)


def policies_of(project: Project) -> set[str]:
    """Return the stems of the files of policies in a project; apply may still be to come."""
    return {path.stem for path in files_in(project.sql / "policies", deep=False)}


def tool_name(each: Exposable) -> str:
    """Derive a tool's name: lower_case_words, list_ before what is read."""
    plain = words_of(each.name)
    if plain and not each.is_routine:
        plain = f"list_{plain}"
    if not TOOL.fullmatch(plain):
        is_long = TOOL.fullmatch(plain[:LONGEST])
        what = f"{plain} is longer than {LONGEST} characters" if is_long else NO_NAME
        raise Failure(f"{each.shown}: {what}: choose one with --as", USAGE)
    return plain


def write(settings: Settings, wrappers: Sequence[Wrapper], dry_run: bool) -> None:
    """Write or print the files, and say what callers will get."""
    project = settings.project
    texts = {path: text for each in wrappers for path, text in files_of(each).items()}
    folder = project.sources()[1].folder
    if not dry_run:
        for path, text in texts.items():
            target: Path = project.sql / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    secured = policies_of(project)
    notes = {wrapper.original: notices(wrapper, secured) for wrapper in wrappers}
    report: dict[str, Any] = {
        "tools": [wrapper.tool.strip('"') for wrapper in wrappers],
        "notices": notes,
        "files" if dry_run else "written": texts if dry_run else list(texts),
    }
    lines = [f"wrote {folder}/{path}" for path in texts]
    if dry_run:
        lines = [part for path, text in texts.items() for part in (f"-- {folder}/{path}", text)]
    lines += [f"notice: {line}" for line in dict.fromkeys(chain(*notes.values()))]
    answer(settings, report, *lines)
