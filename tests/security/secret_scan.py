"""Look for keys, tokens and signing secrets where none may be: files, logs, command lines.

``python tests/security/secret_scan.py`` reads every file of the repository, the logs that
--log names and the command lines of all processes; with --database-url also for the very secrets
of that database: its signing keys and the hashes of its API keys. It prints where a secret is and
of what kind, never the secret, and ends with exit code 1. What only looks like one is listed by
its SHA-256 in secret_scan_allowed.txt.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import psutil
import psycopg
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = Path(__file__).with_name("secret_scan_allowed.txt")
LONGEST_LINE = 100_000  # characters; the rest of a longer line is read in parts
FORMS = {
    "API key": r"zava_[0-9a-f]{16}_[0-9a-f]{64}",
    "assertion": r"assert_(?:[0-9a-f]{2})+_[0-9]{9,}_[0-9a-f]{64}",
    "ticket": r"ticket_[0-9a-f]{64}_[0-9]",
    "JSON web token": r"eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*",
    "assertion key": r"ZAVA_ASSERTION_KEY\W{1,5}[0-9a-f]{64}",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "password verifier": r"SCRAM-SHA-256\$\d+:[\w+/=]{8,}",
    # not a placeholder like ..., <password> or {password}
    "database password": r"postgres(?:ql)?://[\w.%-]+:(?!\.\.\.|pass|secret)[^\s@/:<>{}'\"]{3,}@",
}
# of detect-secrets, what has a form of its own; what guesses by entropy or by words is left out
DETECTORS = [
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SlackDetector",
    "StripeDetector",
]

Secrets = dict[str, str]  # what it is, by the text itself


def repository_files(root: Path = ROOT) -> list[Path]:
    """List what git tracks or would add, or, where there is no git, all but hidden folders."""
    command = [
        "git",
        "-C",
        str(root),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if (path := root / name).is_file()]
    paths = (path for path in root.rglob("*") if path.is_file())
    return [p for p in paths if not any(part[0] == "." for part in p.relative_to(root).parts)]


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield a name and the command line of every process."""
    for process in psutil.process_iter(["pid", "name", "cmdline"]):
        said = process.info
        yield f"process {said['pid']} ({said['name']})", " ".join(said["cmdline"] or [])


def secrets_of(database_url: str) -> Secrets:
    """Read the secrets of a database, as a superuser may, in every form they may be printed."""
    with psycopg.connect(database_url) as connection:
        pads = connection.execute(
            "select purpose, inner_key, outer_key from mcp_auth.signing_keys"
        ).fetchall()
        hashes = connection.execute("select secret_hash from mcp_auth.api_keys").fetchall()
    found = {form: "hash of an API key" for (value,) in hashes for form in forms_of(value)}
    for purpose, inner, outer in pads:
        key = bytes(byte ^ 0x36 for byte in inner[:32])  # the pad is the key, padded, xor 0x36
        for value in (inner, outer, key):
            found |= dict.fromkeys(forms_of(value), f"signing key {purpose}")
    return found


def forms_of(value: bytes) -> set[str]:
    """Return the texts that stand for some bytes."""
    encoded = {b64encode(value).decode(), urlsafe_b64encode(value).decode()}
    return {value.hex(), value.hex().upper(), *encoded, *(text.rstrip("=") for text in encoded)}


def allowed() -> set[str]:
    """Read the SHA-256 of what may be there."""
    return set(re.findall(r"^[0-9a-f]{64}", ALLOWED.read_text(), re.MULTILINE))


def scan(lines: Iterable[str], where: str, known: Secrets) -> list[str]:
    """Say in which lines a secret is, and of what kind; known are secrets by their exact text."""
    harmless = allowed()
    found = []
    for number, line in enumerate(lines, 1):
        kinds = {kind for kind, text in matches(line, known) if sha256(text) not in harmless}
        found += [f"{where}:{number}: {kind}" for kind in sorted(kinds)]
    return found


def matches(line: str, known: Secrets) -> Iterator[tuple[str, str]]:
    """Yield the secrets of a line: kind and text."""
    for kind, form in FORMS.items():
        for match in re.finditer(form, line):
            yield kind, match[0]
    for text, kind in known.items():
        if text in line:
            yield kind, text
    for secret in scan_line(line[:LONGEST_LINE]):
        yield secret.type, secret.secret_value or ""


def sha256(text: str) -> str:
    """Return the digest by which a text is allowed."""
    return hashlib.sha256(text.encode()).hexdigest()


def scan_files(paths: Iterable[Path], known: Secrets) -> list[str]:
    """Look through files, whatever their encoding."""
    plugins = [{"name": name} for name in DETECTORS]
    found = []
    with transient_settings({"plugins_used": plugins, "filters_used": []}):
        for path in paths:
            name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
            found += scan(path.read_text(errors="replace").splitlines(), name, known)
    return found


def scan_processes(known: Secrets) -> list[str]:
    """Look through the command lines of all processes."""
    return [line for name, text in command_lines() for line in scan([text], name, known)]


@click.command(help=__doc__.partition("\n")[0])
@click.option("--database-url", envvar="DATABASE_URL", help="Whose own secrets to look for too.")
@click.option("--log", "logs", multiple=True, type=click.Path(exists=True, path_type=Path))
def main(database_url: str | None, logs: tuple[Path, ...]) -> None:
    """Scan the repository, the logs and the process list."""
    known = secrets_of(database_url) if database_url else {}
    paths = [*repository_files(), *logs]
    found = scan_files(paths, known) + scan_processes(known)
    for line in found:
        click.echo(line)
    click.echo(f"{len(paths)} files and all command lines: {len(found)} findings", err=True)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
