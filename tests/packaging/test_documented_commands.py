"""The commands that the documents print work as they are printed; see documented_commands.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from documented_commands import (
    ROOT,
    documents,
    read_commands,
    run_document,
    table,
    template,
)

DOCUMENTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in documents()}
WITH_COMMANDS = [name for name, text in DOCUMENTS.items() if read_commands(name, text)]

EXAMPLE = """
<!-- before: false -->
```sh
KEY=a  # kept
test "$KEY" = a && \\
    test -e README.md
false
```

<!-- exit: 3 3 -->
```console
$ (exit 3)
what it prints
zava=> select 1 /
       0;
```

<!-- not run: a server of somebody else -->
```sh
ssh example.com
```

```sql title="sql/a.sql"
select 1;
```

`make no_such_target` and `python server.py ...`
"""


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    with template() as folder:
        yield folder


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_commands_work(name: str, checkout: Path, tmp_path: Path) -> None:
    results = run_document(name, DOCUMENTS[name], checkout)
    report = table(results)
    (tmp_path / "commands.txt").write_text(report)
    print(report)
    assert [each.command.text for each in results if not each.is_good] == [], report


def test_the_documents_of_a_user_have_commands() -> None:
    assert {"README.md", "docs/authentication.md", "docs/migrations.md"} <= set(WITH_COMMANDS)


def test_what_fails_is_seen(checkout: Path) -> None:
    results = run_document("example.md", EXAMPLE, checkout)
    assert [(each.command.line, each.code, each.is_good) for each in results] == [
        (3, 1, False),
        (4, 0, True),
        (5, 0, True),
        (7, 1, False),
        (12, 3, True),
        (14, 3, True),
        (20, None, True),
        (23, 0, True),
        (27, 2, False),
        (27, None, True),
    ]
