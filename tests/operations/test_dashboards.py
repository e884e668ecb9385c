"""The dashboard and the alerts name metrics that a server has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx2
import pytest

from benchmarks import zava

FOLDER = zava.ROOT / "docs" / "monitoring"
METRIC = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
NOT_METRICS = {"histogram_quantile"}
REPLICA = {"replica_age_seconds", "replica_usable"}  # only where there is one


def expressions(path: Path) -> list[str]:
    """The queries of a file."""
    text = path.read_text()
    if path.suffix == ".json":
        panels = json.loads(text)["panels"]
        return [target["expr"] for panel in panels for target in panel["targets"]]
    return re.findall(r"^ +expr: (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize(("name", "least"), [("grafana.json", 15), ("alerts.yml", 8)])
def test_every_metric_exists(http_server: str, name: str, least: int) -> None:
    text = httpx2.get(http_server.replace("/mcp", "/metrics")).text
    there = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    there |= {f"{histogram}_bucket" for histogram in there}
    found = expressions(FOLDER / name)
    bare = [re.sub(r'\\?"[^"]*"', "", each) for each in found]  # without the values of labels
    named = {metric for each in bare for metric in METRIC.findall(each)} - NOT_METRICS

    assert len(found) >= least
    assert named - there - REPLICA == set()


def test_a_metric_that_there_is_not_is_found(http_server: str) -> None:
    text = httpx2.get(http_server.replace("/mcp", "/metrics")).text
    assert METRIC.findall("rate(no_such_total[5m])") == ["no_such_total"]
    assert "no_such_total" not in text
    assert "# TYPE operation_duration histogram" in text
