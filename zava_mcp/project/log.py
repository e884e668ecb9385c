"""``zava-mcp log``: the last calls, for who asks what became of one."""

from __future__ import annotations

import click

from zava_mcp.migrate.console import SHORT_EXIT_CODES, command
from zava_mcp.migrate.session import Settings
from zava_mcp.project.people import show_rows


@command("log", group=None, epilog=SHORT_EXIT_CODES)
@click.option("--user", metavar="USER", help="Only the calls of a user, by id or exact name.")
@click.option("--code", help="Only the calls that ended with this code; docs/errors.md lists them.")
@click.option("--request-id", metavar="ID", help="Only the call with the id that the client got.")
@click.option("--failed", is_flag=True, help="Only the calls that were refused or failed.")
@click.option(
    "--last",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="How many calls, newest first.",
)
def log(
    settings: Settings,
    user: str | None,
    code: str | None,
    request_id: str | None,
    failed: bool,
    last: int,
) -> None:
    """List the last calls of the call log: when, who, which tool, and how it ended.

    docs/errors.md has the reason of each code. A call is in the log about a second after it ended.

    Example:
      zava-mcp log --user 'Ada Lovelace' --failed
    """
    owner = "mcp_auth.find_user(%s)" if user else "null"
    query = f"select row_to_json(c) from mcp_log.list_calls({owner}, %s, %s, %s, %s) as c"  # noqa: S608
    show_rows(settings, "calls", query, [*([user] if user else []), code, request_id, failed, last])
