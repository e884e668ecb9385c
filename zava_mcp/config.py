"""The project: the contents of zava.toml, and the folders of SQL files.

A project is a folder with a zava.toml. Commands look for it in the working directory and above it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

FILE = "zava.toml"
CORE = "core"  # the name of the toolkit's own tree
CORE_ROOT = Path(__file__).resolve().parent / "core"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,62}")  # what SQL takes without quotes
SCOPES = ("text", "uuid", "bigint")  # the types that mcp_auth.scope_... gives a scope in
RESERVED = ("core", "mcp", "pg_")  # names of the toolkit's own schemas and roles
# of every session: under other settings, which a database may have, PostgreSQL reads texts of
# functions differently
SESSION = {
    "array_nulls": "on",
    "quote_all_identifiers": "off",
    "row_security": "on",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
}


class ConfigError(click.ClickException):
    """The project's file is missing or wrong; the message names the key and the remedy."""

    exit_code = 64


class MissingConfigError(ConfigError):
    """There is no zava.toml here or above."""


@dataclass(frozen=True)
class Source:
    """A folder of SQL files: the tree's name in the ledger, where the folder is, what it needs."""

    name: str
    root: Path
    extensions: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Return the folder's name in messages: core, or the path from the working directory."""
        if self.name == CORE:
            return CORE
        here = Path.cwd()
        return str(self.root.relative_to(here) if self.root.is_relative_to(here) else self.root)


@dataclass(frozen=True)
class Demo:
    """The demo data of a project: a tree of its own, and the SQL that loads them."""

    root: Path
    load: str = ""
    keys: str = ""
    question: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claims:
    """The use of a caller's claims: which claims of a token are stored, and where they are copied.

    ``jwt`` has them copied to request.jwt.claims, for policies that were written for PostgREST.
    """

    keep: tuple[str, ...] = ()
    jwt: bool = False


@dataclass(frozen=True)
class Accepted:
    """A finding that the project takes as it is, with the reason.

    ``check`` is its number, ``object`` what it is about, or how that begins and a star.
    """

    check: str
    object: str
    reason: str


@dataclass(frozen=True)
class Interference:
    """An answer that may depend on hidden rows, which prove accepts, with the reason.

    ``call`` is what is asked ("tool add_member"), ``change`` the table whose hidden rows tell.
    """

    call: str
    change: str
    reason: str


@dataclass(frozen=True)
class Proof:
    """The settings of prove in zava.toml: the tenant columns, if policies do not name them."""

    tenants: tuple[str, ...] = ()
    accepted: tuple[Interference, ...] = ()


@dataclass(frozen=True)
class Placement:
    """Where a cluster of Citus would keep a table of the project.

    ``placement`` is distributed (by ``column``), reference (on every node) or local.
    """

    name: str
    placement: str
    column: str | None = None


@dataclass(frozen=True)
class Project:
    """What zava.toml says.

    ``login`` is the role that the server connects as, ``tools`` the schema of the tools,
    ``audiences`` are the roles that carry EXECUTE on tools, ``roles`` those that own the project's
    tables and functions, and ``extensions`` those it needs. ``scope`` is the type of the ids that
    users are granted. ``core`` is the folder of the core's files: those of the installed package,
    unless a project has a copy of its own.
    """

    root: Path
    name: str
    sql: Path
    login: str
    tools: str
    audiences: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    scope: str = "text"
    core: Path = CORE_ROOT
    demo: Demo | None = None
    claims: Claims | None = None
    accepted: tuple[Accepted, ...] = ()
    proof: Proof = Proof()
    placements: tuple[Placement, ...] | None = None

    @property
    def data_dir(self) -> Path:
        """Return the folder of the embedded server: ZAVA_DATA_DIR, or .data in the project."""
        return Path(os.environ.get("ZAVA_DATA_DIR") or self.root / ".data")

    def sources(self, with_demo: bool = False) -> list[Source]:
        """List the trees in the order in which they apply."""
        found = [Source(CORE, self.core), Source(self.name, self.sql, self.extensions)]
        if with_demo and self.demo:
            found.append(Source(f"{self.name}_demo", self.demo.root, self.extensions))
        return found


def find_project(start: Path | None = None) -> Project:
    """Read the zava.toml of ``start`` or of the closest folder above it.

    Raises MissingConfigError where there is none, and ConfigError, which names the wrong key.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return read_project(folder / FILE)
    raise MissingConfigError(
        f"no {FILE} here or in a folder above: zava-mcp init NAME writes a project"
    )


def read_project(path: Path) -> Project:
    """Read one zava.toml. Raises ConfigError, which names the key that is wrong."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from None
    check_keys(path, "", given, {"project", "demo", "claims", "checks", "prove", "distribute"})
    table = section(path, given, "project")
    check_keys(
        path,
        "project.",
        table,
        {"name", "sql", "login", "tools", "audiences", "roles", "extensions", "scope", "core"},
    )
    name = text(path, table, "project.name")
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise ConfigError(
            f"{path}: project.name = {name!r} must be lower_case_words of at most 40 characters,"
            f" and not start with {' or '.join(RESERVED)}"
        )
    scope = text(path, table, "project.scope", "text")
    if scope not in SCOPES:
        raise ConfigError(f"{path}: project.scope = {scope!r} must be {' or '.join(SCOPES)}")
    root = path.parent
    sql = root / text(path, table, "project.sql", "sql")
    return Project(
        root=root,
        name=name,
        sql=sql,
        login=plain_name(path, table, "project.login", f"{name}_mcp"),
        tools=plain_name(path, table, "project.tools", f"{name}_api"),
        audiences=tuple(plain_names(path, table, "project.audiences")),
        roles=tuple(plain_names(path, table, "project.roles")),
        extensions=tuple(plain_names(path, table, "project.extensions")),
        scope=scope,
        core=root / text(path, table, "project.core", str(CORE_ROOT)),
        demo=read_demo(path, given, sql) if "demo" in given else None,
        claims=read_claims(path, given) if "claims" in given else None,
        accepted=read_accepted(path, given) if "checks" in given else (),
        proof=read_proof(path, given) if "prove" in given else Proof(),
        placements=read_placements(path, given) if "distribute" in given else None,
    )


def read_accepted(path: Path, given: dict[str, Any]) -> tuple[Accepted, ...]:
    """Read the table [checks]."""
    table = section(path, given, "checks")
    check_keys(path, "checks.", table, {"accept"})
    return tuple(Accepted(*line) for line in lines(path, table, "checks.accept", "check", "object"))


def read_placements(path: Path, given: dict[str, Any]) -> tuple[Placement, ...]:
    """Read the table [distribute]."""
    table = section(path, given, "distribute")
    check_keys(path, "distribute.", table, {"by", "reference", "local"})
    columns = section(path, table, "distribute.by") if "by" in table else {}
    return (
        *(
            Placement(name, "distributed", column)
            for column in columns
            for name in strings(path, columns, f"distribute.by.{column}")
        ),
        *(
            Placement(name, kind)
            for kind in ("reference", "local")
            for name in strings(path, table, f"distribute.{kind}")
        ),
    )


def read_proof(path: Path, given: dict[str, Any]) -> Proof:
    """Read the table [prove]."""
    table = section(path, given, "prove")
    check_keys(path, "prove.", table, {"tenants", "accept"})
    accepted = lines(path, table, "prove.accept", "call", "change")
    return Proof(
        tenants=tuple(strings(path, table, "prove.tenants")),
        accepted=tuple(Interference(*line) for line in accepted),
    )


def lines(path: Path, table: dict[str, Any], key: str, *names: str) -> list[list[str]]:
    """Return a list of tables, each of these strings and a reason. Raises ConfigError."""
    found = table.get(key.rpartition(".")[2], [])
    if not isinstance(found, list) or not all(isinstance(line, dict) for line in found):
        raise ConfigError(f"{path}: {key} must be a list of tables")
    names = (*names, "reason")
    for line in found:
        check_keys(path, f"{key}.", line, set(names))
    return [[text(path, line, f"{key}.{name}") for name in names] for line in found]


def read_demo(path: Path, given: dict[str, Any], sql: Path) -> Demo:
    """Read the table [demo]."""
    table = section(path, given, "demo")
    check_keys(path, "demo.", table, {"folder", "load", "keys", "question"})
    question = section(path, table, "demo.question") if "question" in table else {}
    check_keys(path, "demo.question.", question, {"tool", "arguments"})
    if question:
        text(path, question, "demo.question.tool")
    if "arguments" in question:
        section(path, question, "demo.question.arguments")
    return Demo(
        root=sql / text(path, table, "demo.folder", "demo"),
        load=function(path, table, "demo.load"),
        keys=function(path, table, "demo.keys"),
        question=question,
    )


def read_claims(path: Path, given: dict[str, Any]) -> Claims:
    """Read the table [claims]."""
    table = section(path, given, "claims")
    check_keys(path, "claims.", table, {"keep", "jwt"})
    jwt = table.get("jwt", False)
    if not isinstance(jwt, bool):
        raise ConfigError(f"{path}: claims.jwt must be true or false")
    return Claims(tuple(strings(path, table, "claims.keep")), jwt)


def section(path: Path, given: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a table of the file. Raises ConfigError where it is missing."""
    found = given.get(key.rpartition(".")[2])
    if found is None:
        raise ConfigError(f"{path}: the table [{key}] is missing")
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: {key} must be a table")
    return found


def text(path: Path, table: dict[str, Any], key: str, default: str | None = None) -> str:
    """Return a string of a table. Raises ConfigError where it is missing, empty or none."""
    found = table.get(key.rpartition(".")[2], default)
    if not isinstance(found, str) or not found:
        raise ConfigError(f"{path}: {key} must be a string")
    return found


def plain_name(path: Path, table: dict[str, Any], key: str, default: str) -> str:
    """Return a name that SQL takes without quotes. Raises ConfigError."""
    found = text(path, table, key, default)
    if not PLAIN.fullmatch(found):
        raise ConfigError(f"{path}: {key} = {found!r} is not lower_case_words")
    return found


def function(path: Path, table: dict[str, Any], key: str) -> str:
    """Return schema.function, or nothing where the key is missing. Raises ConfigError."""
    if key.rpartition(".")[2] not in table:
        return ""
    found = text(path, table, key)
    schema, _, name = found.partition(".")
    if not PLAIN.fullmatch(schema) or not PLAIN.fullmatch(name):
        raise ConfigError(f"{path}: {key} = {found!r} is not schema.function")
    return found


def strings(path: Path, table: dict[str, Any], key: str) -> list[str]:
    """Return a list of strings of a table, empty where it is missing. Raises ConfigError."""
    found = table.get(key.rpartition(".")[2], [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ConfigError(f"{path}: {key} must be a list of strings")
    return found


def plain_names(path: Path, table: dict[str, Any], key: str) -> list[str]:
    """Return a list of plain names. Raises ConfigError."""
    found = strings(path, table, key)
    for name in found:
        if not PLAIN.fullmatch(name):
            raise ConfigError(f"{path}: {key} holds {name!r}, which is not lower_case_words")
    return found


def check_keys(path: Path, prefix: str, table: dict[str, Any], known: set[str]) -> None:
    """Refuse a key that nothing reads, with the closest one that something does."""
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1) or sorted(known)
            raise ConfigError(f"{path}: unknown key {prefix}{key}; closest: {', '.join(near)}")
