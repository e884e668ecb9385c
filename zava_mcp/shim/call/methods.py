"""The methods that the database answers, and what the shim decides by."""

from __future__ import annotations

import math
from typing import NamedTuple

from zava_mcp.shim.answer.errors import Json

UNKNOWN: Json = {  # a tool that is not in the catalogue: the database will say so
    "kind": "other",  # what a call is counted as
    "timeout_ms": math.inf,
    "embed": {},
    "sandbox": False,
    "writes": True,
    "repeatable": False,
    "content": False,
    "asks_first": False,
    "task": False,
    "exports": False,
}
EXPORTS: Json = {"exports": True, "cache_seconds": 0, "task": True}  # it may become one


class Method(NamedTuple):
    """A method that the database answers; of a tool the catalogue says the rest."""

    action: str = ""  # what an assertion is for; without one, what the request names
    named: str = ""  # the field of params that names what the request is about
    in_header: bool = False  # which a header repeats, from 2026-07-28 on
    sample: Json | None = None  # what the SDK is shown in place of params; None: unknown to it
    is_logged: bool = False  # in the call log
    is_fresh: bool = False  # of this moment, so never from a replica
    writes: bool = False

    def facts(self, name: str) -> Json:
        """Return what decides about a request, as the catalogue has it of a tool."""
        kind = name if self.is_logged else self.action.removeprefix("/")
        answer = {"kind": kind, "writes": self.writes, "fresh": self.is_fresh}
        return {**UNKNOWN, "repeatable": True, **answer}


COMPLETION = {"ref": {"type": "ref/prompt", "name": ""}, "argument": {"name": "", "value": ""}}
METHODS = {
    "tools/call": Method("", "name", in_header=True, sample={"name": ""}, is_logged=True),
    "tools/list": Method("/list_tools", sample={}),
    "prompts/get": Method("", "name", in_header=True, sample={"name": ""}, is_logged=True),
    "prompts/list": Method("/list_prompts", sample={}),
    "resources/read": Method(
        "/read_resource", "uri", in_header=True, sample={"uri": "a:b"}, is_logged=True
    ),
    "resources/list": Method("/list_resources", sample={}),
    "resources/templates/list": Method("/list_resource_templates", sample={}),
    "completion/complete": Method("/complete", sample=COMPLETION),
    "skills/list": Method("/list_skills"),
    "skills/get": Method("/get_skill", "uri"),
    "tasks/get": Method("/get_task", "taskId", in_header=True, is_fresh=True),
    "tasks/list": Method("/list_tasks", is_fresh=True),
    "tasks/result": Method("/task_result", "taskId", is_fresh=True),
    "tasks/cancel": Method("/cancel_task", "taskId", in_header=True, writes=True),
    "tasks/update": Method("/update_task", "taskId", in_header=True, writes=True),
}
DOWNLOAD = "exports/get"  # of a file over HTTP; no method of MCP
ANSWERED = {**METHODS, DOWNLOAD: Method("/get_export", is_logged=True)}
FACTS = {name: method.facts(name) for name, method in ANSWERED.items()}
