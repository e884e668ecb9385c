"""An HTTP server on the loopback interface that speaks OpenAI's embeddings API, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from zava_mcp.embeddings import Embedder, load_embedder

Answer = Callable[[dict[str, Any]], tuple[int, Any]]


class Raw(bytes):
    """A body that is sent as it is."""


class Endpoint:
    """A server on 127.0.0.1 that answers as ``answer`` says and keeps what it was asked.

    ``answer`` gives the status and what to send, as JSON or Raw; status 0 hangs up without a word.
    """

    def __init__(self) -> None:
        self.answer: Answer = lambda asked: (200, vectors_for(asked["input"]))
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.headers: dict[str, str] = {}
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append(body)
                endpoint.keys.append(self.headers["Authorization"])
                status, answer = endpoint.answer(body)
                if status:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    for name, value in endpoint.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    raw = isinstance(answer, Raw)
                    self.wfile.write(answer if raw else json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def embedder(self, **settings: Any) -> Embedder:
        settings = {"base_url": self.url, "model": "m", "max_retries": 0, **settings}
        embedder = load_embedder("openai", **settings)
        assert embedder is not None
        return embedder


@contextmanager
def serving() -> Iterator[Endpoint]:
    """Run an endpoint."""
    endpoint = Endpoint()
    thread = threading.Thread(target=endpoint.server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.server.shutdown()
        endpoint.server.server_close()
        thread.join()


def vectors_of(embedder: Embedder) -> Answer:
    """Answer with the vectors of a model, which is what a real endpoint does."""

    def answer(asked: dict[str, Any]) -> tuple[int, Any]:
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(embedder.embed(asked["input"]))
        ]
        usage = {"prompt_tokens": 0, "total_tokens": 0}
        return 200, {"object": "list", "model": asked["model"], "data": data, "usage": usage}

    return answer


def vectors_for(texts: list[str], width: int = 3) -> dict[str, Any]:
    """Answer as OpenAI does, but in reverse order: items are told apart by their index."""
    data = [
        {"index": index, "embedding": [3.0 + index, 4.0] + [0.0] * (width - 2)}
        for index in range(len(texts))
    ]
    return {"object": "list", "model": "m", "data": data[::-1], "usage": {}}
