"""Write what prove found: as text, as JSON, as JUnit XML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as Xml

from zava_mcp.migrate.prove.run import Finding, Report

SHOWN = 600  # characters of an answer


def as_data(report: Report) -> dict[str, Any]:
    """Return a report as JSON has it."""
    return {
        "findings": [finding_as_data(finding) for finding in report.left],
        "accepted": [
            {**finding_as_data(finding), "reason": finding.accepted}
            for finding in report.findings
            if finding.accepted
        ],
        "callers": report.callers,
        "asked": report.asked,
        "tenants": list(report.tenants),
        "without_tenant": report.bare,
        "changed": {table: sorted(done) for table, done in sorted(report.changed.items())},
        "unchanged": sorted(report.unchanged),
        "without_hidden_row": report.unhidden,
        "left_alone": report.foreign,
        "left_out": sorted(report.volatile),
        "unfinished": report.unfinished,
        "seconds": round(report.seconds, 1),
    }


def finding_as_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as a dict, for --json."""
    return {
        "caller": finding.caller,
        "call": finding.call,
        "question": finding.question,
        "change": finding.change,
        "table": finding.table,
        "before": finding.before,
        "after": finding.after,
        "causes": list(finding.causes),
        "others": finding.others,
    }


def as_text(finding: Finding) -> str:
    """Return a finding as a person reads it."""
    before, after = excerpt(finding.before, finding.after)
    lines = [
        f"{finding.caller}: {finding.question}",
        f"  depends on: {finding.change}",
        f"  before: {before}",
        f"  after:  {after}",
        *(f"  cause:  {cause}" for cause in finding.causes),
    ]
    if finding.others:
        lines.append(f"  and {finding.others} other questions of {finding.call}")
    if finding.accepted:
        lines.append(f"  accepted: {finding.accepted}")
    return "\n".join(lines)


def excerpt(before: str, after: str) -> tuple[str, str]:
    """Return the part of two answers in which they differ, with what is around it."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    start = max(0, same - SHOWN // 3)

    def part(text: str) -> str:
        left, right = "..." if start else "", "..." if len(text) > start + SHOWN else ""
        return f"{left}{text[start : start + SHOWN]}{right}"

    return part(before), part(after)


def junit(report: Report) -> str:
    """Return a report as JUnit XML: a test case a caller and call."""
    suite = Xml.Element("testsuite", name="prove", time=f"{report.seconds:.3f}")
    failed = 0
    cases = report.calls | {
        (finding.caller, finding.call): 0
        for finding in report.left
        if (finding.caller, finding.call) not in report.calls
    }
    for caller, call in cases:
        case = Xml.SubElement(suite, "testcase", classname=caller, name=call)
        found = [each for each in report.left if (each.caller, each.call) == (caller, call)]
        if found:
            failed += 1
            failure = Xml.SubElement(case, "failure", message=f"depends on {found[0].change}")
            failure.text = plain("\n".join(as_text(each) for each in found))
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(failed))
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def plain(text: str) -> str:
    """Return a text without the characters that XML does not know."""
    return "".join(each if each >= " " or each in "\n\t" else "?" for each in text)
