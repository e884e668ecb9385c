"""Product search at 400, 20,000 and 200,000 products: recall, latency, time to build the index.

``python -m benchmarks.search --sizes 400,20000`` starts a PostgreSQL of its own and removes it.
The texts are mixed from the catalogue of the demo. At 400 products, which are the catalogue itself,
vectors are those of the local model. At larger sizes they are synthetic: clusters around a centre
for each product of the catalogue, all 1536 numbers used, most of the variance in the first. The
queries are the judged questions, each with a vector of the same clusters that is not stored.

Everything is measured in turn, query by query, on one connection; times are medians. "seed" is the
function of the sample that this project grew from, with its name column cast to what it says it
returns: it sorts by similarity, which no index can do. Ours is the tool's own function under
row-level security, but where it says without. A whole call is mcp.call_tool: credential, vector and
answer as JSON.
"""

from __future__ import annotations

import csv
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import psycopg
from pgvector.psycopg import register_vector
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from benchmarks import zava
from zava_mcp import embeddings
from zava_mcp.local import cluster

Vectors = npt.NDArray[np.float32]
Connection = psycopg.Connection[Any]

SETTINGS = {**cluster.THROW_AWAY, "shared_buffers": "4GB", "max_wal_size": "16GB"}
SYNTHETIC = "synthetic"
STORE = "Zava Retail Tacoma"
RARE_STORE = "Zava Retail Redmond"  # carries everything, and has RARE products in stock
RARE, RARE_SKU, RARE_QUERY = 20, "HTHM001", "claw hammer with a fiberglass handle"
RESULTS = 10
WARM_UP = 3
ROUNDS, SETTLE = 5, 6

MORE_PRODUCTS = """
insert into retail.products (sku, name, description, category_id, type_id, base_price)
select
    b.sku || '-' || g,
    b.name || ' No. ' || g,
    split_part(b.description, '. ', 1) || '. ' || split_part(o.description, '. ', 2),
    b.category_id, b.type_id, greatest(1, round((b.base_price * (0.5 + random()))::numeric, 2))
from (select p.*, row_number() over (order by p.sku) as n from retail.products as p) as b
cross join generate_series(1, %(copies)s) as g
join (
    select p.description, row_number() over (order by p.sku) as n from retail.products as p
) as o on o.n = 1 + (b.n * 7 + g * 13) %% %(base)s
order by g, b.n
limit %(more)s
"""
STOCK = """
insert into retail.inventory (store_id, product_id, stock_level)
select s.store_id, p.product_id, floor(random() * 20)
from retail.stores as s
cross join retail.products as p
where s.name <> %(rare_store)s and random() < 0.4
union all
select
    s.store_id, p.product_id,
    case
        when row_number() over (order by p.sku not like %(sku)s, md5(p.sku)) <= %(rare)s
            then 5 else 0
    end
from retail.stores as s
cross join retail.products as p
where s.name = %(rare_store)s
"""
SEED = """
create schema seed;
create function seed.search_products_by_description(
    query_embedding ext.vector(1536),
    similarity_threshold float default 0.7,
    max_results integer default 20
)
returns table (product_id uuid, name varchar, description text, similarity_score float) as $$
begin
return query
select
p.product_id,
p.name::varchar,
p.description,
(1 - (pde.description_embedding operator(ext.<=>) query_embedding)) as similarity_score
from retail.products p
join retail.product_description_embeddings pde on p.product_id = pde.product_id
where (pde.description_embedding operator(ext.<=>) query_embedding) <= (1 - similarity_threshold)
order by similarity_score desc
limit max_results;
end;
$$ language plpgsql;
"""

SEED_CALL = f"""
select jsonb_build_object('rows', coalesce(jsonb_agg(s), '[]'))::text
from seed.search_products_by_description(
    %(vector)s::ext.vector(1536), max_results => {RESULTS}
) as s
"""
TOOL_CALL = f"""
select to_jsonb(
    api.search_products_by_description(
        %(text)s, %(vector)s::ext.vector(1536), null, {RESULTS}, {{filters}}
    )
)::text
"""
MEANING_CALL = f"""
select to_jsonb(
    retail.find_products(
        null, %(vector)s::ext.vector(1536), %(model)s, -1,
        row(null, null, null, {{in_stock}}, null)::retail.product_filter, {RESULTS}
    )
)::text
"""
WHOLE_CALL = (
    "select mcp.call_tool(%(key)s, 'search_products_by_description', %(args)s, %(request)s)::text"
)

PLAIN = "in_stock_only => false"
IN_STOCK = "in_stock_only => true"
NARROW = "category => 'Hand Tools', price_min => 10, price_max => 60, in_stock_only => true"

# what is measured: name -> (whose key, SQL)
VARIANTS = {
    "seed": ("head_office", SEED_CALL),
    "by meaning": ("head_office", MEANING_CALL.format(in_stock="false")),
    "hybrid": ("head_office", TOOL_CALL.format(filters=PLAIN)),
    "hybrid, store manager": ("store", TOOL_CALL.format(filters=PLAIN)),
    "hybrid, in stock in the store": ("store", TOOL_CALL.format(filters=IN_STOCK)),
    "by meaning, in stock in the store": (
        "store",
        MEANING_CALL.format(in_stock="true"),
    ),
    "hybrid, category, price, in stock": ("store", TOOL_CALL.format(filters=NARROW)),
    f"hybrid, {RARE} in stock": ("rare", TOOL_CALL.format(filters=IN_STOCK)),
    "whole call": ("head_office", WHOLE_CALL),
}


class Bench:
    """One size: its database, its vectors and its queries."""

    def __init__(self, uri: str, size: int, queries: Sequence[str]) -> None:
        self.uri, self.texts = uri, queries
        self.report: dict[str, Any] = {"vectors": "local model" if size <= 432 else "synthetic"}
        self.model = embeddings.LOCAL_MODEL if size <= 432 else SYNTHETIC
        assert zava.prepare(uri, 100, "local" if size <= 432 else "none")
        self.conn = psycopg.connect(uri, autocommit=True)
        self.conn.execute("set search_path to ext")
        register_vector(self.conn)  # vectors come and go in binary
        self.conn.execute("reset search_path")
        keys = self.one("select retail_demo.create_keys()")
        self.keys = {
            "head_office": keys["head_office"],
            "store": keys["stores"][STORE],
            "rare": keys["stores"][RARE_STORE],
        }
        self.fill(size)
        self.conn.execute(SEED.encode())

    def one(self, query: str, parameters: Any = None) -> Any:
        """Return the one value of a query."""
        row = self.conn.execute(query.encode(), parameters).fetchone()
        assert row is not None
        return row[0]

    def fill(self, size: int) -> None:
        """Add products, stock and vectors, and build the index."""
        base = self.one("select count(*) from retail.products")
        with timed(self.report, "products_seconds"):
            more = {"more": max(size - base, 0), "base": base, "copies": 1 + size // base}
            self.conn.execute(MORE_PRODUCTS.encode(), more)
        self.conn.execute("alter table retail.inventory disable trigger user")
        self.conn.execute("truncate retail.inventory")
        stock = {"rare_store": RARE_STORE, "sku": f"{RARE_SKU}%", "rare": RARE}
        self.conn.execute(STOCK.encode(), stock)
        self.conn.execute("alter table retail.inventory enable trigger user")
        found = self.conn.execute(
            "select p.product_id, dense_rank() over (order by split_part(p.sku, '-', 1)) - 1, p.sku"
            " from retail.products as p order by p.sku"
        ).fetchall()
        self.ids = [row[0] for row in found]
        groups = np.array([row[1] for row in found])
        if self.model == SYNTHETIC:
            self.vectors, query = synthetic(groups)
            self.queries = query(len(self.texts))
            self.rare_query = query(1, next(row[1] for row in found if row[2] == RARE_SKU))[0]
            self.store()
        else:
            texts = embed([*self.texts, RARE_QUERY])
            self.queries, self.rare_query = texts[:-1], texts[-1]
            stored = self.conn.execute(
                "select description_embedding from retail.product_description_embeddings as e"
                " join retail.products as p using (product_id) order by p.sku",
                binary=True,
            )
            self.vectors = np.array([row[0].to_numpy() for row in stored], np.float32)
        self.conn.execute("vacuum (analyze)")
        with timed(self.report, "index_seconds"):
            index = self.one("select retail.tune_embedding_index(model => %s)", [self.model])
        self.report |= {"rows": len(self.ids), "index": index}
        self.conn.execute("vacuum (analyze)")

    def store(self) -> None:
        """Load the vectors by binary COPY, as the active model."""
        with (
            self.conn.cursor() as cursor,
            cursor.copy(
                "copy retail.product_description_embeddings (product_id, model,"
                " description_embedding, source_hash) from stdin (format binary)"
            ) as copy,
        ):
            copy.set_types(["uuid", "text", "vector", "bytea"])
            for product_id, vector in zip(self.ids, self.vectors, strict=True):
                copy.write_row((product_id, SYNTHETIC, vector, bytes(32)))
        self.conn.execute(
            "insert into retail.embedding_models"
            " (model, is_active, similarity_threshold, method, product_count)"
            " values (%s, true, 0.3, 'exact', 0)",
            [SYNTHETIC],
        )

    def ask(self, variant: str, text: str, vector: Vectors) -> tuple[float, Any]:
        """Run a variant on one query; give seconds and what it found."""
        who, query = VARIANTS[variant]
        request = {
            "embedding_model": self.model,
            "embeddings": {"query_embedding": vector.tolist()},
        }
        parameters = {
            "text": text,
            "vector": vector,
            "model": self.model,
            "key": self.keys[who],
            "args": Jsonb({"query": text, "max_results": RESULTS}),
            "request": Jsonb(request),
        }
        with self.conn.transaction(force_rollback=True):
            if query != WHOLE_CALL:
                self.conn.execute("select mcp_auth.begin_request(%s)", [self.keys[who]])
                self.conn.execute(
                    "select set_config('app.embedding_model', %s, true)", [self.model]
                )
            if "find_products" in query:
                self.conn.execute("set local role mcp_tools")
            began = time.perf_counter()
            answer = self.one(query, parameters)
            seconds = time.perf_counter() - began
        return seconds, [uuid.UUID(row["product_id"]) for row in json.loads(answer)["rows"]]

    def measure(self) -> None:
        """Fill the report: latencies, recall, rows of the store that has little in stock."""
        times: dict[str, list[float]] = {name: [] for name in VARIANTS}
        found: dict[str, list[Any]] = {name: [] for name in VARIANTS}
        pairs = list(zip(self.texts, self.queries, strict=True))
        for number, (text, vector) in enumerate([*pairs[:WARM_UP], *pairs]):
            for name in VARIANTS:
                seconds, ids = self.ask(name, text, vector)
                if number >= WARM_UP:
                    times[name].append(seconds)
                    found[name].append(ids)
        self.report["median_ms"] = {
            name: statistics.median(values) * 1000 for name, values in times.items()
        }
        in_stock = self.in_stock(STORE)
        everything = np.ones(len(self.ids), bool)
        self.report["recall_at_10"] = {
            "by meaning": self.recall(found["by meaning"], everything),
            "by meaning, in stock in the store": self.recall(
                found["by meaning, in stock in the store"], in_stock
            ),
        }
        rare = {self.ids[n] for n in np.flatnonzero(self.in_stock(RARE_STORE))}
        with self.conn.transaction(force_rollback=True):
            self.conn.execute("select mcp_auth.begin_request(%s)", [self.keys["rare"]])
            self.conn.execute("select set_config('app.embedding_model', %s, true)", [self.model])
            query = TOOL_CALL.format(filters=IN_STOCK).replace(f" {RESULTS},", " 100,")
            answer = json.loads(self.one(query, {"text": RARE_QUERY, "vector": self.rare_query}))
        ids = {uuid.UUID(row["product_id"]) for row in answer["rows"]}
        self.report["rare"] = {"in_stock": len(rare), "found": len(rare & ids)}
        self.measure_row_security(pairs)

    def measure_row_security(self, pairs: Sequence[tuple[str, Vectors]]) -> None:
        """Measure the hybrid search for head office with and without row-level security.

        By turns, five questions at a time. A turn begins with SETTLE calls that do not count, after
        which plans are kept and data is at hand, as in a server that has run for a while. Of ROUNDS
        times a question's fastest counts, since other programs make it slower and never faster.
        """
        secured = self.conn.execute(
            "select oid::regclass::text from pg_catalog.pg_class"
            " where relnamespace = 'retail'::regnamespace and relrowsecurity"
        ).fetchall()
        best: dict[str, dict[str, float]] = {"enable": {}, "disable": {}}
        size = 5
        for turn in range(ROUNDS):
            for start in range(0, len(pairs), size):
                batch = list(pairs[start : start + size])
                # by turns the first
                for state in sorted(best, reverse=(turn + start // size) % 2 == 1):
                    self.switch_row_security(secured, state)
                    for text, vector in (batch * SETTLE)[: max(SETTLE, len(batch))]:
                        self.ask("hybrid", text, vector)
                    for text, vector in batch:
                        seconds, _ = self.ask("hybrid", text, vector)
                        best[state][text] = min(seconds, best[state].get(text, seconds))
        self.switch_row_security(secured, "enable")
        self.report["row_security_ms"] = {
            "with": statistics.median(best["enable"].values()) * 1000,
            "without": statistics.median(best["disable"].values()) * 1000,
            "ratio": statistics.median(
                seconds / best["disable"][text] for text, seconds in best["enable"].items()
            ),
        }

    def switch_row_security(self, secured: Sequence[tuple[str]], state: str) -> None:
        """Enable or disable it on all tables, which makes the plans that were kept void."""
        statements = (f"alter table {table} {state} row level security" for (table,) in secured)
        self.conn.execute(";".join(statements).encode())

    def in_stock(self, store: str) -> npt.NDArray[np.bool_]:
        """Mark the products that a store has."""
        rows = self.conn.execute(
            "select product_id from retail.inventory join retail.stores as s using (store_id)"
            " where s.name = %s and stock_level > 0",
            [store],
        )
        there = {row[0] for row in rows}
        return np.array([product_id in there for product_id in self.ids])

    def recall(self, found: Sequence[Sequence[Any]], allowed: npt.NDArray[np.bool_]) -> float:
        """Give recall@10 against the exact ten nearest of the allowed products."""
        hits = 0
        scores = np.where(allowed[:, None], self.vectors @ self.queries.T, -np.inf)
        for column, ids in zip(scores.T, found, strict=True):
            best = np.argpartition(-column, RESULTS)[:RESULTS]
            hits += len({self.ids[n] for n in best} & set(ids))
        return hits / (RESULTS * len(found))


def synthetic(cluster: npt.NDArray[np.int64]) -> tuple[Vectors, Callable[..., Vectors]]:
    """Give unit vectors, one a product of a cluster, and a function that makes more."""
    rng = np.random.default_rng(zava.SEED)
    spectrum = (1 / np.sqrt(1 + np.arange(embeddings.DIMENSIONS) / 16)).astype(np.float32)
    count = int(cluster.max()) + 1
    centres = rng.standard_normal((count, embeddings.DIMENSIONS), dtype=np.float32) * spectrum

    def around(clusters: npt.NDArray[np.int64]) -> Vectors:
        made: Vectors = rng.standard_normal(
            (len(clusters), embeddings.DIMENSIONS), dtype=np.float32
        )
        made *= spectrum
        made += centres[clusters]
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return made

    def query(number: int, of: int | None = None) -> Vectors:
        return around(rng.integers(0, count, number) if of is None else np.full(number, of))

    return around(cluster), query


def embed(texts: Sequence[str]) -> Vectors:
    """Return the local model's vectors."""
    embedder = embeddings.load_embedder("local")
    assert embedder is not None
    return np.array(embedder.embed(texts), np.float32)


@contextmanager
def timed(report: dict[str, Any], name: str) -> Iterator[None]:
    """Note the seconds that the block takes."""
    began = time.perf_counter()
    yield
    report[name] = time.perf_counter() - began


def embedding_latency(texts: Sequence[str]) -> dict[str, float]:
    """Return the median milliseconds to embed a question, the first time and again."""
    embedder = embeddings.load_embedder("local")
    assert embedder is not None
    vectors = embeddings.query_vectors(embedder)
    vectors("warm up")
    found = {}
    for name in ("first", "again"):
        times = []
        for text in texts:
            began = time.perf_counter()
            vectors(text)
            times.append(time.perf_counter() - began)
        found[name] = statistics.median(times) * 1000
    return found


def show(sizes: dict[int, dict[str, Any]], embedding: dict[str, float]) -> None:
    """Print the table."""
    console = Console()
    table = Table("", *(f"{size:,} products" for size in sizes), title="Product search")
    reports = list(sizes.values())

    def add(name: str, cells: Sequence[str]) -> None:
        table.add_row(name, *cells)

    add("vectors", [r["vectors"] for r in reports])
    add("index", [f"{r['index']['method']}" for r in reports])
    add("lists / probes", [f"{r['index']['lists']} / {r['index']['probes']}" for r in reports])
    add("built and measured, s", [f"{r['index_seconds']:.1f}" for r in reports])
    add("of that built, s", [f"{r['index']['build_seconds']:.1f}" for r in reports])
    for name in reports[0]["recall_at_10"]:
        add(f"recall@10 {name}", [f"{r['recall_at_10'][name]:.3f}" for r in reports])
    for name in VARIANTS:
        add(f"{name}, ms", [f"{r['median_ms'][name]:.2f}" for r in reports])
    ms = [r["median_ms"] for r in reports]
    add("seed / by meaning", [f"{m['seed'] / m['by meaning']:.1f}" for m in ms])
    add("seed / hybrid", [f"{m['seed'] / m['hybrid']:.1f}" for m in ms])
    add(
        "store filter / none",
        [f"{m['hybrid, in stock in the store'] / m['hybrid, store manager']:.2f}" for m in ms],
    )
    security = [r["row_security_ms"] for r in reports]
    add("with RLS / without", [f"{s['ratio']:.3f}" for s in security])
    add(
        f"{RARE} in stock in a store: found",
        [f"{r['rare']['found']} of {r['rare']['in_stock']}" for r in reports],
    )
    console.print(table)
    console.print(
        f"one question embedded by the local model: {embedding['first']:.2f} ms, "
        f"again: {embedding['again']:.4f} ms"
    )


@click.command()
@click.option("--sizes", default="400,20000", show_default=True, help="Products, by commas.")
@click.option("--queries", default=60, show_default=True, help="Questions to ask, at most 60.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the numbers there.")
def main(sizes: str, queries: int, file: Path | None) -> None:
    """Measure product search."""
    with (zava.ROOT / "tests" / "judged" / "questions.csv").open(newline="") as source:
        texts = [row["question"] for row in csv.DictReader(source)][:queries]
    reports: dict[int, dict[str, Any]] = {}
    for size in (int(part) for part in sizes.split(",")):
        with (
            tempfile.TemporaryDirectory(prefix="zava-search-") as folder,
            cluster.server(Path(folder), SETTINGS) as uri,
        ):
            bench = Bench(uri, size, texts)
            bench.measure()
            reports[size] = bench.report
            bench.conn.close()
    embedding = embedding_latency(texts)
    show(reports, embedding)
    if file is not None:
        file.write_text(json.dumps({"sizes": reports, "embedding_ms": embedding}, indent=2) + "\n")


if __name__ == "__main__":
    main()
