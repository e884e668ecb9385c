"""Functions in a form that Citus takes: a body in quotes instead of a tracked one.

Citus refuses to distribute a table that a ``begin atomic`` body depends on, does not bring such a
function to workers, and plans no distributed query of a SQL function that has parameters. The body
is cut out where PostgreSQL's own scanner says, so that comments and lines stay as they are.
"""

from __future__ import annotations

from itertools import pairwise

from pglast import ast
from pglast.enums import FunctionParameterMode as Mode
from pglast.parser import Token, scan

from zava_mcp.migrate.citus.policies import printed

RESULTS = (Mode.FUNC_PARAM_TABLE, Mode.FUNC_PARAM_OUT, Mode.FUNC_PARAM_INOUT)


def quoted_body(text: str, node: ast.CreateFunctionStmt, procedural: bool) -> str:
    """Return ``create function`` with its ``begin atomic`` body in quotes.

    ``procedural`` makes a query of it that PL/pgSQL runs, which Citus can plan with parameters;
    what does more than one SELECT, or gives nothing, stays SQL.
    """
    if isinstance(node.sql_body, ast.ReturnStmt) or node.sql_body is None:
        return text
    tokens = scan(text)
    opening = next(second for first, second in pairwise(tokens) if is_atomic(first, second))
    begin = tokens[tokens.index(opening) - 1]
    end = next(token for token in reversed(tokens) if token.name == "END_P")
    head = text[: begin.start].rstrip()
    body = text[opening.end + 1 : end.start].rstrip().removesuffix(";")
    (found,) = node.sql_body  # the list of statements, in a list
    query = found[0] if procedural and len(found) == 1 else None
    if isinstance(query, ast.SelectStmt) and (wrapped := procedure(node, query, body)):
        head, body = with_language(head), f"\n#variable_conflict use_column\nbegin\n{wrapped}\nend"
    tag = next(tag for tag in ("$body$", "$sql$", "$citus$") if tag not in body)
    return f"{head}\nas {tag}{body}\n{tag}"


def is_atomic(first: Token, second: Token) -> bool:
    """Whether two tokens begin a tracked body, as no other part of the statement does."""
    return (first.name, second.name) == ("BEGIN_P", "ATOMIC")


def procedure(node: ast.CreateFunctionStmt, query: ast.SelectStmt, body: str) -> str | None:
    """Return the PL/pgSQL statement that gives what the query of a function gives."""
    results = [each for each in node.parameters or () if each.mode in RESULTS]
    taken = {each.name for each in node.parameters or () if each.mode not in RESULTS}
    kind = node.returnType
    names = ", ".join(quoted(each.name) for each in results)
    columns = len(query.targetList or ())
    if "found" in taken or taken & {each.name for each in results}:
        found = None  # PL/pgSQL has such a variable, and no column with the name of an argument
    elif any(each.mode == Mode.FUNC_PARAM_TABLE for each in results):
        # RETURN QUERY takes the very types; SQL functions cast as an assignment does
        cast = ", ".join(f"v.{quoted(each.name)}::{printed(each.argType)}" for each in results)
        found = f"return query select {cast} from ({body}\n) as v ({names});"
    elif results:
        found = f"select v.* into {names} from ({body}\n) as v;"
    elif kind is None:
        found = None
    elif kind.setof:
        one = f"select v.x::{printed_base(kind)} from ({body}\n) as v (x)"
        found = f"return query {one if columns == 1 else body};"
    elif printed(kind) == "void" or columns != 1:
        found = None
    else:
        found = f"return (select v.x from ({body}\n) as v (x) limit 1);"
    return found


def printed_base(node: ast.TypeName) -> str:
    """Print a type without SETOF."""
    base = ast.TypeName(node())
    base.setof = False
    return printed(base)


def quoted(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def with_language(head: str) -> str:
    """Return the options of a function with language plpgsql."""
    tokens = scan(head)
    name = next(second for first, second in pairwise(tokens) if first.name == "LANGUAGE")
    return head[: name.start] + "plpgsql" + head[name.end + 1 :]


def without_plan_mode(text: str) -> str:
    """Return ``create function`` without ``set plan_cache_mode``: Citus plans with values."""
    tokens = scan(text)
    for place, token in enumerate(tokens[:-3]):
        words = [text[each.start : each.end + 1].lower() for each in tokens[place : place + 2]]
        if token.name == "SET" and words == ["set", "plan_cache_mode"]:
            return text[: token.start].rstrip() + text[tokens[place + 3].end + 1 :]
    return text
