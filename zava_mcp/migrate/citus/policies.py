"""Policies in a form that Citus takes: without sub-selects and tests for null.

Citus refuses a sub-select in a policy, and reads an expression twice, of which the second time
stops at a test for null of anything but a column. A new worker gets the function of a policy only
where the policy names a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pglast import ast
from pglast.enums import A_Expr_Kind, BoolExprType, BoolTestType, NullTestType, SubLinkType
from pglast.stream import RawStream
from pglast.visitors import Visitor


class UnfitError(Exception):
    """A statement that has no form which Citus takes: it needs a file in the folder citus."""


def plain_policy(
    node: ast.CreatePolicyStmt | ast.AlterPolicyStmt, columns: Mapping[str, str]
) -> str | None:
    """Return a policy whose ``(select f())`` are ``f()``; None where it has nothing to change.

    ``columns`` names the first column of each table, by schema and table. Raises UnfitError for a
    sub-select that reads a table.
    """
    before = printed(node)
    SubLinks()(node)
    NullTests()(node)
    name_column(node, columns)
    after = printed(node)
    return None if after == before else after


def name_column(
    node: ast.CreatePolicyStmt | ast.AlterPolicyStmt, columns: Mapping[str, str]
) -> None:
    """Let a policy that calls a function name a column, or Citus brings it to no new worker."""
    table = node.table
    column = columns.get(f"{table.schemaname}.{table.relname}") if table else None
    for part in ("qual", "with_check"):
        expression = getattr(node, part)
        seen = Seen()
        if expression is not None:
            seen(expression)
        if column and seen.calls and not seen.columns:
            reference = ast.ColumnRef(fields=(ast.String(column),))
            both = (expression, call("num_nonnulls", reference, 1))
            setattr(node, part, ast.BoolExpr(boolop=BoolExprType.AND_EXPR, args=both))


def printed(node: ast.Node) -> str:
    """Print a statement as SQL."""
    return str(RawStream()(node))


def call(name: str, argument: Any, expected: int) -> ast.A_Expr:
    """Return the comparison of a built-in of one argument with a number."""
    function = ast.FuncCall(funcname=(ast.String("pg_catalog"), ast.String(name)), args=(argument,))
    return ast.A_Expr(
        kind=A_Expr_Kind.AEXPR_OP,
        name=(ast.String("="),),
        lexpr=function,
        rexpr=ast.A_Const(val=ast.Integer(expected)),
    )


class Seen(Visitor):
    """Whether an expression names a column, and calls a function."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = self.calls = False

    def visit_ColumnRef(self, _ancestors: Any, _node: ast.ColumnRef) -> None:  # noqa: N802
        """Note a column."""
        self.columns = True

    def visit_FuncCall(self, _ancestors: Any, _node: ast.FuncCall) -> None:  # noqa: N802
        """Note a function."""
        self.calls = True


class SubLinks(Visitor):
    """Replace ``(select expression)`` by the expression."""

    def visit_SubLink(self, _ancestors: Any, node: ast.SubLink) -> Any:  # noqa: N802
        """Replace one, or raise UnfitError."""
        query = node.subselect
        if (
            node.subLinkType != SubLinkType.EXPR_SUBLINK
            or not isinstance(query, ast.SelectStmt)
            or query.fromClause is not None
            or query.whereClause is not None
            or query.limitCount is not None
            or query.withClause is not None
            or len(targets := query.targetList or ()) != 1
        ):
            raise UnfitError("a policy with a sub-select that reads")
        return targets[0].val


class NullTests(Visitor):
    """Replace tests for null and truth of anything but a column."""

    def visit_NullTest(self, _ancestors: Any, node: ast.NullTest) -> ast.Node | None:  # noqa: N802
        """Replace ``x is [not] null``: whether one of one argument is (not) null."""
        if isinstance(node.arg, ast.ColumnRef):
            return None
        is_null = node.nulltesttype == NullTestType.IS_NULL
        return call("num_nulls" if is_null else "num_nonnulls", node.arg, 1)

    def visit_BooleanTest(self, _ancestors: Any, node: ast.BooleanTest) -> ast.Node:  # noqa: N802
        """Replace ``x is true``; raise UnfitError for the others."""
        if node.booltesttype != BoolTestType.IS_TRUE:
            raise UnfitError("a policy with a test for truth other than IS TRUE")
        return ast.CoalesceExpr(args=(node.arg, ast.A_Const(val=ast.Boolean(boolval=False))))
