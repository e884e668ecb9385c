"""What all tests share: a throw-away database with a small demo, and the MCP server in front of it.

It lies at the root because the pgTAP files of sql/tests use it as much as the files of tests.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from endpoint import serving, vectors_of
from psycopg.abc import Query
from pytest_pgtap.pgtap import Runner

from benchmarks import zava
from zava_mcp.embeddings import load_embedder
from zava_mcp.local import cluster
from zava_mcp.local.pgtap import has_control
from zava_mcp.migrate.pgtap import helpers

if TYPE_CHECKING:
    from place import Place

pytest_plugins = ["needs"]  # the mark by which a test names a program that it needs
HELPERS = zava.PROJECT.sql / "tests" / "helpers"
ORDERS = 2000

# of a superuser of a coordinator: tests/cluster makes databases of its own there
CITUS_URL = os.environ.get("ZAVA_CITUS_URL")
# nohup ignores it, and so would every process of the tests
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# The tests decide every setting: nothing of the developer's own database reaches them.
for _name in [name for name in os.environ if name.startswith(("ZAVA_", "PG", "DATABASE_URL"))]:
    del os.environ[_name]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the whole suite run with vectors that come over HTTP."""
    parser.addoption(
        "--embedder",
        choices=("local", "openai"),
        default="local",
        help="openai: the local model behind a loopback server that speaks OpenAI's format",
    )


@pytest.fixture(scope="session")
def embedder(request: pytest.FixtureRequest) -> Iterator[str]:
    """What embeds texts, in this process and in those it starts: local, or openai."""
    kind: str = request.config.getoption("--embedder")
    if kind == "local":
        yield kind
        return
    model = load_embedder("local")
    assert model is not None
    with serving() as endpoint:
        endpoint.answer = vectors_of(model)
        settings = {
            "ZAVA_EMBEDDER": kind,
            "ZAVA_EMBEDDING_BASE_URL": endpoint.url,
            "ZAVA_EMBEDDING_MODEL": model.model,
        }
        os.environ.update(settings)
        yield kind
        for name in settings:
            del os.environ[name]
        assert endpoint.asked, "nothing was asked of the endpoint"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def private_dir() -> Iterator[Path]:
    """A new folder that its owner alone may enter; the name is short, as a socket's must be."""
    folder = Path(tempfile.mkdtemp(prefix="zava-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """The data folder of the tests' own database."""
    folder = Path(tempfile.mkdtemp(prefix="zava-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """An empty PostgreSQL, for tests that make databases of their own; its owner's URI."""
    folder = Path(tempfile.mkdtemp(prefix="zava-test-"))
    with cluster.server(folder, cluster.THROW_AWAY) as uri:
        yield uri
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def database(data_dir: Path, embedder: str) -> Iterator[str]:
    """The owner's URI of a database with Zava, a demo of 2000 orders, vectors and test helpers.

    The helpers need pgTAP: without it, so do all tests that call them.
    """
    with cluster.server(data_dir, cluster.THROW_AWAY) as uri, ExitStack() as stack:
        assert zava.prepare(uri, ORDERS, embedder), "not all texts were embedded"
        connection = stack.enter_context(psycopg.connect(uri, autocommit=True))
        if has_control():
            stack.enter_context(helpers(connection, HELPERS, nullcontext(), nullcontext()))
        # a few identities make all the calls of all the tests
        connection.execute("update mcp_auth.limits set calls_per_minute = 1000000")
        yield uri


@pytest.fixture(scope="session")
def shim_url(database: str, data_dir: Path) -> str:
    """What the MCP server connects with."""
    return cluster.uri(data_dir, zava.LOGIN)


@pytest.fixture(scope="session")
def keys(database: str, shim_url: str, data_dir: Path) -> dict[str, Any]:
    """API keys: {"head_office": key, "regional_manager": key, "stores": {store name: key}}."""
    return zava.demo_keys(database, shim_url, data_dir / "keys.json")


@pytest.fixture(scope="session")
def citus_url() -> str:
    """The URI of the cluster on which tests/cluster makes its databases."""
    if not CITUS_URL:
        pytest.skip("not run: ZAVA_CITUS_URL is not set")
    return CITUS_URL


@pytest.fixture(scope="session")
def pgtap_connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    """Where pytest-pgtap runs the files of sql/tests."""
    with psycopg.connect(database) as connection:
        yield connection


class LikePsql(Runner):
    """A runner that takes rows other than text, as psql and therefore pg_prove do."""

    def run(self, query: Query) -> list[str]:
        """Return the lines that a file printed."""
        return [str(line) for line in super().run(query) if line is not None]


@pytest.fixture(scope="session")
def _pgtap_runner(pgtap_connection: psycopg.Connection[Any]) -> Runner:
    return LikePsql(pgtap_connection)


@pytest.fixture(scope="session")
def http_server(shim_url: str, data_dir: Path) -> Iterator[str]:
    """The MCP endpoint of zava-mcp serve, http://127.0.0.1:<port>/mcp; its log is kept."""
    port = _free_port()
    # from whose address all the bad tokens of all the tests come
    log = data_dir / "server.log"
    settings = {"ZAVA_BAD_TOKENS": "1000000", "ZAVA_EXPORTS": str(data_dir / "exports")}
    with zava.serving(shim_url, "127.0.0.1", port, log, **settings):
        yield f"http://127.0.0.1:{port}/mcp"


@pytest.fixture(scope="session")
def place(
    database: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A database with the functions of tests/conformance, a server, and a proxy before that."""
    from place import opened

    with opened(database, shim_url, tmp_path_factory.mktemp("conformance")) as where:
        yield where


@pytest.fixture
def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
