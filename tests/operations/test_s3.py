"""Exports in a bucket of a storage that speaks as S3, and what becomes of them when it is away."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import httpx2
import pytest
from scratch import name_of, on_database
from test_exports import ENDLESS, MODERN, Server, uri
from test_retry import new_key
from test_server import another_server, run_sql, until

from benchmarks.zava import free_port
from zava_mcp.shim.call import storage
from zava_mcp.shim.settings import Refusal

__all__ = ["uri"]
BUCKET, PREFIX = "exports", "shop/one/"
AWS = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "not-to-be-logged",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
NAME = "4f0c5f0e-0000-4000-8000-000000000000.csv"
NO_STORAGE = "The server cannot store or read exports at the moment."


class Objects(NamedTuple):
    """A storage of these tests."""

    port: int
    process: list[subprocess.Popen[bytes]]
    client: Any

    @property
    def settings(self) -> dict[str, str]:
        """What a server needs to know of it."""
        url = f"http://127.0.0.1:{self.port}"
        return {"ZAVA_EXPORTS": f"s3://{BUCKET}/{PREFIX}", "AWS_ENDPOINT_URL": url, **AWS}

    def start(self) -> None:
        """Start it, with an empty bucket."""
        program = Path(sys.executable).with_name("moto_server")
        command = [str(program), "-p", str(self.port)]
        self.process.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        until(self.answers)
        self.client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )

    def answers(self) -> bool:
        """Whether it does."""
        try:
            return httpx2.get(f"http://127.0.0.1:{self.port}/moto-api/").status_code == 200
        except httpx2.HTTPError:
            return False

    def kill(self) -> None:
        """Kill it."""
        process = self.process.pop()
        process.kill()
        process.wait(10)

    def names(self) -> list[str]:
        """The objects that there are."""
        return [
            each["Key"] for each in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        ]

    def uploads(self) -> list[Any]:
        """The uploads that were begun and not completed."""
        found: list[Any] = self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return found

    def parts(self) -> int:
        """How many parts of an upload have come."""
        return sum(
            len(
                self.client.list_parts(
                    Bucket=BUCKET, Key=each["Key"], UploadId=each["UploadId"]
                ).get("Parts", [])
            )
            for each in self.uploads()
        )


@contextmanager
def opened() -> Iterator[Objects]:
    """A storage that runs."""
    port = free_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        region_name="eu-west-1",
    )
    objects = Objects(port, [], client)
    objects.start()
    try:
        yield objects
    finally:
        while objects.process:
            objects.kill()


@pytest.fixture(scope="module")
def shared() -> Iterator[Objects]:
    """A storage of all tests that leave it running."""
    with opened() as objects:
        yield objects


@contextmanager
def serving(objects: Objects, uri: str, shim_url: str, log: Path) -> Iterator[Server]:
    """A server whose exports are there, and a caller of its own."""
    shim = on_database(shim_url, name_of(uri))
    with another_server(shim, log, **objects.settings) as (url, process):
        yield Server(url, new_key(uri), uri, shim, Path(), process)


@pytest.fixture
def server(shared: Objects, uri: str, shim_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server whose exports are in the shared storage."""
    with serving(shared, uri, shim_url, tmp_path / "log") as server:
        yield server


def test_an_object_is_the_file(server: Server, shared: Objects) -> None:
    query = "select n, repeat('x', 90) as x from generate_series(1, 200000) as n"  # three parts
    export = server.export(query)
    name = PREFIX + export["path"].removeprefix("/exports/")
    assert name in shared.names()
    assert shared.uploads() == []
    stored = shared.client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
    assert hashlib.sha256(stored).hexdigest() == export["sha256"]
    assert server.get(export).content == stored
    assert stored.count(b"\n") == 200001
    assert len(stored) > 2 * storage.PART
    part = server.get(export, Range="bytes=5-14")
    assert (part.status_code, part.content) == (206, stored[5:15])
    assert part.headers["content-range"] == f"bytes 5-14/{len(stored)}"
    assert server.get(export, Range=f"bytes={len(stored)}-").status_code == 416
    first, second = server.send("resources/read", uri=export["uri"])["result"]["contents"]
    assert stored.startswith(first["text"].encode())
    assert len(first["text"]) > 100_000
    [more, _] = server.send("resources/read", uri=second["uri"])["result"]["contents"]
    assert stored.startswith((first["text"] + more["text"]).encode())
    assert server._replace(key=new_key(server.uri)).get(export).status_code == 404
    parquet = server.export("select 1 as n", "parquet")
    assert server.get(parquet).content[:4] == b"PAR1"


def test_what_was_not_completed_leaves_nothing(server: Server, shared: Objects) -> None:
    """An export that is cancelled, is too long, fails on its way, or whose row is refused."""
    before = shared.names()
    task_id = server.task(ENDLESS)
    until(lambda: shared.parts() > 0)
    assert "result" in server.send("tasks/cancel", MODERN, taskId=task_id)
    until(lambda: shared.uploads() == [])
    run_sql(server.uri, "update mcp_auth.limits set export_bytes = 20000000")
    try:
        full = json.loads(server.query(ENDLESS, export="csv")["content"][0]["text"])
        assert full["code"] == "BUSY"
    finally:
        run_sql(server.uri, "update mcp_auth.limits set export_bytes = 2000000000")
    query = (
        "select 1 / (1500000 - n) as x, repeat('x', 20) as y from generate_series(1, 2000000) as n"
    )
    failed = json.loads(server.query(query, export="csv")["content"][0]["text"])
    assert failed["message"] == "division by zero"
    assert shared.uploads() == []
    assert shared.names() == before


def test_what_has_expired_is_deleted(server: Server, shared: Objects) -> None:
    shared.client.put_object(Bucket=BUCKET, Key=f"{PREFIX}readme.txt", Body=b"of somebody else")
    shared.client.put_object(Bucket=BUCKET, Key=f"other/{NAME}", Body=b"of another database")
    shared.client.put_object(Bucket=BUCKET, Key=f"{PREFIX}two/{NAME}", Body=b"of a third one")
    bucket = storage.Bucket(f"s3://{BUCKET}/{PREFIX}")
    bucket.client = shared.client
    file = bucket.open(NAME)
    file.write(b"x" * storage.PART)
    names = [name for name, _ in bucket.files()]
    assert f"{NAME}.part" in names
    assert not [name for name in names if name == NAME or "/" in name]
    assert all("readme" not in name for name in names)
    bucket.delete(f"{NAME}.part")  # as the sweep does seven hours after its server was lost
    assert shared.uploads() == []
    with pytest.raises(OSError, match="complete_multipart_upload"):
        file.commit()
    again = bucket.open(NAME)
    again.commit()  # of no byte
    assert bucket.size(NAME) == 0
    bucket.delete(NAME)
    bucket.delete(NAME)
    assert f"{PREFIX}{NAME}" not in shared.names()
    others = {f"{PREFIX}readme.txt", f"other/{NAME}", f"{PREFIX}two/{NAME}"}
    assert others <= set(shared.names())


def test_a_storage_that_is_killed_is_no_failure_of_the_server(
    uri: str, shim_url: str, tmp_path: Path
) -> None:
    with opened() as objects, serving(objects, uri, shim_url, tmp_path / "log") as server:
        task_id = server.task(ENDLESS)
        until(lambda: objects.parts() > 0)
        objects.kill()

        def state() -> Any:
            return server.send("tasks/get", MODERN, taskId=task_id)["result"]

        until(lambda: state()["status"] != "working", 60)
        [text] = state()["result"]["content"]
        assert json.loads(text["text"])["message"] == NO_STORAGE
        failed = json.loads(server.query("select 1 as n", export="csv")["content"][0]["text"])
        assert failed["message"] == NO_STORAGE
        assert server.query("select 1 as n")["structuredContent"]["rows"] == [[1]]
        objects.start()
        export = server.export("select 1 as n")
        assert server.get(export).text == "n\n1\n"
        assert objects.names() == [PREFIX + export["path"].removeprefix("/exports/")]
        assert objects.uploads() == []
        objects.kill()
        away = server.get(export)
        assert (away.status_code, away.text) == (503, NO_STORAGE)
    log = (tmp_path / "log").read_text()
    assert "database away" not in log
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in log


def test_a_server_without_boto3_does_not_start(uri: str, shim_url: str, tmp_path: Path) -> None:
    path = tmp_path / "path"
    path.mkdir()
    (path / "sitecustomize.py").write_text("import sys\nsys.modules['boto3'] = None\n")
    command = [sys.executable, "-m", "zava_mcp", "serve"]
    environment = {
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": str(path),
        "ZAVA_DATABASE_URL": on_database(shim_url, name_of(uri)),
        "ZAVA_EXPORTS": f"s3://{BUCKET}/{PREFIX}",
        "ZAVA_EMBEDDER": "none",
    }
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "ZAVA_EXPORTS needs more: pip install 'zava-mcp[s3]'" in done.stderr


def test_a_whole_bucket_is_refused() -> None:
    with pytest.raises(Refusal, match="has no prefix: s3://acme/exports"):
        storage.Bucket("s3://acme/")
