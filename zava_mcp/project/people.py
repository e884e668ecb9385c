"""Audiences, users, API keys and signing keys."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any

import click
import psycopg

from zava_mcp.counts import some
from zava_mcp.migrate import console
from zava_mcp.migrate.console import SHORT_EXIT_CODES, Table, answer, confirm, duration
from zava_mcp.migrate.ledger import NOT_INSTALLED, USAGE, Connection, Failure, scalar
from zava_mcp.migrate.session import Settings, connect, location

command = functools.partial(console.command, epilog=SHORT_EXIT_CODES)

# what a constraint of the database wants, as the command line says it
WANTED = {
    "users_name_check": "NAME: 1 to 200 characters, with no blank before or after them",
    "users_scope_check": "--scope: an id without control characters",
    "users_claims_check": "--claim: at most 8192 bytes together",
    "users_external_id_key": "--external-id: another user has it",
    "audiences_audience_check": "NAME: at most 63 of a-z, 0-9 and _, no digit first",
    "api_keys_label_check": "--label: at most 200 characters",
}
# of these errors the message and the hint are for people, and the code is not
FOR_PEOPLE = {"23503", "P0002", "21000", "42809"}


@click.group()
def audience() -> None:
    """Add, list and remove audiences: roles that decide which tools a user has."""


@click.group()
def user() -> None:
    """Add, change and list the users who may call tools."""


@click.group()
def key() -> None:
    """Create, list and revoke API keys; replace the keys that sign."""


USER = functools.partial(click.option, "--user", metavar="USER", help="Id or exact name of a user.")


@command("add", group=audience)
@click.argument("name")
@click.option("--description", default="", help="A text for people: who belongs to the audience.")
@click.option(
    "--developers", is_flag=True, help="Its users write tools, and see the details of faults."
)
def audience_add(settings: Settings, name: str, description: str, developers: bool) -> None:
    """Add an audience: a role with EXECUTE on tools. A second call changes the description.

    Grant EXECUTE to it in the files of the tools. Also add it to project.audiences of zava.toml.

    Example:
      zava-mcp audience add clerks --description 'Sales staff of a shop.'
    """
    with session(settings) as conn:
        conn.execute("select mcp_auth.add_audience(%s, %s, %s)", [name, description, developers])
    if name not in settings.project.audiences and not settings.as_json:
        click.echo(f"List {name} in project.audiences of zava.toml.", err=True)
    answer(settings, {"audience": name}, f"{name} is an audience")


@command("list", group=audience)
def audience_list(settings: Settings) -> None:
    """List the audiences, with the number of their users and tools.

    Example:
      zava-mcp audience list --json
    """
    query = "select row_to_json(a) from mcp_auth.list_audiences() as a"
    show_rows(settings, "audiences", query, [])


@command("remove", group=audience)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def audience_remove(settings: Settings, name: str, yes: bool) -> None:
    """Remove an audience with its users, their keys, its limits and its claim rules.

    The role stays, since other databases may use it.

    Example:
      zava-mcp audience remove clerks
    """
    with session(settings) as conn:
        conn.execute("select mcp_auth.check_audience(%s)", [name])
        count = "select users from mcp_auth.list_audiences() where audience = %s"
        users = int(scalar(conn, count, [name]))
        if not yes:
            what = f"{name} with its {some(users, 'user')} and their keys"
            confirm(f"Remove {what} from {location(conn)}?")
        conn.execute("select mcp_auth.remove_audience(%s)", [name])
    report = {"audience": name, "users": users}
    answer(settings, report, f"{name} removed, and {some(users, 'user')} with their keys")


SCOPE = functools.partial(
    click.option,
    "--scope",
    multiple=True,
    metavar="ID",
    help="An id of the user's scope, such as a tenant; policies compare rows with it."
    " May be repeated.",
)
CLAIM = functools.partial(
    click.option,
    "--claim",
    "claims",
    multiple=True,
    metavar="NAME=VALUE",
    help="What mcp_auth.claim returns to policies; may be repeated.",
)
EXTERNAL_ID = functools.partial(
    click.option,
    "--external-id",
    metavar="SUBJECT",
    help="The user at the identity provider: the claim `sub` of its tokens; '' for none.",
)
AUDIENCE = functools.partial(
    click.option,
    "--audience",
    help="The audience, which decides the tools; `zava-mcp audience list` lists the audiences.",
)


@command("add", group=user)
@click.argument("name")
@AUDIENCE(required=True)
@SCOPE()
@EXTERNAL_ID()
@CLAIM()
@click.option(
    "--key",
    "with_key",
    is_flag=True,
    help="Also create an API key, and print it instead of the id.",
)
def user_add(
    settings: Settings,
    name: str,
    audience: str,
    scope: tuple[str, ...],
    external_id: str | None,
    claims: tuple[str, ...],
    with_key: bool,
) -> None:
    """Add a user and print the id, or with --key an API key, which is shown only once.

    The ids of a scope have the type of project.scope in zava.toml.

    Example:
      zava-mcp user add 'Ada Lovelace' --audience shop_members --scope 7 --scope 8
      zava-mcp user add 'Ada Lovelace' --audience shop_members --scope 7 --key
    """
    given = claims_of(claims)
    with session(settings) as conn:
        ids = typed(conn, settings.project.scope, scope)
        parameters = [name, audience, ids, external_id, json.dumps(given)]
        query = "select mcp_auth.add_user(%s, %s, %s::text[], %s, %s::jsonb)::text"
        report = {"user_id": scalar(conn, query, parameters)}
        if with_key:
            query = "select mcp_auth.create_api_key(%s::uuid, '', null)"
            report["key"] = scalar(conn, query, [report["user_id"]])
    answer(settings, report, report.get("key", report["user_id"]))


@command("change", group=user)
@click.argument("user", metavar="USER")
@AUDIENCE()
@SCOPE()
@click.option("--no-scope", is_flag=True, help="The user has no scope any more, so sees no rows.")
@CLAIM()
@EXTERNAL_ID()
@click.option(
    "--active/--inactive",
    "is_active",
    default=None,
    help="Whether the user may call tools. Keys of an inactive user are refused.",
)
def user_change(
    settings: Settings,
    user: str,
    audience: str | None,
    scope: tuple[str, ...],
    no_scope: bool,
    claims: tuple[str, ...],
    external_id: str | None,
    is_active: bool | None,
) -> None:
    """Change a USER, by id or exact name. What is not named stays as it is.

    --scope and --claim name all ids and claims that the user has from now on. The change takes
    effect at the next write, and for reads within a second.

    Example:
      zava-mcp user change 'Ada Lovelace' --inactive
      zava-mcp user change 'Ada Lovelace' --scope 7 --scope 9
    """
    given = claims_of(claims)
    if scope and no_scope:
        raise Failure("give --scope or --no-scope, not both", USAGE)
    if not (audience or scope or no_scope or given) and (external_id, is_active) == (None, None):
        text = "name what changes: --audience, --scope, --claim, --external-id or --inactive"
        raise Failure(text, USAGE)
    with session(settings) as conn:
        ids = typed(conn, settings.project.scope, scope) if scope or no_scope else None
        query = "select mcp_auth.find_user(%s)::text"
        found = scalar(conn, query, [user])
        changed = json.dumps(given) if given else None
        parameters = [found, audience, ids, changed, is_active, external_id]
        query = "select mcp_auth.change_user(%s, %s, %s::text[], %s::jsonb, %s, %s)"
        conn.execute(query, parameters)
    answer(settings, {"user_id": found}, f"{user} is changed")


def claims_of(pairs: Sequence[str]) -> dict[str, str]:
    """Return claims by name, of options NAME=VALUE. Raises Failure."""
    if bad := [pair for pair in pairs if not pair.partition("=")[0] or "=" not in pair]:
        raise Failure(f"--claim: {bad[0]!r} is not NAME=VALUE", USAGE)
    return dict(pair.partition("=")[::2] for pair in pairs)


def typed(conn: Connection, kind: str, scope: Sequence[str]) -> list[str]:
    """Return the ids of a scope as the database prints them in their type. Raises Failure."""
    query = "select s from unnest(%s::text[]) as s where not pg_catalog.pg_input_is_valid(s, %s)"
    if bad := conn.execute(query, [list(scope), kind]).fetchall():
        raise Failure(
            f"--scope: {bad[0][0]!r} is no {kind}, which project.scope in zava.toml asks for", USAGE
        )
    cast = f"select array(select s::{kind}::text from unnest(%s::text[]) as s)"  # noqa: S608
    found: list[str] = scalar(conn, cast, [list(scope)])
    return found


@command("list", group=user)
def user_list(settings: Settings) -> None:
    """List the users, with the number of valid keys.

    Example:
      zava-mcp user list --json
    """
    show_rows(settings, "users", "select row_to_json(u) from mcp_auth.list_users() as u", [])


@command("create", group=key)
@click.argument("user", metavar="USER")
@click.option("--label", default="", help="What the key is for.")
@click.option(
    "--expires",
    callback=duration,
    help="How long the key is valid: a number with h, d, w or y, such as 90d. Default: always.",
)
@click.option("--quiet", is_flag=True, help="Print only the key.")
def key_create(settings: Settings, user: str, label: str, expires: str | None, quiet: bool) -> None:
    """Create an API key for a USER, by id or exact name. It is shown only once.

    Example:
      zava-mcp key create 'Ada Lovelace' --label laptop --expires 90d
    """
    with session(settings) as conn:
        made = scalar(
            conn,
            "select mcp_auth.create_api_key(mcp_auth.find_user(%s), %s, now() + %s::interval)",
            [user, label, expires],
        )
    if not (quiet or settings.as_json):
        click.echo("Keep this key: only its hash is stored, so it is not shown again.", err=True)
    answer(settings, {"key": made}, made)


@command("list", group=key)
@USER()
def key_list(settings: Settings, user: str | None) -> None:
    """List the API keys of all users or of one. Only their hashes are stored.

    Example:
      zava-mcp key list --user 'Ada Lovelace'
    """
    query = "select row_to_json(k) from mcp_auth.list_api_keys({}) as k"
    owner = "mcp_auth.find_user(%s)" if user else ""
    show_rows(settings, "keys", query.format(owner), [user] if user else [])


@command("revoke", group=key)
@click.argument("key_id", required=False)
@USER()
@click.option("--label", help="With --user: only the keys with this label.")
def key_revoke(settings: Settings, key_id: str | None, user: str | None, label: str | None) -> None:
    """Revoke the API key KEY_ID, as key list shows it, or the keys of a user.

    Example:
      zava-mcp key revoke 0f3a52b1c4d6e789
      zava-mcp key revoke --user 'Ada Lovelace' --label laptop
    """
    if (key_id is None) == (user is None) or (label and not user):
        raise Failure("give the id of a key, or --user and perhaps --label", USAGE)
    with session(settings) as conn:
        if key_id:
            revoked = int(scalar(conn, "select mcp_auth.revoke_api_key(%s)", [key_id]))
        else:
            query = "select mcp_auth.revoke_api_keys(mcp_auth.find_user(%s), %s)"
            revoked = scalar(conn, query, [user, label])
            labels = "select k.label from mcp_auth.list_api_keys(mcp_auth.find_user(%s)) as k"
            known = {name for (name,) in conn.execute(labels, [user]).fetchall()}
            if label is not None and label not in known:
                raise Failure(
                    f"--label: {user} has no key with the label {label!r}: zava-mcp key list"
                    f" --user {quote(str(user))} lists them"
                )
    answer(settings, {"revoked": revoked}, f"{some(revoked, 'key')} revoked")


@command("rotate", group=key)
@click.argument("purpose", type=click.Choice(["assertion", "context", "ticket"]))
@click.option("--quiet", is_flag=True, help="Print only the key.")
def key_rotate(settings: Settings, purpose: str, quiet: bool) -> None:
    """Replace a signing key: of assertions (OAuth), of the request context, or of tickets.

    The new key for assertions is printed, for ZAVA_ASSERTION_KEY. The old one stays valid until the
    next rotation, so rotate twice to end it at once. The other keys stay in the database. A call
    that runs while the key of the context changes may fail once.

    Example:
      zava-mcp key rotate assertion
    """
    with session(settings) as conn:
        made = scalar(conn, "select mcp_auth.rotate_signing_key(%s)", [purpose])
    if made and not (quiet or settings.as_json):
        click.echo("Set ZAVA_ASSERTION_KEY to this key: it is not shown again.", err=True)
    answer(settings, {"purpose": purpose, "key": made}, made or f"{purpose} rotated")


@contextlib.contextmanager
def session(settings: Settings) -> Iterator[Connection]:
    """Open a session whose errors say which option is wrong. Raises Failure."""
    with connect(settings) as conn:
        try:
            yield conn
        except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName) as error:
            if conn.execute("select to_regnamespace('mcp_auth')").fetchone() == (None,):
                raise Failure(NOT_INSTALLED) from error
            raise
        except psycopg.Error as error:
            if failure := for_people(error):
                raise failure from error
            raise


def for_people(error: psycopg.Error) -> Failure | None:
    """Return the meaning of a database error for the user of the command, or None."""
    wanted = WANTED.get(error.diag.constraint_name or "")
    if wanted:
        return Failure(wanted)
    if error.sqlstate in FOR_PEOPLE and error.diag.message_primary:
        hint = error.diag.message_hint
        return Failure(error.diag.message_primary + (f"\n    hint: {hint}" if hint else ""))
    return None


def written(value: Any) -> str:
    """Return a value as text: JSON, but a string as it is, and nothing for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def show_rows(settings: Settings, what: str, query: str, parameters: Sequence[object]) -> None:
    """Print what a function of the database lists, whatever its columns are."""
    with session(settings) as conn:
        found: list[dict[str, Any]] = [
            row for (row,) in conn.execute(query.encode(), parameters).fetchall()
        ]
    cells = [[written(value) for value in row.values()] for row in found]
    columns = tuple(found[0]) if found else ()
    answer(settings, {what: found}, Table(what.capitalize(), columns, cells))
