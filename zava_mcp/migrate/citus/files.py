"""The files of a project as a cluster gets them.

A file below ``citus/`` of a tree has what differs: each of its statements, which create a function,
a policy or a trigger or comment on one, takes the place of that of the file of the same path, whose
other statements stay, such as owners and grants. Where no file has this path, it is one more. The
others are rewritten. All are cut into statements, since Citus sends the text of a statement on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pglast import ast, parse_sql, split
from pglast.enums import FunctionParameterMode as Mode

from zava_mcp.config import CORE
from zava_mcp.migrate.citus.bodies import quoted_body, without_plan_mode
from zava_mcp.migrate.citus.policies import UnfitError, plain_policy, printed
from zava_mcp.migrate.files import MANAGED, SqlFile, Tree, files_in, read_file

FOLDER = "citus"
OUTPUT = (Mode.FUNC_PARAM_OUT, Mode.FUNC_PARAM_TABLE)  # no part of what names a function


def for_citus(tree: Tree) -> Tree:
    """Return the tree as a cluster of Citus gets it. Raises UnfitError, which names the file."""
    bodies = {file.key: file for file in overlay(tree)}
    columns = first_columns(tree)
    managed = {key: cut(file) for key, file in bodies.items() if key not in tree.managed}
    for key, file in tree.managed.items():
        managed[key] = rewritten(file, columns, bodies.get(key))
    versioned = {key: cut(file) for key, file in tree.versioned.items()}
    return replace(tree, managed=managed, versioned=versioned, is_citus=True)


def overlay(tree: Tree) -> Iterator[SqlFile]:
    """Yield the files below the folders ``citus``, under the path of what they replace."""
    for source in tree.sources:
        inner = replace(source, root=source.root / FOLDER)
        for path in files_in(inner.root):
            file = read_file(inner, path)
            if MANAGED.fullmatch(file.path):
                yield replace(file, folder=f"{source.folder}/{FOLDER}")


def first_columns(tree: Tree) -> dict[str, str]:
    """Name the first column of each table that a versioned file creates, by schema and table."""
    found = dict[str, str]()
    for file in tree.versioned.values():
        for statement in parse_sql(file.text):
            node = statement.stmt
            if isinstance(node, ast.CreateStmt) and node.relation and node.tableElts:
                columns = [each for each in node.tableElts if isinstance(each, ast.ColumnDef)]
                name = f"{node.relation.schemaname}.{node.relation.relname}"
                found |= {name: columns[0].colname} if columns and columns[0].colname else {}
    return found


def rewritten(file: SqlFile, columns: Mapping[str, str], body: SqlFile | None) -> SqlFile:
    """Return a managed file in the form that Citus takes, with what ``body`` creates instead."""
    shown = body.shown if body else ""
    instead = {subject(part): part for part in parts_of(body.text)} if body else {}
    if "" in instead:
        raise UnfitError(f"{shown}: only create and comment here: {file.shown} has the rest")
    try:
        parts = [
            instead.pop(subject(part), "") or citus_form(part, file.tree != CORE, columns)
            for part in parts_of(file.text)
        ]
    except UnfitError as error:
        where = file.path
        raise UnfitError(f"{file.shown}: {error}: write {FOLDER}/{where}") from error
    if instead:
        raise UnfitError(f"{shown}: {file.shown} has no {' and no '.join(map(str, instead))}")
    text = ";\n\n".join(parts) + ";\n"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    flaw, folder = (body.flaw or file.flaw, body.folder) if body else (file.flaw, file.folder)
    return cut(replace(file, text=text, sha256=sha256, flaw=flaw, folder=folder))


def subject(statement: str) -> str:
    """Name what a statement creates or comments on: function, policy or trigger; "" for others."""
    node: Any = parse_sql(statement)[0].stmt
    match type(node).__name__:
        case "CreateFunctionStmt":
            taken = [each for each in node.parameters or () if each.mode not in OUTPUT]
            arguments = ", ".join(printed(each.argType) for each in taken)
            return f"function {'.'.join(part.sval for part in node.funcname)}({arguments})"
        case "CreatePolicyStmt":
            return f"policy {node.policy_name} on {printed(node.table)}"
        case "CreateTrigStmt":
            return f"trigger {node.trigname} on {printed(node.relation)}"
        case "CommentStmt":
            node.comment = ""
            return printed(node)
        case _:
            return ""


def citus_form(statement: str, procedural: bool, columns: Mapping[str, str]) -> str:
    """Return one statement in the form that Citus takes. Raises UnfitError."""
    node = parse_sql(statement)[0].stmt
    if isinstance(node, ast.CreateFunctionStmt):
        return without_plan_mode(quoted_body(statement, node, procedural))
    if isinstance(node, (ast.CreatePolicyStmt, ast.AlterPolicyStmt)):
        return plain_policy(node, columns) or statement
    return statement


def parts_of(text: str) -> list[str]:
    """Return the statements of a text, without their semicolons."""
    return [text[part] for part in split(text, with_parser=True, only_slices=True)]


def cut(file: SqlFile) -> SqlFile:
    """Return a file with the places at which its statements begin."""
    slices = split(file.text, with_parser=True, only_slices=True)
    return replace(file, cuts=tuple(part.start for part in slices))
