"""A project's extensions may be in any schema: where somebody else put them, or in one of ours."""

from __future__ import annotations

import psycopg
from scratch import migrate, new_database

TESTS = [
    "sql/tests/retail/test_search.sql",
    "sql/tests/retail/test_search_reads.sql",
    "sql/tests/retail/test_tune_embedding_index.sql",
    "sql/tests/api/test_recommend_products.sql",
    "sql/tests/api/test_find_similar_products.sql",
    "sql/tests/api/test_search_products_by_description.sql",
]
WHERE = (
    "select string_agg(format('%s in %s', extname, extnamespace::regnamespace), ', '"
    " order by extname) from pg_extension where extname <> 'plpgsql'"
)


def test_extensions_stay_where_they_are(server: str) -> None:
    with new_database(server) as uri, psycopg.connect(uri, autocommit=True) as conn:
        conn.execute('create schema "Extensions"')
        conn.execute('create extension vector schema "Extensions"')
        conn.execute("create extension pg_trgm schema public")
        where = 'pg_trgm in public, vector in "Extensions"'
        assert conn.execute(WHERE).fetchone() == (where,)

        migrate(uri, "apply")
        assert conn.execute(WHERE).fetchone() == (where,)
        assert conn.execute("select to_regnamespace('ext')").fetchone() == (None,)
        migrate(uri, "test", *TESTS)
        migrate(uri, "drift")
        migrate(uri, "rollback", "--to", "0", "--yes")
        assert conn.execute(WHERE).fetchone() == (where,)
