"""`cliproxy flows tree`: the conversations, with their forks, sub-agents and compactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from cliproxy.addons import reading
from cliproxy.addons.recordings import Recorded
from cliproxy.translators import ir

from .sources import exchanges, json_option, path_argument, say
from .threads import Node, threads

SHOWN = 60
"""Characters of what was said."""


@click.command("tree")
@path_argument
@json_option
def command(path: str | None, as_json: bool) -> None:
    """The conversations: turns, forks, sub-agents, compactions.

    Exchanges belong together where one begins with all that the other one said, where it names the other one's answer,
    or by the headers in which clients name sessions and agents.
    """
    nodes = threads(exchanges(path))
    say([_plain(node) for node in nodes], as_json, lambda: "\n".join(lines(nodes)))


def _plain(node: Node) -> dict[str, Any]:
    one = node.exchange
    return {
        "id": one.id,
        "kind": node.kind,
        "parent": node.parent,
        "model": one.model,
        "asked": asked(one),
        "answered": answered(one),
    }


def lines(nodes: Sequence[Node]) -> Iterator[str]:
    below: Mapping[str | None, list[Node]] = defaultdict(list)
    for node in nodes:
        below[node.parent].append(node)
    for root in below[None]:
        yield f"{root.exchange.model or 'no model'}"
        yield from _branch(root, below, "  ")
        yield ""


def _branch(node: Node, below: Mapping[str | None, list[Node]], indent: str) -> Iterator[str]:
    """A conversation goes on at its own indent; what leaves it stands below, further in."""
    current: Node | None = node
    while current:
        one = current.exchange
        kind = "" if current.kind in ("start", "turn") else f"{current.kind}: "
        yield f"{indent}{one.id}  {kind}{asked(one)} → {answered(one)}"
        children = below.get(one.id, [])
        for child in children:
            if child.kind != "turn":
                yield from _branch(child, below, indent + "  ")
        current = next((child for child in children if child.kind == "turn"), None)


def asked(one: Recorded) -> str:
    """The last thing that was said to the model."""
    try:
        messages = reading.asked(one).messages
    except ir.BadRequest as fault:
        return f"unreadable: {fault}"
    return _short(messages[-1].parts[-1:]) if messages else "nothing"  # clients put their own notes first


def answered(one: Recorded) -> str:
    answer = reading.answered(one)
    if not answer:
        return one.error or "no answer"
    if answer.error and not answer.parts:
        return f"error: {answer.error.message}"
    return _short(answer.parts)


def _short(parts: Iterable[ir.Part]) -> str:
    told = [text for part in parts if (text := _told(part))]
    text = " ".join(" ".join(told).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _told(part: ir.Part) -> str:
    match part:
        case ir.Text(text):
            return text
        case ir.ToolCall():
            return f"calls {part.name}"
        case ir.ToolResult():
            return "result of a tool"
        case ir.Reasoning():
            return ""
        case _:
            return type(part).__name__.lower()
