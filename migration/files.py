"""The files under sql/, and the rules they keep: what yoyo would get wrong, what belongs elsewhere.

Nothing here needs a database. A problem is a sentence that starts with file and line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

NUMBERED = re.compile(r"\d{4}_[a-z0-9_]+(\.rollback)?\.sql")
MANAGED = re.compile(r"functions/[a-z0-9_]+/[^/]+\.sql|policies/[^/]+\.sql")
HEADER = re.compile(r"\A(?:[ \t]*(?:--[^\n]*)?\n)*")  # where yoyo looks for directives
DIRECTIVE = re.compile(
    r"^\s*--\s*(transactional|depends|irreversible|allow-edit)\s*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
OPAQUE = re.compile(  # comments, strings, quoted names, dollar-quoted bodies
    r"--[^\n]*|/\*.*?\*/|\be'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|(?<!\w)(\$(?:[a-z_]\w*)?\$).*?\1",
    re.IGNORECASE | re.DOTALL,
)
TOKEN = re.compile(r";|\bbegin\s+atomic\b|\bcase\b|\bend\b", re.IGNORECASE)

# The rules look at the first words of a statement, in lower case with single spaces.
CODE = r"(?:function|procedure|aggregate|routine|view|recursive view) (?!migrate\.|pg_temp\.)"
MANAGED_KIND = re.compile(
    rf"create (?:or replace )?{CODE}|comment on {CODE}|(?:create|alter|comment on) policy "
    r"|create (?:or replace )?(?:constraint |event )?trigger "
)
TABLE_KIND = r"(?:table|index|type|domain|sequence|schema|extension|role|user|database) "
VERSIONED_KIND = re.compile(
    r"(?:create|drop) (?:(?:global|local|temp|temporary|unlogged|unique|foreign) )*"
    rf"(?:{TABLE_KIND}|(?:temp|temporary|materialized) view )"
    r"|alter (?:type|domain|sequence|schema|extension|role|user|database|index) "
    r"|alter table (?:if exists )?(?:only )?\S+ (?:add|drop|rename|alter|set|attach|detach) "
)
TRANSACTION = re.compile(
    r"(?:begin|start transaction|commit|rollback|abort|end|savepoint|release|prepare transaction)\b"
)
UNQUALIFIED = re.compile(
    r"create (?:unlogged )?(?:table|type|domain|sequence|materialized view) (?:if not exists )?"
    r"[^\s.(;]+(?=[\s(;])"
)
CONCURRENT = re.compile(
    r"(?:(?:create|drop)(?: unique)? index|reindex .*|refresh .*) concurrently "
)


@dataclass(frozen=True)
class SqlFile:
    """A file under sql/: its path there, its text with LF line ends, and the text's SHA-256."""

    path: str
    text: str
    sha256: str
    flaw: str = ""  # why its bytes are no plain UTF-8

    @property
    def id(self) -> str:
        """What yoyo and the ledger call a versioned file."""
        return self.path.removesuffix(".sql")

    @property
    def number(self) -> int:
        """The number that a versioned file starts with."""
        return int(self.path[:4])

    @property
    def directives(self) -> dict[str, str]:
        """What the header says to yoyo and to migrate.py."""
        header = self.text[: body_start(self.text)]
        return {name: value.strip() for name, value in DIRECTIVE.findall(header)}

    @property
    def is_transactional(self) -> bool:
        """Whether the whole file runs in one transaction."""
        return self.directives.get("transactional", "true") == "true"


@dataclass(frozen=True)
class Tree:
    """The files under sql/, by id or path; strays are files that nothing here would run."""

    root: Path
    versioned: dict[str, SqlFile]
    rollbacks: dict[str, SqlFile]
    managed: dict[str, SqlFile]
    strays: list[str]


def read_tree(root: Path) -> Tree:
    """Read every SQL file that migrate.py answers for."""
    top = [path for path in sorted(root.iterdir()) if path.suffix in {".sql", ".py"}]
    code = [*sorted(root.glob("functions/**/*.sql")), *sorted(root.glob("policies/**/*.sql"))]
    strays = [path.name for path in top if not NUMBERED.fullmatch(path.name)]
    files = [read_file(root, path) for path in [*top, *code] if path.name not in strays]
    numbered = [file for file in files if NUMBERED.fullmatch(file.path)]
    managed = {file.path: file for file in files if MANAGED.fullmatch(file.path)}
    strays += [file.path for file in files if file not in numbered and file.path not in managed]
    return Tree(
        root,
        {file.id: file for file in numbered if not file.id.endswith(".rollback")},
        {file.id[:-9]: file for file in numbered if file.id.endswith(".rollback")},
        managed,
        strays,
    )


def read_file(root: Path, path: Path) -> SqlFile:
    """Read one file; line ends, a BOM and blank lines at the end do not count for its hash."""
    raw, flaw = path.read_bytes(), ""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        flaw = f"not UTF-8 at byte {error.start}"
    text = raw.decode(errors="replace")
    if text.startswith("\ufeff"):
        flaw = "starts with a byte order mark, which yoyo takes for SQL; save it as plain UTF-8"
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip() + "\n"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return SqlFile(path.relative_to(root).as_posix(), text, sha256, flaw)


def body_start(text: str) -> int:
    """Find the end of the leading blank and ``--`` lines."""
    header = HEADER.match(text)
    return header.end() if header else 0


def line_of(text: str, offset: int) -> int:
    """Give the line, from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1


def statements(text: str) -> list[tuple[int, str]]:
    """Find where each statement starts, and its words in lower case with single spaces.

    Good enough to name a line and to see what is created; what runs is never cut by it.
    """
    masked = OPAQUE.sub(blank, text)
    found, start, depth = [], 0, 0
    for token in [*TOKEN.finditer(masked), None]:
        word = token[0].lower() if token else ";"
        if word == ";" and (depth == 0 or token is None):
            end = token.start() if token else len(masked)
            if words := masked[start:end].split():
                found.append((masked.index(words[0], start), " ".join(words).lower() + " "))
            start = end + 1
        elif word.startswith("begin") or (word == "case" and depth):
            depth += 1
        elif word == "end" and depth:
            depth -= 1
    return found


def blank(opaque: re.Match[str]) -> str:
    """Hide what is no keyword: a quoted name stays a word, the rest becomes space."""
    return re.sub(r"[^\n]", "x" if opaque[0].startswith('"') else " ", opaque[0])


def rule_problems(tree: Tree, pending: Iterable[str] = ()) -> list[str]:
    """Say which files break a rule; the ``pending`` ones are also split as yoyo splits them."""
    problems = [
        f"sql/{name}: not a name that migrate.py knows; use NNNN_name.sql, "
        "functions/<schema>/<name>.sql or policies/<table>.sql"
        for name in tree.strays
    ]
    numbers: dict[int, str] = {}
    for file in tree.versioned.values():
        problems += [f"sql/{file.path}{problem}" for problem in versioned_problems(tree, file)]
        if (other := numbers.setdefault(file.number, file.path)) != file.path:
            problems.append(f"sql/{file.path}: has the number of sql/{other}; give it the next one")
    problems += [
        f"sql/{file.path}: rolls back a file that does not exist"
        for name, file in tree.rollbacks.items()
        if name not in tree.versioned
    ]
    for file in tree.managed.values():
        problems += [f"sql/{file.path}{problem}" for problem in managed_problems(file)]
    every = [*tree.versioned.values(), *tree.rollbacks.values(), *tree.managed.values()]
    problems += [f"sql/{file.path}: {file.flaw}" for file in every if file.flaw]
    return problems + [problem for name in pending for problem in split_problems(tree, name)]


def versioned_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Say what yoyo would silently get wrong, and what belongs into a managed file."""
    yield from header_problems(tree, file)
    rollback = tree.rollbacks.get(file.id)
    heads = statements(file.text)
    if not heads:
        yield ": holds no statement"
    if "irreversible" in file.directives:
        if rollback:
            yield f": says irreversible, but sql/{rollback.path} exists; keep one of the two"
    elif not rollback or not statements(rollback.text):
        yield (
            f": sql/{file.id}.rollback.sql is missing or empty; write it, "
            "or say '-- irreversible: why' in the header"
        )
    for start, head in heads:
        where = f":{line_of(file.text, start)}"
        if match := MANAGED_KIND.match(head):
            yield f"{where}: '{match[0].strip()}' belongs under sql/functions or sql/policies"
        if match := UNQUALIFIED.match(head):
            yield f"{where}: '{match[0]}' names no schema, so it would land in migrate"
    yield from transaction_problems(file)
    if rollback:
        yield from (f" (rollback{problem})" for problem in transaction_problems(rollback))
    if any(CONCURRENT.match(head) for _, head in heads):
        yield from concurrent_problems(file, [head for _, head in heads])


def header_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Check the directives, which yoyo reads only in lower case and only in leading -- lines."""
    end = body_start(file.text)
    if file.text.startswith("/*", end):
        yield ": starts with /*, after which yoyo reads no directives; use -- lines"
    seen: set[str] = set()
    for match in DIRECTIVE.finditer(file.text):
        name, value = match[1], match[2].strip()
        where = f":{line_of(file.text, match.start(1))}"
        if name != name.lower():
            yield f"{where}: write '{name.lower()}:' in lower case; yoyo ignores '{name}:'"
        elif match.start() >= end:
            yield f"{where}: '{name}:' must stand above the first statement"
        elif name in seen:
            yield f"{where}: '{name}:' stands twice"
        elif name == "transactional" and value not in ("true", "false"):
            yield f"{where}: 'transactional: {value}' must be true or false"
        elif name == "depends" and (unknown := set(value.split()) - tree.versioned.keys()):
            yield f"{where}: 'depends:' names no file of sql/: {', '.join(sorted(unknown))}"
        elif name in ("irreversible", "allow-edit") and not value:
            yield f"{where}: '{name}:' needs a reason"
        seen.add(name)


def transaction_problems(file: SqlFile) -> Iterator[str]:
    """Say where a file would end the transaction that it runs in."""
    for start, head in statements(file.text):
        if TRANSACTION.match(head):
            where = f":{line_of(file.text, start)}"
            yield f"{where}: '{head.strip()}' would end the transaction the file runs in"


def concurrent_problems(file: SqlFile, heads: list[str]) -> Iterator[str]:
    """Check that a concurrent statement runs outside a transaction, and can be run again."""
    if file.is_transactional:
        yield ": has a concurrent statement; say '-- transactional: false' in the header"
    if heads[0].startswith("create"):
        yield ": start with 'drop index concurrently if exists': a failed build leaves the index"
    if heads[0].startswith("drop index concurrently if exists ") and len(heads) > 1:
        heads = heads[1:]
    if len(heads) > 1:
        yield ": a concurrent statement must be alone in its file"


def managed_problems(file: SqlFile) -> Iterator[str]:
    """Say what a file that is stated again and again must not hold."""
    heads = statements(file.text)
    if not heads:
        yield ": holds no statement; delete the file to drop what it created"
    for start, head in heads:
        if match := VERSIONED_KIND.match(head):
            where = f":{line_of(file.text, start)}"
            yield f"{where}: '{match[0].strip()}' belongs into a versioned file, sql/NNNN_name.sql"
    yield from transaction_problems(file)


def split_problems(tree: Tree, name: str) -> Iterator[str]:
    """Compare yoyo's statements with ours; glued ones matter only outside a transaction."""
    from yoyo.migrations import read_sql_migration

    for file in filter(None, (tree.versioned.get(name), tree.rollbacks.get(name))):
        if file.flaw:
            continue
        theirs = len(read_sql_migration(str(tree.root / file.path))[2])
        ours = len(statements(file.text))
        if theirs > ours or (theirs < ours and not tree.versioned[name].is_transactional):
            yield f"sql/{file.path}: yoyo sees {theirs} statements, there are {ours}; reword it"


def needs_superuser(file: SqlFile) -> bool:
    """Whether a pgTAP file says in its header that only a superuser can run it."""
    return bool(
        re.search(r"^-- needs: superuser$", file.text[: body_start(file.text)], re.MULTILINE)
    )


def test_problems(file: SqlFile) -> Iterator[str]:
    """Say why a pgTAP file would leave traces, or could not be sent to the server as one text."""
    heads = statements(file.text)
    if file.flaw:
        yield f": {file.flaw}"
    if [head for _, head in (*heads[:1], *heads[-1:])] != ["begin ", "rollback "]:
        yield ": must start with 'begin;' and end with 'rollback;', or it leaves traces"
    for start, head in heads[1:-1]:
        if TRANSACTION.match(head) and not head.startswith(("savepoint", "release", "rollback to")):
            yield f":{line_of(file.text, start)}: '{head.strip()}' would end its transaction"
    if meta := re.search(r"^\\", OPAQUE.sub(blank, file.text), re.MULTILINE):
        where = line_of(file.text, meta.start())
        yield f":{where}: a command of psql, which no other runner understands"
