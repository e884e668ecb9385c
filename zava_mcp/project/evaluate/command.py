"""``zava-mcp eval``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import click
import psycopg

from zava_mcp.counts import some
from zava_mcp.embeddings import EmbeddingError, count_tokens, load_embedder
from zava_mcp.migrate.console import DATABASE, FILE_OPTIONS, Table, answer, command
from zava_mcp.migrate.files import files_in
from zava_mcp.migrate.ledger import FAILED, UNAVAILABLE, USAGE, Failure
from zava_mcp.migrate.session import Settings, connect
from zava_mcp.project.demo import load_demo
from zava_mcp.project.evaluate.assistant import assistant
from zava_mcp.project.evaluate.questions import Question, missing, read_questions
from zava_mcp.project.evaluate.rank import (
    Ranker,
    Tool,
    as_sent,
    by_both,
    by_meaning,
    by_words,
    first,
)
from zava_mcp.project.evaluate.surface import Given, Served, Surface
from zava_mcp.project.test import new_database

GOLDEN = Path("tests") / "golden"  # beside zava.toml
DEMO_SIZE = 2000
PLACES = 3
WORDS, MEANING, BOTH = "words", "meaning", "both"


@dataclass
class Asked:
    """A question, what each ranker found for it, and what its answer lacks."""

    q: str
    tools: tuple[str, ...]
    caller: str
    is_shown: bool  # as an example of a tool: no merit to find it
    found: dict[str, list[str]] = field(default_factory=dict)
    tokens: float = 0
    fault: str | None = None
    is_answered: bool = False


@command(
    "eval",
    options=[
        DATABASE(
            help="Take the tools from this database. Default: a new database with this project."
        ),
        *FILE_OPTIONS,
    ],
    group=None,
)
@click.option(
    "--questions",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"A set of questions, JSON lines; several times. Default: {GOLDEN}/*.jsonl.",
)
@click.option(
    "--url", "served", help="Take the tools from this server, for example http://host:8000/mcp."
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    envvar="ZAVA_API_KEY",
    show_envvar=True,
    metavar="[CALLER=]KEY",
    help="An API key for --url; may be repeated, each with the caller that questions name.",
)
@click.option(
    "--min-top1",
    type=click.FloatRange(0, 100),
    help="Minimum percentage with the right tool first.",
)
@click.option(
    "--min-top3",
    type=click.FloatRange(0, 100),
    help=f"Minimum percentage with the right tool among the first {PLACES}.",
)
@click.option(
    "--model", help="Also let this model choose, with OPENAI_BASE_URL and OPENAI_API_KEY."
)
@click.option(
    "-v", "--verbose", "shows_misses", is_flag=True, help="List questions whose tool was not first."
)
def evaluate(
    settings: Settings,
    files: tuple[Path, ...],
    served: str | None,
    keys: tuple[str, ...],
    min_top1: float | None,
    min_top3: float | None,
    model: str | None,
    shows_misses: bool,
) -> None:
    """Measure whether people's words lead to the right tool, from what a client sees.

    Each line of a set is {"q": question, "tool": name}; "tool" may be an array of right tools.
    "caller" names an audience; the default is the one with most tools that has one of these. With
    "arguments" the tool is called, and its answer must contain the object "holds".

    The tools are ranked for each question by the names, titles and descriptions of tools/list: by
    words (BM25), by meaning (a small local model), and by both. No language model is needed. A
    question that a description contains word for word, as an @example, does not count. The last two
    lines are the percentages of both, or of words without a model. Exit code 1: a percentage is
    below --min-top1 or --min-top3, or an answer is wrong.

    Example:
      zava-mcp eval --questions questions.jsonl --min-top1 80 --min-top3 95
    """
    if served and settings.url:
        raise Failure("--url and --database-url: name one of them", USAGE)
    root = settings.project.root
    questions = read_questions(files or files_in(root / GOLDEN, ".jsonl", deep=False))
    with surface(settings, served, keys, questions) as offered:
        offered.check(questions)
        asked = rank(offered, questions)
        if model:
            choose(offered, asked, model)
        compute(offered, questions, asked)
    report(settings, asked, min_top1, min_top3, shows_misses)


@contextlib.contextmanager
def surface(
    settings: Settings, served: str | None, keys: tuple[str, ...], questions: Sequence[Question]
) -> Iterator[Surface]:
    """Open the source of the tools: the server at a URL, a database, or a new one."""
    if served:
        yield Served(served, named(keys))
        return
    with contextlib.ExitStack() as stack:
        here = settings
        if settings.url is None:
            has_answers = any(each.arguments is not None for each in questions)
            here = stack.enter_context(prepared(settings, has_answers))
        conn = stack.enter_context(connect(here))
        with conn.transaction(force_rollback=True):
            yield Given(conn)


@contextlib.contextmanager
def prepared(settings: Settings, has_answers: bool) -> Iterator[Settings]:
    """Yield a new database with the project; where answers are computed, with a small demo too."""
    project = settings.project
    demo = project.demo if has_answers else None
    with new_database(replace(settings, with_demo=demo is not None)) as here:
        if demo and demo.load:
            load_demo(project, str(here.url), DEMO_SIZE, {})
        if demo and demo.keys:
            with psycopg.connect(str(here.url), autocommit=True) as conn:
                conn.execute(f"select {demo.keys}()".encode())
        yield here


def named(keys: tuple[str, ...]) -> dict[str, str]:
    """Return {caller: key} of --key. Raise Failure where a caller is missing."""
    found = dict[str, str]()
    for each in keys:
        caller, separator, key = each.rpartition("=")
        found[caller if separator else ""] = key
    if not found or (len(found) > 1 and "" in found) or len(found) < len(keys):
        raise Failure("--url needs --key: one, or several as CALLER=KEY", USAGE)
    return found


def rank(offered: Surface, questions: Sequence[Question]) -> list[Asked]:
    """Rank the tools of its caller for each question, by each ranker."""
    try:
        embedder = load_embedder()
        count = count_tokens()
    except EmbeddingError as error:
        raise Failure(str(error), UNAVAILABLE) from error
    kept = dict[str, tuple[list[Tool], dict[str, Ranker], list[int]]]()

    def of(caller: str) -> tuple[list[Tool], dict[str, Ranker], list[int]]:
        if caller not in kept:
            tools = offered.tools[caller]
            rankers = {WORDS: by_words(tools)}
            if embedder:
                rankers[MEANING] = by_meaning(tools, embedder)
                rankers[BOTH] = by_both(rankers[WORDS], rankers[MEANING])
            kept[caller] = tools, rankers, [count(as_sent(tool)) for tool in tools]
        return kept[caller]

    asked = list[Asked]()
    for question in questions:
        caller = offered.caller_of(question.tools, question.caller)
        tools, rankers, tokens = of(caller)
        shown = any(question.text in (tool.get("description") or "") for tool in tools)
        each = Asked(question.text, question.tools, caller, shown, tokens=sum(tokens))
        if tools:
            each.found = {
                name: first(tools, scores(question.text), PLACES)
                for name, scores in rankers.items()
            }
        asked.append(each)
    return asked


def choose(offered: Surface, asked: Sequence[Asked], model: str) -> None:
    """Let a language model choose one tool for each question."""
    choice = assistant(model)
    for each in asked:
        tool = choice(offered.tools[each.caller], each.q).tool
        each.found[model] = [tool] if tool else []


def compute(offered: Surface, questions: Sequence[Question], asked: Sequence[Asked]) -> None:
    """Call the tool of each question that has arguments, and compare its answer."""
    for question, each in zip(questions, asked, strict=True):
        if question.arguments is None:
            continue
        result = offered.ask(each.caller, question.tools[0], question.arguments)
        if result is None:
            continue
        each.is_answered = True
        lacks = (
            None
            if result.error or question.holds is None
            else missing(question.holds, result.answer)
        )
        fault = result.error or (f"the answer does not hold {lacks}" if lacks else None)
        each.fault = f"{question.place}: {question.tools[0]}: {fault}" if fault else None


def report(
    settings: Settings,
    asked: Sequence[Asked],
    min_top1: float | None,
    min_top3: float | None,
    shows_misses: bool,
) -> None:
    """Print the figures of each ranker, what failed, and both percentages last."""
    counted = [each for each in asked if not each.is_shown] or list(asked)
    rankers = list(dict.fromkeys(name for each in counted for name in each.found)) or [WORDS]
    figures = {name: (share(counted, name, 1), share(counted, name, PLACES)) for name in rankers}
    judged = BOTH if BOTH in figures else WORDS
    top1, top3 = figures[judged]
    faults = [each.fault for each in asked if each.fault]
    below = (min_top1 is not None and top1 < min_top1) or (min_top3 is not None and top3 < min_top3)
    tokens = sum(each.tokens for each in counted) / len(counted)
    answers = sum(each.is_answered for each in asked)
    misses = [each for each in counted if is_miss(each, judged, 1)]
    rows = [(name, f"{one:.1f}", f"{three:.1f}") for name, (one, three) in figures.items()]
    lines = [
        f"{some(len(counted), 'question')} counted,"
        f" {some(len(asked) - len(counted), 'is an example', 'are examples')} of a tool",
        f"{tokens:.0f} tokens of tools a client, in the mean of the questions",
        f"{some(answers, 'answer')} computed, {len(faults)} not as they must be",
    ]
    result = {
        "questions": len(counted),
        "shown": len(asked) - len(counted),
        "rankers": {name: {"top1": one, "top3": three} for name, (one, three) in figures.items()},
        "tokens": round(tokens),
        "answers": answers,
        "faults": faults,
        "misses": [asdict(each) for each in misses],
        "judged": judged,
        "top1": top1,
        "top3": top3,
        "exit": FAILED if below or faults else 0,
    }
    answer(
        settings,
        result,
        *(
            f"{each.q}\t{' or '.join(each.tools)}\tnot {', '.join(each.found.get(judged, []))}"
            for each in (misses if shows_misses else ())
        ),
        Table("Rankers", ("ranker", "top 1, %", f"top {PLACES}, %"), rows),
        *faults,
        *lines,
        f"top-1 {top1:.1f} % ({judged})",
        f"top-3 {top3:.1f} % ({judged})",
    )


def is_miss(each: Asked, ranker: str, places: int) -> bool:
    """Return whether none of the right tools is among the first."""
    return not {*each.tools} & {*each.found.get(ranker, [])[:places]}


def share(asked: Sequence[Asked], ranker: str, places: int) -> float:
    """Return the percentage of questions whose tool is among the first."""
    hits = sum(not is_miss(each, ranker, places) for each in asked)
    return round(100 * hits / len(asked), 1)
