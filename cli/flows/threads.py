"""Which recorded exchanges belong together: turns of a conversation, forks, sub-agents, compactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cliproxy.addons import reading, recordings
from cliproxy.addons.canonical import canonical
from cliproxy.addons.recordings import Recorded
from cliproxy.translators import wire

AGENT, PARENT_AGENT = "x-claude-code-agent-id", "x-claude-code-parent-agent-id"
SESSIONS = ("x-claude-code-session-id", "session-id", "session_id", "thread-id", "x-session-id", "x-session-affinity")
"""Headers by which clients name a session, the most telling first."""

type Kind = Literal["start", "turn", "fork", "sub-agent", "compaction"]


@dataclass(frozen=True, slots=True)
class Node:
    """An exchange and the one that it goes on from; None: it begins a conversation."""

    exchange: Recorded
    kind: Kind
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What decides where an exchange belongs. `turns`: one word for each message, equal where the messages are."""

    one: Recorded
    turns: tuple[bytes, ...]
    session: str
    agent: str
    answer_id: str
    previous: str


def threads(exchanges: Iterable[Recorded]) -> list[Node]:
    """In the order of their beginning."""
    before: list[_Said] = []
    nodes: list[Node] = []
    taken: set[str] = set()
    for said in map(_said, sorted(exchanges, key=lambda one: one.began)):
        node = _node(said, before, taken)
        if node.kind == "turn":
            taken.add(node.parent or "")
        before.append(said)
        nodes.append(node)
    return nodes


def _node(said: _Said, before: Sequence[_Said], taken: set[str]) -> Node:
    if parent := _continued(said, before):
        return Node(said.one, "fork" if parent.one.id in taken else "turn", parent.one.id)
    mates = [other for other in before if said.session and other.session == said.session]
    own = [other for other in mates if other.agent == said.agent]
    if own and len(said.turns) < max(len(other.turns) for other in own) and len(said.turns) > 1:
        return Node(said.one, "compaction", own[-1].one.id)
    parent_agent = said.one.request.headers.get(PARENT_AGENT, "")
    callers = [other for other in mates if other.agent == parent_agent]
    if said.agent and callers and not own:
        return Node(said.one, "sub-agent", callers[-1].one.id)
    return Node(said.one, "start")


def _continued(said: _Said, before: Sequence[_Said]) -> _Said | None:
    """The longest conversation that this one goes on from, or the answer that it names; the newest among equals."""
    if said.previous:
        return next((other for other in reversed(before) if other.answer_id == said.previous), None)
    able = [
        other
        for other in before
        if other.turns and len(other.turns) < len(said.turns) and said.turns[: len(other.turns)] == other.turns
    ]
    return max(reversed(able), key=lambda other: len(other.turns), default=None)


def _said(one: Recorded) -> _Said:
    headers, body = one.request.headers, recordings.body(one.request)
    answer = reading.answered(one)
    return _Said(
        one,
        tuple(_turns(one.format.NAME, body)) if one.format else (),
        next((headers[name] for name in SESSIONS if headers.get(name)), ""),
        headers.get(AGENT, ""),
        answer.id if answer else "",
        str(body.get("previous_response_id") or ""),
    )


def _turns(format: str, body: dict[str, Any]) -> Iterator[bytes]:
    counted = canonical(format, body)
    turns = counted.get("messages") or counted.get("input") or counted.get("contents") or counted.get("prompt")
    for turn in turns if isinstance(turns, list) else [turns] if turns else []:
        yield wire.dumps(_unmarked(turn))


def _unmarked(value: Any) -> Any:
    """Without the marks of what the provider shall cache: clients move them with every turn. Text alone is one part."""
    match value:
        case dict():
            kept = {key: one for key, one in value.items() if key != "cache_control"}
            if isinstance(kept.get("content"), str):
                kept["content"] = [{"type": "text", "text": kept["content"]}]
            return {key: _unmarked(kept[key]) for key in sorted(kept)}
        case list():
            return [_unmarked(one) for one in value]
        case _:
            return value
