"""Which exchanges belong together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exchanges import PATHS, request
from kept_flows import said
from mitmproxy import http

from cliproxy.addons.recordings import Recorded
from cliproxy.cli.flows.threads import threads

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
MORE = {"role": "user", "content": "More"}
OTHER = {"role": "user", "content": "Another way"}
SESSION = {"x-claude-code-session-id": "s1"}


def kinds(*exchanges: Recorded) -> list[tuple[str, str, str | None]]:
    return [(node.exchange.id, node.kind, node.parent) for node in threads(exchanges)]


def test_a_conversation_goes_on_from_the_longest_that_it_begins_with() -> None:
    first, second = said("a", [USER]), said("b", [USER, ANSWER, MORE], 1)
    third = said("c", [USER, ANSWER, MORE, ANSWER, USER], 2)
    assert kinds(third, first, second) == [("a", "start", None), ("b", "turn", "a"), ("c", "turn", "b")]


def test_a_second_way_on_is_a_fork() -> None:
    ways = said("b", [USER, ANSWER, MORE], 1), said("c", [USER, ANSWER, OTHER], 2)
    assert kinds(said("a", [USER]), *ways) == [("a", "start", None), ("b", "turn", "a"), ("c", "fork", "a")]


def test_others_begin_of_their_own() -> None:
    assert kinds(said("a", [USER]), said("b", [OTHER, ANSWER, MORE], 1)) == [("a", "start", None), ("b", "start", None)]


def test_marks_for_the_cache_and_the_shape_of_a_text_do_not_part_them() -> None:
    marked = {"role": "user", "content": [{"text": "Hi", "type": "text", "cache_control": {"type": "ephemeral"}}]}
    assert kinds(said("a", [marked]), said("b", [USER, ANSWER, MORE], 1))[1] == ("b", "turn", "a")


def test_a_sub_agent_hangs_on_the_one_that_called_it() -> None:
    main = said("a", [USER], 0, **SESSION)
    agent = said("b", [OTHER], 1, **SESSION, **{"x-claude-code-agent-id": "g1", "x-claude-code-parent-agent-id": ""})
    deeper = said(
        "c", [MORE], 2, **SESSION, **{"x-claude-code-agent-id": "g2", "x-claude-code-parent-agent-id": "g1"}
    )  # fmt: skip
    assert kinds(main, agent, deeper) == [("a", "start", None), ("b", "sub-agent", "a"), ("c", "sub-agent", "b")]


def test_a_shorter_history_in_the_same_session_is_a_compaction() -> None:
    long = said("a", [USER, ANSWER, MORE, ANSWER, USER], 0, **SESSION)
    assert kinds(long, said("b", [OTHER, MORE], 1, **SESSION))[1] == ("b", "compaction", "a")
    assert kinds(long, said("b", [OTHER, MORE], 1))[1] == ("b", "start", None)


def test_an_answer_may_be_named_instead() -> None:
    def responses(id: str, began: float, answer_id: str, **body: Any) -> Recorded:
        one = said(id, [USER], began)
        asked = request("POST", PATHS["openai_responses"], {"model": "gpt-test", "input": "Hi", **body})
        whole = b'{"id":"%s","object":"response","status":"completed","model":"m","output":[]}' % answer_id.encode()
        told = http.Response.make(200, whole, {"content-type": "application/json"})
        return replace(
            one, request=asked, response=told, attempts=(), facts={**one.facts, "format": "openai_responses"}
        )

    first = responses("a", 0, "resp_1")
    assert kinds(first, responses("b", 1, "resp_2", previous_response_id="resp_1"))[1] == ("b", "turn", "a")
    assert kinds(first, responses("b", 1, "resp_2", previous_response_id="resp_9"))[1] == ("b", "start", None)
