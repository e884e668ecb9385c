"""zava-mcp eval: the golden set holds, the figures do not fall, and bad sets are refused."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from endpoint import Answer, Endpoint, serving

from zava_mcp.cli import cli
from zava_mcp.embeddings import load_embedder
from zava_mcp.project.evaluate.questions import missing
from zava_mcp.project.evaluate.rank import passages

GOLDEN = Path(__file__).parent.parent / "golden"
# The sets whose questions are in no comment.
ASKED = ("held_out", "ambiguous", "more")
# What was reached, less two questions: raise it when words get better, and never lower it.
MIN_TOP1, MIN_TOP3 = 87.5, 97.0


def evaluate(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner(env=environment).invoke(cli, ["eval", *arguments])


def report(*arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    done = evaluate(*arguments, "--json", environment=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def lines(name: str) -> list[dict[str, Any]]:
    text = (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return tmp_path / "questions.jsonl"


def written(file: Path, *questions: dict[str, Any] | str) -> str:
    file.write_text(
        "\n".join(each if isinstance(each, str) else json.dumps(each) for each in questions)
    )
    return str(file)


@pytest.fixture(scope="module")
def descriptions(database: str) -> dict[str, str]:
    with closing(psycopg.connect(database)) as conn:
        query = "select name, description from mcp_catalog.tools"
        return dict(conn.execute(query).fetchall())


def test_half_of_the_golden_set_is_in_the_comments(descriptions: dict[str, str]) -> None:
    for each in lines("examples"):
        assert each["q"] in descriptions[each["tool"]], each["q"]
    everything = "\n".join(descriptions.values())
    for each in [each for name in ASKED for each in lines(name)]:
        assert each["q"] not in everything, each["q"]
    per_tool = [each["tool"] for each in lines("held_out")]
    assert {tool: per_tool.count(tool) for tool in descriptions} == dict.fromkeys(descriptions, 3)


def test_figures_do_not_fall_and_answers_hold(database: str) -> None:
    found = report("--database-url", database)
    assert found["shown"] == len(lines("examples"))
    assert found["questions"] == sum(len(lines(name)) for name in ASKED)
    assert found["faults"] == []
    asked = [each for name in ("examples", *ASKED) for each in lines(name)]
    assert found["answers"] == sum("arguments" in each for each in asked) > 0
    assert found["judged"] == "both"
    assert found["top1"] >= MIN_TOP1
    assert found["top3"] >= MIN_TOP3
    assert found["rankers"]["both"] == {"top1": found["top1"], "top3": found["top3"]}
    assert found["rankers"]["words"]["top1"] < found["top1"]
    assert found["exit"] == 0


@pytest.mark.parametrize(
    ("by", "least"), [("words", (67.3, 87.6)), ("both", (84.7, 95.6))], ids=["words", "both"]
)
def test_search_tools_finds_the_tool(
    database: str, keys: dict[str, Any], by: str, least: tuple[float, float]
) -> None:
    """By words, and by meaning too; the limits are what was reached, less two questions."""
    model = load_embedder()
    assert model is not None
    callers = {
        "head_office": keys["head_office"],
        "regional_managers": keys["regional_manager"],
        "store_managers": next(iter(keys["stores"].values())),
    }
    asked = [each for name in ASKED for each in lines(name)]
    ranks = list[int]()
    with closing(psycopg.connect(database)) as conn:
        for each in asked:
            right = {each["tool"]} if isinstance(each["tool"], str) else {*each["tool"]}
            vector = model.embed([each["q"]])[0] if by == "both" else None
            key = callers[each.get("caller", "head_office")]
            conn.execute("select mcp_auth.begin_request(%s)", [key])
            conn.execute("select set_config('app.embedding_model', %s, true)", [model.model])
            found = conn.execute(
                "select name from mcp_tool.search_tools(%s, 3, %s::real[])", [each["q"], vector]
            ).fetchall()
            conn.rollback()
            ranks.append(next((n for n, (name,) in enumerate(found) if name in right), 3))
    figures = [100 * sum(rank <= place for rank in ranks) / len(ranks) for place in (0, 2)]
    assert figures[0] >= least[0], figures
    assert figures[1] >= least[1], figures


def test_below_the_minimum_it_fails(database: str, questions: Path) -> None:
    files = written(
        questions,
        {"q": "Which shops do we have?", "tool": "list_stores"},
        "",
        {"q": "Which shops do we have?", "tool": ["record_return", "record_sale"]},
    )
    arguments = ("--database-url", database, "--questions", files)
    done = evaluate(*arguments, "--min-top1", "50", "--min-top3", "50")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-2:] == ["top-1 50.0 % (both)", "top-3 50.0 % (both)"]
    for least in ("--min-top1", "--min-top3"):
        done = evaluate(*arguments, least, "50.1", "--verbose")
        assert done.exit_code == 1
        assert done.stdout.splitlines()[-2:] == ["top-1 50.0 % (both)", "top-3 50.0 % (both)"]
        miss = "Which shops do we have?\trecord_return or record_sale\tnot list_stores, "
        assert done.stdout.startswith(miss)


def test_a_tool_that_does_not_exist_is_refused(database: str, questions: Path) -> None:
    files = written(
        questions,
        {"q": "Which shops do we have?", "tool": "list_stores"},
        {"q": "Which shops do we have?", "tool": ["list_stores", "list_shops"]},
    )
    found = report("--database-url", database, "--questions", files)
    assert found["exit"] == 64
    lines = found["error"].splitlines()
    assert lines[0] == f"{questions}:2: list_shops is no tool of any caller"
    assert lines[1].startswith("the tools are: adjust_inventory, ")


def test_a_wrong_answer_or_argument_is_a_fault(database: str, questions: Path) -> None:
    found = report(
        "--database-url",
        database,
        "--questions",
        written(
            questions,
            {"q": "a", "tool": "list_stores", "arguments": {}, "holds": {"row_count": 8}},
            {"q": "b", "tool": "list_stores", "arguments": {}, "holds": {"row_count": 7}},
            {"q": "c", "tool": "list_stores", "arguments": {"x": 1}},
            {"q": "d", "tool": "get_top_products", "arguments": {"page_size": 0}},
        ),
    )
    assert (found["answers"], found["exit"]) == (4, 1)
    assert [fault.removeprefix(str(questions)) for fault in found["faults"]] == [
        ":2: list_stores: the answer does not hold $.row_count",
        ":3: list_stores: unknown argument: x",
        ":4: get_top_products: page_size must be a number from 1 to 1000",
    ]


def test_what_is_called_is_rolled_back(database: str, questions: Path) -> None:
    # another server may write of other calls meanwhile
    called = "mcp_log.call_log where tool = 'adjust_inventory'"
    tables = ("mcp_auth.api_keys", called, "retail.change_log")
    counted = [f"select count(*) from {table}".encode() for table in tables]
    stock = {"change": 1, "reason": "a test", "idempotency_key": "eval"}
    with closing(psycopg.connect(database, autocommit=True)) as conn:
        row = conn.execute("select sku from retail.products order by sku limit 1").fetchone()
        assert row
        before = [conn.execute(each).fetchone() for each in counted]
        question = {
            "q": "Book in one more",
            "tool": "adjust_inventory",
            "caller": "store_managers",
            "arguments": {**stock, "sku": row[0]},
        }
        files = written(questions, question)
        found = report("--database-url", database, "--questions", files)
        assert (found["faults"], found["answers"]) == ([], 1)
        assert [conn.execute(each).fetchone() for each in counted] == before


def test_a_served_url_is_asked_as_clients_ask_it(
    http_server: str, keys: dict[str, Any], questions: Path
) -> None:
    files = written(
        questions,
        {"q": "Which shops do we have?", "tool": "list_stores", "arguments": {}},
        {"q": "Ring up 3 hammers", "tool": "record_sale", "caller": "manager"},
        {
            "q": "Book it in",
            "tool": "adjust_inventory",
            "caller": "manager",
            "arguments": {"sku": "X", "change": 1, "reason": "never", "idempotency_key": "never"},
        },
    )
    manager = next(iter(keys["stores"].values()))
    found = report(
        *("--url", f"{http_server}/all", "--questions", files),
        *("--key", f"office={keys['head_office']}", "--key", f"manager={manager}"),
    )
    assert found["top3"] == 100.0
    assert (found["answers"], found["faults"]) == (1, []), "a tool that writes is not called"
    served = ("--url", http_server, "--questions", files)
    assert report(*served)["exit"] == 64
    assert report(*served, "--key", "a", "--key", "b")["exit"] == 64
    assert report(*served, "--key", "zava_wrong")["exit"] == 69


def test_a_language_model_chooses(database: str, questions: Path) -> None:
    def answer(asked: dict[str, Any]) -> tuple[int, Any]:
        offered = {tool["function"]["name"] for tool in asked["tools"]}
        assert {"list_stores", "compare_stores"} <= offered
        name = "list_stores" if "Which" in asked["messages"][-1]["content"] else "compare_stores"
        call = {"id": "1", "type": "function", "function": {"name": name, "arguments": "{}"}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
        return 200, {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }

    files = written(
        questions,
        {"q": "Which shops do we have?", "tool": "list_stores"},
        {"q": "How many shops?", "tool": "list_stores"},
    )
    arguments = ("--database-url", database, "--questions", files, "--model", "m")
    with serving() as endpoint:
        environment = {"OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "secret"}
        endpoint.answer = answer
        found = report(*arguments, environment=environment)
        assert found["rankers"]["m"] == {"top1": 50.0, "top3": 50.0}
        assert len(endpoint.asked) == 2
        endpoint.answer = refused(endpoint)
        done = evaluate(*arguments, "--json", environment=environment)
    assert json.loads(done.stdout)["exit"] == 69
    assert "the key *** is wrong" in done.output
    assert "secret" not in done.output


def refused(endpoint: Endpoint) -> Answer:
    return lambda _asked: (401, {"error": {"message": "the key secret is wrong"}})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "1: it is not JSON"),
        ("[]", "1: it must be an object"),
        ('{"tool": "a"}', '1: "q" must be a question of 1 to 2000 characters'),
        ('{"q": " ", "tool": "a"}', '1: "q" must be'),
        ('{"q": "a"}', '1: "tool" must be the name of a tool, or an array of names'),
        ('{"q": "a", "tool": []}', '1: "tool" must be'),
        ('{"q": "a", "tool": "b", "caller": 1}', '1: "caller" must be the name of an audience'),
        ('{"q": "a", "tool": "b", "holds": []}', '1: "holds" must be an object'),
        (
            '{"q": "a", "tool": "list_stores", "caller": "nobody"}',
            "'nobody' is none of head_office, ",
        ),
        ("", "there is no question"),
    ],
)
def test_a_line_that_is_no_question_is_named(
    line: str, problem: str, database: str, questions: Path
) -> None:
    found = report("--database-url", database, "--questions", written(questions, line))
    assert problem in found["error"]
    assert found["exit"] == 64


@pytest.mark.parametrize(
    ("expected", "answer", "path"),
    [
        ({}, {"a": 1}, None),
        ({"a": 1}, {"a": 1, "b": 2}, None),
        ({"a": 1}, {"b": 1}, "$.a"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "$.a.b"),
        ({"a": [{"b": 2}]}, {"a": [{"b": 1}, {"b": 2, "c": 3}]}, None),
        ({"a": [{"b": 1}, {"b": 3}]}, {"a": [{"b": 1}, {"b": 2}]}, "$.a[1]"),
        ({"a": None}, {"a": None}, None),
        ({"a": []}, {"a": {}}, "$.a"),
    ],
)
def test_what_an_answer_lacks_is_named(expected: Any, answer: Any, path: str | None) -> None:
    assert missing(expected, answer) == path


def test_a_sentence_about_another_tool_says_nothing_of_this_one() -> None:
    tools = [
        {
            "name": "get_a",
            "title": "A",
            "description": "It gives a. For b call get_b.\n\nExamples: a?",
        },
        {"name": "get_b", "description": "It gives b."},
    ]
    assert passages(tools) == [
        ["get a. A", "A. It gives a.. a?", "It gives a.", "a?"],
        ["get b. ", ". It gives b.", "It gives b."],
    ]
