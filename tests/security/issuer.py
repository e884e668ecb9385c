"""An identity provider on the loopback address, and a wiretap between the shim and the database."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import psycopg
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "https://mcp.example/zava/mcp"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass
class Provider:
    """What the issuer publishes, and what it signs with."""

    url: str
    private: dict[str, Key] = field(default_factory=dict)  # by kid
    published: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # paths
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # in place of the usual
    subject: str = "oauth-manager"  # who signs in
    secret: str = ""  # of the client, where it has one
    codes: dict[str, dict[str, str]] = field(default_factory=dict)  # what each was asked with

    def add_key(self, kid: str, key: Key | None = None, **extra: str) -> None:
        """Publish a key."""
        key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private[kid] = key
        public = key.public_key()
        algorithms: list[tuple[Any, Any]] = [
            (rsa.RSAPublicKey, RSAAlgorithm),
            (ec.EllipticCurvePublicKey, ECAlgorithm),
            (ed25519.Ed25519PublicKey, OKPAlgorithm),
        ]
        [algorithm] = [algorithm for kind, algorithm in algorithms if isinstance(public, kind)]
        self.published.append({**algorithm.to_jwk(public, as_dict=True), "kid": kid, **extra})

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good token, with changes; None takes a claim away."""
        now = int(time.time())
        good = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "oauth-manager",
            "exp": now + 300,
            "iat": now,
            "scope": "openid zava.read",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, kid: str = "one", algorithm: str = "RS256", **changes: Any) -> str:
        """Sign an access token."""
        headers = {"kid": kid, "typ": "at+jwt"}
        claims = self.claims(**changes)
        return jwt.encode(claims, self.private[kid], algorithm=algorithm, headers=headers)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Answer a GET."""
        self.asked.append(path)
        documents = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                "token_endpoint": f"{self.url}/token",
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            },
            "/keys": {"keys": self.published},
        }
        if path in self.answers:
            return self.answers[path]
        if path in documents:
            return 200, json.dumps(documents[path]).encode()
        return 404, b""

    def authorize(self, query: str) -> str:
        """Sign the subject in; return where the browser goes with the code."""
        asked = dict(parse_qsl(query))
        code = secrets.token_hex(8)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: str, authorization: str | None) -> tuple[int, bytes]:
        """Exchange a code for a token, once, for who can show the verifier of its challenge."""
        given = dict(parse_qsl(form))
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        login = base64.b64encode(f"workbench:{self.secret}".encode()).decode()
        if (
            asked is None
            or (asked["code_challenge_method"], asked["code_challenge"]) != ("S256", challenge)
            or any(given[name] != asked[name] for name in ("client_id", "redirect_uri", "resource"))
            or authorization != (f"Basic {login}" if self.secret else None)
        ):
            return 400, b'{"error": "invalid_grant"}'
        token = self.token(sub=self.subject, aud=asked["resource"], scope=asked.get("scope"))
        return 200, json.dumps({"access_token": token, "token_type": "bearer"}).encode()


MANAGER = "select manager_id from retail.stores where name = 'Zava Retail Seattle'"
HEAD_OFFICE = "select user_id from mcp_auth.users where name = 'Head office of Zava Retail'"


@contextlib.contextmanager
def registered(database: str, **users: str) -> Iterator[str]:
    """Register users by their subject at the provider, "_" for "-"; yield the key of assertions."""
    subjects = {name.replace("_", "-"): query for name, query in users.items()}
    with psycopg.connect(database, autocommit=True) as owner:
        for subject, query in subjects.items():
            statement = f"update mcp_auth.users set external_id = %s where user_id = ({query})"
            owner.execute(statement.encode(), [subject])
        row = owner.execute("select mcp_auth.rotate_signing_key('assertion')").fetchone()
        assert row
        yield row[0]
        owner.execute(
            "update mcp_auth.users set external_id = null where external_id = any(%s)",
            [list(subjects)],
        )
        owner.execute("delete from mcp_auth.signing_keys where purpose like 'assertion%'")


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Run an identity provider that publishes one RSA key, "one"."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/authorize":
                made.asked.append(path)
                self.send_response(302)
                self.send_header("Location", made.authorize(query))
                self.end_headers()
                return
            status, body = made.answer(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{made.url}/keys")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            made.asked.append(self.path)
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            authorization = self.headers["Authorization"]
            status, body = made.answers.get(self.path) or made.exchange(form, authorization)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        made = Provider(f"http://127.0.0.1:{http.server_port}")
        made.add_key("one")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield made
        finally:
            http.shutdown()
            thread.join()


@contextlib.contextmanager
def wiretap(uri: str) -> Iterator[tuple[str, bytearray]]:
    """Yield another URI of the database on a Unix socket, and all that is sent to it."""
    parts = urlsplit(uri)
    query = parse_qs(parts.query)
    target = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
    heard, open_sockets = bytearray(), list[socket.socket]()

    def pump(source: socket.socket, sink: socket.socket, record: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if record:
                    heard.extend(data)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                database = socket.socket(socket.AF_UNIX)
                database.connect(target)
                open_sockets.extend((client, database))
                for source, sink in ((client, database), (database, client)):
                    pumping = (source, sink, source is client)
                    threading.Thread(target=pump, args=pumping, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}", heard
        for each in open_sockets:
            each.close()


def main(audience: str, *people: str) -> None:
    """Serve until killed; print the issuer, and an access token for each NAME=SUBJECT.

    docs/authentication.md is run with it. Each person is in the group "sellers".
    """
    with provider() as made:
        lines = [f"ISSUER={made.url}"]
        for name, subject in (person.split("=") for person in people):
            token = made.token(
                sub=subject, aud=audience, exp=int(time.time()) + 3600, groups=["sellers"]
            )
            lines.append(f"{name}={token}")
        print("\n".join(lines), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
