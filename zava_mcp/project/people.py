"""Users, API keys and signing keys."""

from __future__ import annotations

import functools

import click

from zava_mcp.migrate.console import Table, answer, command, duration
from zava_mcp.migrate.ledger import USAGE, Failure, scalar
from zava_mcp.migrate.session import Settings, connect


@click.group()
def user() -> None:
    """Add and list the users who may call tools."""


@click.group()
def key() -> None:
    """Create, list and revoke API keys; rotate the keys that sign."""


USER = functools.partial(click.option, "--user", metavar="USER", help="Id or exact name of a user.")


@command("add", group=user)
@click.argument("name")
@click.option("--audience", required=True, help="Which tools: a row of mcp_auth.audiences.")
@click.option("--scope", multiple=True, metavar="UUID", help="Which rows; may be given again.")
@click.option("--external-id", metavar="SUBJECT", help="Subject at an identity provider.")
def user_add(
    settings: Settings, name: str, audience: str, scope: tuple[str, ...], external_id: str | None
) -> None:
    """Add a user; print the id.

    Example:
      zava-mcp user add 'Ada Lovelace' --audience shop_members
    """
    with connect(settings) as conn:
        parameters = [name, audience, list(scope), external_id]
        user_id = scalar(conn, "select mcp_auth.add_user(%s, %s, %s::uuid[], %s)::text", parameters)
    answer(settings, {"user_id": user_id}, user_id)


@command("list", group=user)
def user_list(settings: Settings) -> None:
    """List the users, with the number of keys that work.

    Example:
      zava-mcp user list --json
    """
    show_rows(settings, "users", "select row_to_json(u) from mcp_auth.list_users() as u", [])


@command("create", group=key)
@click.argument("user", metavar="USER")
@click.option("--label", default="", help="What the key is for.")
@click.option("--expires", callback=duration, help="After 12h, 90d, 8w or 1y; else never.")
@click.option("--quiet", is_flag=True, help="Print the key alone.")
def key_create(settings: Settings, user: str, label: str, expires: str | None, quiet: bool) -> None:
    """Create an API key for a USER, by id or exact name. This is the only time it is shown.

    Example:
      zava-mcp key create 'Ada Lovelace' --label laptop --expires 90d
    """
    with connect(settings) as conn:
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
    """List the API keys, of all users or of one. The keys themselves are stored nowhere.

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
    """Revoke the API key KEY_ID, as key list gives it, or those of a user; from the next call on.

    Example:
      zava-mcp key revoke 0f3a52b1c4d6e789
      zava-mcp key revoke --user 'Ada Lovelace' --label laptop
    """
    if (key_id is None) == (user is None) or (label and not user):
        raise Failure("give the id of a key, or --user and perhaps --label", USAGE)
    with connect(settings) as conn:
        if key_id:
            revoked = int(scalar(conn, "select mcp_auth.revoke_api_key(%s)", [key_id]))
        else:
            query = "select mcp_auth.revoke_api_keys(mcp_auth.find_user(%s), %s)"
            revoked = scalar(conn, query, [user, label])
    answer(settings, {"revoked": revoked}, f"{revoked} keys revoked")


@command("rotate", group=key)
@click.argument("purpose", type=click.Choice(["assertion", "context"]))
@click.option("--quiet", is_flag=True, help="Print the key alone.")
def key_rotate(settings: Settings, purpose: str, quiet: bool) -> None:
    """Make a new signing key: of assertions, which the shim has too, or of the request context.

    The new key of assertions is printed, for ZAVA_ASSERTION_KEY; the one before stays good until
    the next rotation, so rotate twice to end it at once. The key of the context stays in the
    database; a call that runs at that moment may fail once.

    Example:
      zava-mcp key rotate assertion
    """
    with connect(settings) as conn:
        made = scalar(conn, "select mcp_auth.rotate_signing_key(%s)", [purpose])
    if made and not (quiet or settings.as_json):
        click.echo("Set ZAVA_ASSERTION_KEY to this key: it is not shown again.", err=True)
    answer(settings, {"purpose": purpose, "key": made}, made or f"{purpose} rotated")


def show_rows(settings: Settings, what: str, query: str, parameters: list[str]) -> None:
    """Print what a function of the database lists, whatever its columns are."""
    with connect(settings) as conn:
        found = [row for (row,) in conn.execute(query.encode(), parameters).fetchall()]
    cells = [["" if value is None else str(value) for value in row.values()] for row in found]
    columns = tuple(found[0]) if found else ()
    answer(settings, {what: found}, Table(what.capitalize(), columns, cells))
