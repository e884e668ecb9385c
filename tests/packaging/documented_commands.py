"""Run the commands that the documents print, as they are printed, and list what came of them.

Commands are what stands in fenced blocks: the lines of sh blocks, what follows "$ " and "zava=> ",
and SQL. A document is one bash session, in a copy of the checkout with a database of its own. As a
program, python -m tests.packaging.documented_commands, this takes names of documents, or none for
all. What a block needs stands before it, as HTML comments:

    <!-- not run: why -->      it is listed, with the reason
    <!-- instead: command -->  this is run in its place, since it takes too long
    <!-- before: command -->   run first, to make what the block is about; and "after" it; the
                               command end stops what was left running
    <!-- exit: 0 65 -->        the exit codes of its commands, where not all are 0
    <!-- until: text -->       it is left running when it has printed this; before: finds it in $OUT

A block with title="path" in its first line is a file, and is written. Code within a line that
begins with python or make is asked for --help, or by make -n, so its options and targets exist.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks import zava
from zava_mcp.local import cluster

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 2000
SETTINGS = {**cluster.THROW_AWAY, "max_wal_size": "64MB", "min_wal_size": "32MB"}  # it is copied
TIMED_OUT = 124  # as timeout(1) has it
PRINTED_PORT = "127.0.0.1:8000"
ASKED = "asked for --help, or by make -n"
WRITTEN = "a file, written"
SHELL = {"sh", "bash", "console", ""}
RULES = r"(?:^ *<!-- (?:not run|instead|before|after|exit|until): .*? -->\n+)*"
BLOCK = re.compile(rf"({RULES})^( *)```(\w*)([^\n]*)\n(.*?)^\2``` *$", re.MULTILINE | re.DOTALL)
RULE = re.compile(r"<!-- ([a-z ]+): (.*?) -->", re.DOTALL)
INLINE = re.compile(r"`((?:\.venv/bin/)?(?:python|make|npx|zava-mcp) [^`]+)`")

# Each command runs in the shell of the document, so that variables and folders stay.
SESSION = r"""
set -m
run() { # the number of a command, and what it prints when it is ready to be left running
    local began=$EPOCHREALTIME code=0
    if [ -n "$2" ]; then
        OUT=$WORK/$1.out
        : >"$OUT" # before tail looks for it
        . "$WORK/$1.sh" >>"$OUT" 2>&1 <"$WORK/$1.in" &
        timeout 120 grep -qm1 -e "$2" <(tail -f -n +1 --pid=$! "$OUT")
    else
        . "$WORK/$1.sh" >"$WORK/$1.out" 2>&1 <"$WORK/$1.in"
    fi
    code=$?
    echo "$code $began $EPOCHREALTIME" >"$WORK/$1.code"
}
end() { # stop what was left running, and wait until the last of its processes has ended
    local pid
    for pid in $(jobs -p); do
        while kill -TERM -- "-$pid" 2>/dev/null; do sleep 0.5; done
    done
}
"""


class Command(NamedTuple):
    """A command of a document, and what is typed into it."""

    document: str
    line: int
    text: str
    typed: str = ""
    how: str = "as printed"
    run: str = ""  # what is run, when it is not the text; nothing when it is not run
    expected: int = 0
    until: str = ""


class Result(NamedTuple):
    """What came of a command; ``code`` is None where it was not run."""

    command: Command
    code: int | None
    seconds: float
    output: str

    @property
    def is_good(self) -> bool:
        crashed = "Traceback (most recent call last)" in self.output
        return self.code is None or (self.code == self.command.expected and not crashed)


def documents() -> list[Path]:
    """List the documents that people read."""
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]


def read_commands(name: str, text: str) -> list[Command]:
    """List the commands of a document, in its order."""
    found: list[Command] = []
    for block in BLOCK.finditer(text):
        rules, indent, language, info, body = block.groups()
        line = text[: block.start(2)].count("\n") + 1
        given = RULE.findall(rules)
        by_name = dict(given)
        hidden = {
            when: [
                Command(name, line, said, how=f"{when} the next block", run=said)
                for rule, said in given
                if rule == when
            ]
            for when in ("before", "after")
        }
        printed = commands_in(name, line, language, info, textwrap.dedent(body) if indent else body)
        if why := by_name.get("not run"):
            printed = [command._replace(how=f"not run: {why}", run="") for command in printed]
        elif instead := by_name.get("instead"):
            printed = [command._replace(how="not run: too long", run="") for command in printed]
            printed.append(Command(name, line, instead, how="instead", run=instead))
        if codes := by_name.get("exit", "").split():
            printed = [
                command._replace(expected=int(code))
                for command, code in zip(printed, codes, strict=True)
            ]
        if until := by_name.get("until"):
            printed[-1] = printed[-1]._replace(until=until, how="left running")
        assert printed or not given, f"{name}:{line}: a rule for a block without a command"
        found += [*hidden["before"], *printed, *hidden["after"]]
    prose = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    seen = {command.text for command in found}
    for match in INLINE.finditer(prose):
        if (said := match[1]) not in seen:
            seen.add(said)
            asked = said.replace("make ", "make -n ", 1) if said[:4] == "make" else f"{said} --help"
            outline = "..." in said
            how = "not run: an outline" if outline else ASKED
            number = prose[: match.start()].count("\n") + 1
            found.append(Command(name, number, said, how=how, run="" if outline else asked))
    return found


def commands_in(name: str, line: int, language: str, info: str, body: str) -> list[Command]:
    """List the commands of one block; those of console blocks stand after a prompt."""
    if title := re.search(r'title="([^"]+)"', info):
        write = f'mkdir -p "$(dirname {title[1]})" && cat >{title[1]}'
        return [Command(name, line, f"(write {title[1]})", body, WRITTEN, write)]
    if language == "sql":
        return [Command(name, line, "psql", body, "by psql", PSQL)]
    if language not in SHELL:
        return []
    lines = list(enumerate(body.splitlines(), line + 1))
    prompts = re.search(r"^(\$|\w+=>) ", body, re.MULTILINE)
    if not language and not prompts:
        return []  # output, a drawing
    found: list[Command] = []
    while lines:
        number, text = lines.pop(0)
        if prompts and (query := re.match(r"\w+=> (.*)", text)):
            typed = query[1]
            while not typed.startswith("\\") and not typed.rstrip().endswith(";"):
                typed += "\n" + lines.pop(0)[1]
            if not (found and found[-1].text.split()[-1] == "psql"):
                found.append(Command(name, number, "psql", "", "by psql", PSQL))
            found[-1] = found[-1]._replace(typed=f"{found[-1].typed}{typed}\n")
            continue
        if prompts and not text.startswith("$ "):
            continue
        text = text.removeprefix("$ ") if prompts else text
        while text.endswith("\\"):
            text += "\n" + lines.pop(0)[1]
        if text.strip() and not text.startswith("#"):
            found.append(Command(name, number, text, run=text))
    return found


PSQL = 'psql "$SANDBOX"'


@contextmanager
def template() -> Iterator[Path]:
    """Make a copy of the checkout with a small demo in it, that documents take copies of."""
    folder = Path(tempfile.mkdtemp(prefix="zava-docs-"))
    try:
        checkout = folder / "zava"
        listed = ["git", "ls-files", "-coz", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(lambda name: (ROOT / name).is_file(), names.split("\0")):
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
            os.utime(checkout / name, (0, 0))  # older than what make has installed
        (checkout / ".venv").symlink_to(sys.prefix)
        git = ["git", "-c", "user.name=docs", "-c", "user.email=docs@example.com"]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "As it is"]):
            subprocess.run([*git, *arguments], cwd=checkout, check=True)
        data = checkout / ".data"
        with cluster.server(data, SETTINGS) as uri:
            assert zava.prepare(uri, ORDERS, "local"), "the demo could not be made"
        yield checkout
    finally:
        shutil.rmtree(folder)


def run_document(name: str, text: str, original: Path) -> list[Result]:
    """Run the commands of a document in a copy of ``original``."""
    commands = read_commands(name, text)
    folder = Path(tempfile.mkdtemp(prefix="zava-docs-"))
    try:
        checkout, work = folder / "zava", folder / "work"
        work.mkdir()
        subprocess.run(["cp", "-a", "--reflink=auto", original, checkout], check=True)
        for command in commands:
            if command.how == WRITTEN:  # by a reader who has done this before
                path = command.text.removeprefix("(write ").removesuffix(")")
                (checkout / path).unlink(missing_ok=True)
        asks = all(command.how == ASKED or not command.run for command in commands)
        data = checkout / ".data"
        with nullcontext("") if asks else cluster.server(data, SETTINGS) as uri:
            run_session(commands, checkout, work, uri)
        return [result(command, work / str(n)) for n, command in enumerate(commands)]
    finally:
        shutil.rmtree(folder)


def run_session(commands: list[Command], checkout: Path, work: Path, uri: str) -> None:
    """Run commands in one bash; each leaves its output and exit code in ``work``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    (work / "psqlrc").write_text("\\set QUIET 1\n\\set ON_ERROR_STOP 1\n\\pset pager off\n")
    bins = [str(cluster.bin_dir())]
    paths = [path for path in os.environ["PATH"].split(":") if path != f"{sys.prefix}/bin"]
    environment = {
        **{
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("ZAVA_", "PG", "DATABASE_URL", "VIRTUAL_ENV", "MAKE", "PYTEST"))
        },
        "PATH": ":".join([f"{sys.prefix}/bin", *bins, *paths]),  # the reader has installed it
        "PSQLRC": str(work / "psqlrc"),
        "PYTHONPATH": str(checkout),  # an installed command runs this copy too
        "SANDBOX": uri,
        "WORK": str(work),
        "ZAVA_PORT": port,
    }
    script = [SESSION]
    for number, command in enumerate(commands):
        if command.run:
            run = command.run.replace(PRINTED_PORT, f"127.0.0.1:{port}")
            (work / f"{number}.sh").write_text(run + "\n")
            (work / f"{number}.in").write_text(command.typed)
            script.append(f"run {number} '{command.until}'\n")
    script.append("end\n")
    (work / "session.sh").write_text("".join(script))
    with suppress(subprocess.TimeoutExpired):  # then the table shows which command hangs
        subprocess.run(
            ["bash", "--norc", work / "session.sh"],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=600,
            check=False,
        )


def result(command: Command, files: Path) -> Result:
    """Read what a command left."""
    if not command.run:
        return Result(command, None, 0.0, "")
    if not files.with_suffix(".code").exists():
        return Result(command, TIMED_OUT, 0.0, "It did not end, or one before it did not.\n")
    code, began, ended = files.with_suffix(".code").read_text().split()
    output = files.with_suffix(".out").read_text(errors="replace")
    return Result(command, int(code), float(ended) - float(began), output)


def table(results: list[Result]) -> str:
    """Write results as lines: where, how it was run, exit code, seconds, and the command."""
    lines = []
    for each in results:
        command, code, seconds, output = each
        what = " ".join(f"{command.text} {command.typed}".split())
        what = what if len(what) < 100 else f"{what[:97]}..."
        done = "-" if code is None else f"{code}" if each.is_good else f"{code} WRONG"
        place = f"{command.document}:{command.line}"
        lines.append(f"{place:24} {done:>8} {seconds:5.1f} s  {what}  [{command.how}]")
        if not each.is_good:
            lines += [f"    {line}" for line in output.splitlines()[-15:]]
    return "".join(f"{line}\n" for line in lines)


def main(names: list[str]) -> int:
    """Run the documents named, by default all, and print the table."""
    failed = 0
    with template() as original:
        for document in documents():
            name = document.relative_to(ROOT).as_posix()
            if not names or name in names:
                results = run_document(name, document.read_text(), original)
                print(table(results), end="", flush=True)
                failed += sum(not each.is_good for each in results)
    print(f"{failed} commands failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
