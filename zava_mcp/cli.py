"""The command line: every command of zava-mcp, each imported when it is used."""

from __future__ import annotations

import difflib
import gc
import importlib
import os
import sys
import traceback
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from zava_mcp import __version__, typed

MISUSE = 64  # click's own code, 2, means something else to migrate
BAD_FILE = 65
DEFECT = 70  # Python's own code, 1, means that something is pending


class Entry(NamedTuple):
    """The place of a command, and the first sentence of its help."""

    place: str
    help: str


COMMANDS = {
    "init": Entry(
        "zava_mcp.project.init:init",
        "Write a new project NAME: a table, a policy, a tool, a test and demo data.",
    ),
    "dev": Entry(
        "zava_mcp.project.dev:dev",
        "Run this project: the embedded server, the schema, the demo and the MCP server.",
    ),
    "call": Entry(
        "zava_mcp.project.call:call",
        "Call TOOL on a running server and print its result, or list the tools.",
    ),
    "demo": Entry(
        "zava_mcp.project.demo:demo",
        "Start the embedded server without the MCP server, load the demo and print the URI.",
    ),
    "new": Entry(
        "zava_mcp.project.scaffold:new",
        "Write the files of a migration, tool, resource, prompt, skill or policy, and their test.",
    ),
    "expose": Entry(
        "zava_mcp.project.expose:expose",
        "Write a tool over each NAME: an existing function, procedure, view or table.",
    ),
    "doctor": Entry(
        "zava_mcp.project.doctor:doctor",
        "Check the database at URL and the server's settings, and say what to do.",
    ),
    "migrate": Entry(
        "zava_mcp.migrate.commands:migrate",
        "Apply the SQL files of the core and of this project to a database, and show differences.",
    ),
    "test": Entry(
        "zava_mcp.project.test:test",
        "Apply the core and this project to a new database, run the pgTAP FILES and drop it.",
    ),
    "prove": Entry(
        "zava_mcp.migrate.prove.command:migrate_prove",
        "Show that no answer depends on a row that its caller may not see.",
    ),
    "eval": Entry(
        "zava_mcp.project.evaluate.command:evaluate",
        "Measure whether people's words lead to the right tool, from what a client sees.",
    ),
    "serve": Entry(
        "zava_mcp.shim.server:serve", "Serve the tools of a zava-mcp database to MCP clients."
    ),
    "audience": Entry(
        "zava_mcp.project.people:audience",
        "Add, list and remove audiences: roles that decide which tools a user has.",
    ),
    "user": Entry(
        "zava_mcp.project.people:user", "Add, change and list the users who may call tools."
    ),
    "key": Entry(
        "zava_mcp.project.people:key",
        "Create, list and revoke API keys; replace the keys that sign.",
    ),
    "log": Entry(
        "zava_mcp.project.log:log",
        "List the last calls of the call log: when, who, which tool, and how it ended.",
    ),
    "embed": Entry(
        "zava_mcp.project.embed:embed",
        "Compute the vectors that are missing for the chosen model, then build the index.",
    ),
    "docs": Entry(
        "zava_mcp.project.docs:docs",
        "Write FOLDER/tools.md and FOLDER/schema.sql, by default into docs.",
    ),
    "surface": Entry(
        "zava_mcp.project.surface:surface",
        "Write FOLDER/AUDIENCE.json for each audience: what its clients may rely on.",
    ),
    "uninstall": Entry(
        "zava_mcp.migrate.uninstall:uninstall",
        "Remove the objects that the ledger lists, of the project and the core, and nothing else.",
    ),
    "local": Entry(
        "zava_mcp.local.commands:local",
        "Start, stop and open the embedded PostgreSQL of this project.",
    ),
}


class Commands(click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order in which people need them."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].place.partition(":")
        gc.disable()  # what is imported stays: to look for garbage takes a sixth of the time
        try:
            found: click.Command = getattr(importlib.import_module(module), name)
        finally:
            gc.enable()
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names. Raises UsageError with the nearest name."""
        near = difflib.get_close_matches(args[0], COMMANDS, n=1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"No such command '{args[0]}'. Did you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table, anything else as click does."""
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name].help) for name in names]
        return items + click.Command.shell_complete(self, ctx, incomplete)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Shell completion: eval "$(_ZAVA_MCP_COMPLETE=bash_source zava-mcp)"',
)
@click.version_option(__version__, prog_name="zava-mcp")
def cli() -> None:
    """Make a PostgreSQL database an MCP server: every tool is a SQL function.

    Start: zava-mcp init shop && cd shop && zava-mcp dev
    """


def tell_as_json(message: str) -> None:
    """Print what is wrong with the command line in the form of any other failure."""
    from zava_mcp.migrate.console import reported
    from zava_mcp.migrate.ledger import Failure
    from zava_mcp.migrate.session import Settings

    reported(Settings(as_json=True), Failure(message, MISUSE))


def file_problem(error: OSError) -> str:
    """Return what is wrong with a file, or nothing; to an output that is full print no more."""
    from zava_mcp.migrate.ledger import file_failure

    failure = file_failure(error)
    if failure and error.filename is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return failure.message if failure else ""


def main(*prefix: str) -> None:
    """Run the command line; ``prefix`` goes before its arguments."""
    typed.note(prefix)
    os.environ.setdefault("LOGNAME", "migrate")  # yoyo asks for a user name; a uid may have none
    try:
        sys.exit(cli.main([*prefix, *sys.argv[1:]], prog_name="zava-mcp", standalone_mode=False))
    except click.UsageError as error:
        usage = ""
        if error.ctx:
            usage = f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n\n"
        message = error.format_message()
        if "--json" in sys.argv:
            tell_as_json(message)
        click.echo(typed.as_typed(f"{usage}Error: {message}"), err=True)
        sys.exit(MISUSE)
    except click.ClickException as error:
        click.echo(f"zava-mcp: {typed.as_typed(error.message)}", err=True)
        sys.exit(getattr(error, "code", error.exit_code))  # a Failure has a code of its own
    except click.Abort:
        click.echo("zava-mcp: stopped", err=True)
        sys.exit(130)
    except OSError as error:
        if problem := file_problem(error):
            click.echo(f"zava-mcp: {typed.as_typed(problem)}", err=True)
            sys.exit(BAD_FILE)
        traceback.print_exc()
        sys.exit(DEFECT)
    except Exception:
        traceback.print_exc()
        sys.exit(DEFECT)
