"""The SQL files of the trees, and the rules they keep.

A tree is a folder: the toolkit's own (``core``), the project's, the project's demo. A file's key is
the tree's name and its path there, as in ``core/0001_roles`` or ``shop/functions/api/hello.sql``.
Nothing here needs a database. A problem is a sentence that starts with file and line.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zava_mcp.config import CORE, Source

NUMBERED = re.compile(r"\d{4}_[a-z0-9_]+(\.rollback)?\.sql")
MANAGED = re.compile(r"functions/(?:[a-z0-9_]+/)+[^/]+\.sql|policies/[^/]+\.sql")
HEADER = re.compile(r"\A(?:[ \t]*(?:--[^\n]*)?\n)*")  # where yoyo looks for directives
DIRECTIVE = re.compile(
    r"^\s*--\s*(transactional|depends|irreversible|allow-edit)\s*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
# how PostgreSQL's lexer begins a comment, a string, a quoted name or a dollar-quoted body
OPAQUE = re.compile(
    r"--[^\n]*|(?P<comment>/\*)|(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)"
    r"|\"(?:[^\"]|\"\")*(?:\"|\Z)|(?<![\w$])(?P<tag>\$(?:[^\W\d]\w*)?\$)",
    re.DOTALL,
)
# a NUL, where libpq ends a text, and the marks of a merge, which a comment hides from the server
UNWANTED = re.compile(r"\0|^(?:<{7}|>{7}) ", re.MULTILINE)
NUL = "a NUL byte, after which PostgreSQL reads nothing; save it as plain UTF-8"
CONFLICT = "marks a conflict of a merge; resolve it, and delete the marks"
COMMENT = re.compile(r"/\*|\*/")  # one comment holds others
TOKEN = re.compile(r"[;()]|\bbegin\s+atomic\b|\bcase\b|\bend\b", re.IGNORECASE)

# The rules look at the first words of a statement, in lower case with single spaces.
CODE = r"(?:function|procedure|aggregate|routine|view|recursive view) (?!pg_temp\.)"
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
SESSION = re.compile(r"(?:set|reset|discard) \S+")
TRANSACTION = re.compile(
    r"(?:begin|start transaction|commit|rollback|abort|end|savepoint|release|prepare transaction)\b"
)
# possessive: a word that may be left out is never taken for the name
UNQUALIFIED = re.compile(
    r"create (?:(?:unlogged|foreign) )?(?:table|type|domain|sequence|materialized view|collation"
    r"|conversion|statistics(?! on )|text search (?:configuration|dictionary|parser|template)) "
    r"(?:if not exists )?+[^\s.(;]+(?=[\s(;])"
)
COPY = re.compile(r"copy .* (?:from stdin|to stdout) ")
META = re.compile(r"\\[a-z!?]\w*", re.IGNORECASE)  # of psql; no operator has a backslash
CREATE_SCHEMA = re.compile(r"create schema (?!if not exists |authorization )([^\s;]+)")
CONCURRENT = re.compile(
    r"(?:(?:create|drop)(?: unique)? index|reindex .*|refresh .*) concurrently "
)


@dataclass(frozen=True)
class SqlFile:
    """A SQL file: its tree, its path there, its text with LF line ends, and the text's SHA-256."""

    tree: str
    path: str
    text: str
    sha256: str
    flaw: str = ""  # why it cannot be run as it is: ": reason", or with the line ":3: reason"
    folder: str = "sql"  # of the tree, in messages
    cuts: tuple[int, ...] = ()  # where its statements begin, if they are sent one by one

    @property
    def parts(self) -> list[tuple[int, str]]:
        """Split it into what is sent at once, with the start of each."""
        if not self.cuts:
            return [(0, self.text)]
        ends = [*self.cuts[1:], len(self.text)]
        pairs = zip(self.cuts, ends, strict=True)
        return [(start, self.text[start:end]) for start, end in pairs]

    @property
    def id(self) -> str:
        """Return the name of a versioned file in its tree."""
        return self.path.removesuffix(".sql")

    @property
    def key(self) -> str:
        """Tree and id of a versioned file, tree and path of a managed one."""
        return f"{self.tree}/{self.id if NUMBERED.fullmatch(self.path) else self.path}"

    @property
    def shown(self) -> str:
        """Return the file as messages name it."""
        return f"{self.folder}/{self.path}"

    @property
    def number(self) -> int:
        """Return the number that a versioned file starts with."""
        return int(self.path[:4])

    @property
    def directives(self) -> dict[str, str]:
        """Return the directives of the header, by name."""
        header = self.text[: body_start(self.text)]
        return {name: value.strip() for name, value in DIRECTIVE.findall(header)}

    @property
    def is_transactional(self) -> bool:
        """Return whether the whole file runs in one transaction."""
        return self.directives.get("transactional", "true") == "true"

    def schemas(self) -> list[str]:
        """Name the schemas that its text creates, as far as that can be read from it."""
        found = (CREATE_SCHEMA.match(head) for _, head in statements(self.text))
        return [match[1] for match in found if match]


@dataclass(frozen=True)
class Tree:
    """The files of all trees, by key and in the order of the trees; strays would never run."""

    sources: tuple[Source, ...]
    versioned: dict[str, SqlFile]
    rollbacks: dict[str, SqlFile]  # by the key of the file they roll back
    managed: dict[str, SqlFile]
    strays: list[SqlFile]
    is_citus: bool = False  # in the form that a cluster gets

    def source_of(self, file: SqlFile) -> Source:
        """Return the folder that the file is in."""
        return next(source for source in self.sources if source.name == file.tree)

    def shown(self, key: str) -> str:
        """Name a versioned or managed file as messages do, also one that is gone."""
        tree, _, path = key.partition("/")
        folder = next((source.folder for source in self.sources if source.name == tree), tree)
        return f"{folder}/{path if path.endswith('.sql') else f'{path}.sql'}"


def read_trees(sources: Iterable[Source]) -> Tree:
    """Read every SQL file of the trees, in their order."""
    tree = Tree(tuple(sources), {}, {}, {}, [])
    for source in tree.sources:
        read_tree(tree, source)
    return tree


def read_tree(tree: Tree, source: Source) -> None:
    """Add the files of one folder to ``tree``."""
    root = source.root
    for path in (
        *files_in(root, deep=False),
        *files_in(root / "functions"),
        *files_in(root / "policies"),
    ):
        file = read_file(source, path)
        if not NUMBERED.fullmatch(file.path):
            if MANAGED.fullmatch(file.path):
                tree.managed[file.key] = file
            else:
                tree.strays.append(file)
        elif file.id.endswith(".rollback"):
            tree.rollbacks[file.key.removesuffix(".rollback")] = file
        else:
            tree.versioned[file.key] = file


def files_in(folder: Path, suffix: str = ".sql", deep: bool = True) -> list[Path]:
    """List the files of a folder by their ending, with those of the folders in it; sorted.

    A missing folder has none. Raises OSError for what cannot be read, which Path.glob leaves out: a
    file that is not listed counts as deleted.
    """
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        if folder.is_symlink():
            raise
        return []
    found = list[Path]()
    for entry in entries:
        path = folder / entry.name
        if entry.name.endswith(suffix):
            found.append(path)
        elif deep and entry.is_dir(follow_symlinks=False):
            found += files_in(path, suffix)
        elif deep and entry.is_symlink() and not entry.is_file():
            raise OSError(errno.ELOOP, "A link, which is not followed", str(path))
    return sorted(found)


def read_file(source: Source, path: Path) -> SqlFile:
    """Read one file of a tree."""
    return sql_file(source, path.relative_to(source.root).as_posix(), path.read_bytes())


def sql_file(source: Source, path: str, raw: bytes) -> SqlFile:
    """Decode a file; line ends, a BOM and blank lines at the end do not count for its hash."""
    flaw = ""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        flaw = f": not UTF-8 at byte {error.start}"
    text = raw.decode(errors="replace")
    if text.startswith("\ufeff"):
        flaw = ": starts with a byte order mark; save it as plain UTF-8"
    elif found := UNWANTED.search(text):
        problem = NUL if found[0] == "\0" else f"'{found[0].strip()}' {CONFLICT}"
        flaw = f":{line_of(text, found.start())}: {problem}"
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip() + "\n"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return SqlFile(source.name, path, text, sha256, flaw, source.folder)


def body_start(text: str) -> int:
    """Return the end of the leading blank and ``--`` lines."""
    header = HEADER.match(text)
    return header.end() if header else 0


def line_of(text: str, offset: int) -> int:
    """Return the line, from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1


@functools.cache  # each rule asks for them, and so do the runs
def statements(text: str) -> Sequence[tuple[int, str]]:
    """Return the start of each statement, and its words in lower case with single spaces.

    Good enough to name a line, to see what is created, and to cut a file that runs outside a
    transaction; any other is sent as it is.
    """
    masked = mask(text)
    found, start, depth, parentheses = list[tuple[int, str]](), 0, 0, 0
    for token in [*TOKEN.finditer(masked), None]:
        word = token[0].lower() if token else ";"
        if word in "()":  # a rule has its actions in them, each with its semicolon
            parentheses += 1 if word == "(" else -1
        elif word == ";" and (not (depth or parentheses) or token is None):
            end = token.start() if token else len(masked)
            if words := masked[start:end].split():
                found.append((masked.index(words[0], start), " ".join(words).lower() + " "))
            start = end + 1
        elif word.startswith("begin") or (word == "case" and depth):
            depth += 1
        elif word == "end" and depth:
            depth -= 1
    return found


@functools.cache
def mask(text: str) -> str:
    """Replace everything but keywords by space. A quoted name stays a word."""
    parts, place = list[str](), 0
    for part in opaque(text):
        inside = text[part.start : part.stop]
        hidden = "x" if inside.startswith('"') else " "
        parts += text[place : part.start], re.sub(r"[^\n]", hidden, inside)
        place = part.stop
    return "".join([*parts, text[place:]])


def opaque(text: str) -> Iterator[range]:
    """Yield where the comments, strings, quoted names and dollar-quoted bodies of a text are."""
    place = 0
    while opening := OPAQUE.search(text, place):
        place = opening.end()
        if opening["comment"]:
            place = comment_end(text, place)
        elif opening["tag"]:
            closing = text.find(opening["tag"], place)
            place = len(text) if closing < 0 else closing + len(opening["tag"])
        yield range(opening.start(), place)


def comment_end(text: str, start: int) -> int:
    """Return the end of a comment whose "/*" ends at ``start``."""
    depth = 1
    for match in COMMENT.finditer(text, start):
        depth += 1 if match[0] == "/*" else -1
        if not depth:
            return match.end()
    return len(text)


def rule_problems(tree: Tree) -> list[str]:
    """Return a sentence for each rule that a file breaks."""
    problems = [
        f"{file.shown}: not a name that apply knows; use NNNN_name.sql, "
        "functions/<schema>/<name>.sql or policies/<table>.sql"
        for file in tree.strays
    ]
    numbers: dict[tuple[str, int], SqlFile] = {}
    for file in tree.versioned.values():
        problems += [f"{file.shown}{problem}" for problem in versioned_problems(tree, file)]
        if (other := numbers.setdefault((file.tree, file.number), file)) != file:
            problems.append(f"{file.shown}: has the number of {other.shown}; give it the next one")
    problems += [
        f"{file.shown}: rolls back a file that does not exist"
        for key, file in tree.rollbacks.items()
        if key not in tree.versioned
    ]
    for file in tree.managed.values():
        problems += [f"{file.shown}{problem}" for problem in managed_problems(file)]
    every = [*tree.versioned.values(), *tree.rollbacks.values(), *tree.managed.values()]
    return problems + [f"{file.shown}{file.flaw}" for file in every if file.flaw]


def versioned_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Check a versioned file: its header, its rollback, and what belongs into a managed file."""
    yield from header_problems(tree, file)
    rollback = tree.rollbacks.get(file.key)
    heads = statements(file.text)
    if not heads:
        yield ": holds no statement"
    if "irreversible" in file.directives:
        if rollback:
            yield f": says irreversible, but {rollback.shown} exists; keep one of the two"
    elif not rollback or not statements(rollback.text):
        yield (
            f": {file.folder}/{file.id}.rollback.sql is missing or empty; write it, "
            "or say '-- irreversible: why' in the header"
        )
    for start, head in heads:
        where = f":{line_of(file.text, start)}"
        if match := MANAGED_KIND.match(head):
            yield f"{where}: '{match[0].strip()}' belongs under functions/ or policies/"
        if match := UNQUALIFIED.match(head):
            yield f"{where}: '{match[0]}' names no schema"
    yield from (*transaction_problems(file), *psql_problems(file))
    if rollback:
        found = (*transaction_problems(rollback), *psql_problems(rollback))
        yield from (f" (rollback{problem})" for problem in found)
    if any(CONCURRENT.match(head) for _, head in heads):
        yield from concurrent_problems(file, [head for _, head in heads])


def header_problems(tree: Tree, file: SqlFile) -> Iterator[str]:
    """Check the directives: lower case, in the leading -- lines, each with a value that fits."""
    end = body_start(file.text)
    if file.text.startswith("/*", end):
        yield ": starts with /*, after which no directive is read; use -- lines"
    seen: set[str] = set()
    for match in DIRECTIVE.finditer(file.text):
        name, value = match[1], match[2].strip()
        where = f":{line_of(file.text, match.start(1))}"
        if name != name.lower():
            yield f"{where}: write '{name.lower()}:' in lower case; '{name}:' is ignored"
        elif match.start() >= end:
            yield f"{where}: '{name}:' must stand above the first statement"
        elif name in seen:
            yield f"{where}: '{name}:' stands twice"
        elif name == "transactional" and value not in ("true", "false"):
            yield f"{where}: 'transactional: {value}' must be true or false"
        elif name == "depends":
            yield from (f"{where}: {problem}" for problem in dependency_problems(tree, file, value))
        elif name in ("irreversible", "allow-edit") and not value:
            yield f"{where}: '{name}:' needs a reason"
        seen.add(name)


def dependency_problems(tree: Tree, file: SqlFile, value: str) -> Iterator[str]:
    """Check the dependencies of a file: NNNN of its own tree, or TREE/NNNN of an earlier tree."""
    names = [source.name for source in tree.sources]
    earlier = names[: names.index(file.tree)]
    for word in value.split():
        name, _, number = word.rpartition("/")
        name = name or file.tree
        known = [
            each.id
            for each in tree.versioned.values()
            if each.tree == name and (name in earlier or each.id < file.id)
        ]
        if re.match(r"\d{4}", number) and any(each.startswith(number) for each in known):
            continue
        newest = max(known, default="nothing")
        if name == CORE and file.tree != CORE:
            yield (
                f"needs {word}, and this zava-mcp has the core up to {newest}: "
                "pip install --upgrade zava-mcp"
            )
        else:
            yield f"'depends:' names no earlier file: {word}; {name} has {newest} before it"


def transaction_problems(file: SqlFile) -> Iterator[str]:
    """Yield the places where a file would end its transaction."""
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
    """Yield the statements that a file must not have because it runs repeatedly."""
    heads = statements(file.text)
    if not heads:
        yield ": holds no statement; delete the file to drop what it created"
    for start, head in heads:
        where = f":{line_of(file.text, start)}"
        if match := VERSIONED_KIND.match(head):
            yield f"{where}: '{match[0].strip()}' belongs into a versioned file, NNNN_name.sql"
        if match := SESSION.match(head):
            yield f"{where}: '{match[0]}' would hold for the files after it; a function has its own"
    yield from (*transaction_problems(file), *psql_problems(file))


def public_problems(file: SqlFile) -> Iterator[str]:
    """Return the functions of a file that PUBLIC may execute: every new one, until a revoke."""
    heads = statements(file.text)
    if any(re.match(r"revoke .* from public ", head) for _, head in heads):
        return
    for start, head in heads:
        if re.match(rf"create (?:or replace )?{CODE}", head) and " view " not in head[:40]:
            yield f":{line_of(file.text, start)}: PUBLIC may execute it: revoke all on routine ..."


def psql_problems(file: SqlFile) -> Iterator[str]:
    """Return commands that only psql understands, since a file is sent to the server directly."""
    for start, head in statements(file.text):
        if COPY.match(head):
            where = f":{line_of(file.text, start)}"
            yield f"{where}: copy from stdin or to stdout needs psql; write insert into ... values"
            return  # its rows look like anything
    if meta := META.search(mask(file.text)):
        where = f":{line_of(file.text, meta.start())}"
        more = "; pg_dump begins and ends its files with it" if "restrict" in meta[0] else ""
        yield f"{where}: '{meta[0]}' is a command of psql; delete the line{more}"


def needs_superuser(file: SqlFile) -> bool:
    """Return whether the header of a pgTAP file has ``-- needs: superuser``."""
    return bool(
        re.search(r"^-- needs: superuser$", file.text[: body_start(file.text)], re.MULTILINE)
    )


def test_problems(file: SqlFile) -> Iterator[str]:
    """Yield the reasons why a pgTAP file would leave traces, or cannot be sent as one text."""
    heads = statements(file.text)
    if file.flaw:
        yield file.flaw
    if [head for _, head in (*heads[:1], *heads[-1:])] != ["begin ", "rollback "]:
        yield ": must start with 'begin;' and end with 'rollback;', or it leaves traces"
    for start, head in heads[1:-1]:
        if TRANSACTION.match(head) and not head.startswith(("savepoint", "release", "rollback to")):
            yield f":{line_of(file.text, start)}: '{head.strip()}' would end its transaction"
    yield from psql_problems(file)
