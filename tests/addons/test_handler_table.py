"""Handlers are called in order, and no exchange goes on after one of them failed."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import PATHS, begun, error_of, flow
from mitmproxy import exceptions, hooks, http
from mitmproxy.addonmanager import AddonManager
from mitmproxy.proxy.layers.http import HttpRequestHook, HttpResponseHeadersHook, HttpResponseHook
from mitmproxy.test import taddons
from wires import CHAT_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import exchange
from cliproxy.addons.attempts import Attempt, GatewayError, GatewayErrorHook, UpstreamAttemptHook, UpstreamHeldHook
from cliproxy.addons.handler_table import HandlerTable, fail_closed, install

FAILED = "The gateway failed on this request; its log says why."


class Seen:
    """Writes down that it was called; `fault` is raised then."""

    def __init__(self, name: str, calls: list[str], fault: Exception | None = None) -> None:
        self.name, self.calls, self.fault = name, calls, fault

    def request(self, flow: http.HTTPFlow) -> None:
        self.calls.append(self.name)
        if self.fault:
            raise self.fault


class Later(Seen):
    async def request(self, flow: http.HTTPFlow) -> None:  # type: ignore[override]
        super().request(flow)


class Failing:
    """Fails in every hook that an exchange passes."""

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        raise RuntimeError("a defect of ours")

    request = response = responseheaders = requestheaders

    def upstream_attempt(self, attempt: Attempt) -> None:
        attempt.go = True
        raise RuntimeError("a defect of ours")

    def gateway_error(self, error: GatewayError) -> None:
        raise RuntimeError("a defect of ours")


class Held:
    def upstream_held(self, attempt: Attempt) -> None:
        raise RuntimeError("a defect of ours")


def manager(*addons: object) -> HandlerTable:
    found = taddons.context().master.addons
    install(found)
    found.add(*addons)
    return found


def status(one: http.HTTPFlow) -> int | None:
    return one.response.status_code if one.response else None


# -- the table ----------------------------------------------------------------------------


async def test_handlers_are_called_in_the_order_of_the_addons() -> None:
    calls: list[str] = []
    table = manager(Seen("a", calls), Later("b", calls), Seen("c", calls))
    await table.trigger_event(HttpRequestHook(flow()))
    assert calls == ["a", "b", "c"]


async def test_addons_inside_addons_are_called_behind_their_own() -> None:
    calls: list[str] = []
    outer = Seen("outer", calls)
    outer.addons = [Seen("inner", calls)]  # type: ignore[attr-defined]
    await manager(outer, Seen("next", calls)).trigger_event(HttpRequestHook(flow()))
    assert calls == ["outer", "inner", "next"]


async def test_the_table_is_made_anew_when_an_addon_comes_or_goes() -> None:
    calls: list[str] = []
    first, second = Seen("a", calls), Seen("b", calls)
    table = manager(first)
    for change in (lambda: None, lambda: table.add(second), lambda: table.remove(first), table.clear):
        change()
        await table.trigger_event(HttpRequestHook(flow()))
        calls.append("|")
    assert calls == ["a", "|", "a", "b", "|", "b", "|", "|"]


async def test_an_addon_that_another_registers_is_called_from_then_on() -> None:
    calls: list[str] = []
    parent = Seen("parent", calls)
    parent.addons = []  # type: ignore[attr-defined]
    table = manager(parent)
    await table.trigger_event(HttpRequestHook(flow()))
    child = Seen("child", calls)
    table.register(child)
    parent.addons.append(child)  # type: ignore[attr-defined]
    await table.trigger_event(HttpRequestHook(flow()))
    assert calls == ["parent", "parent", "child"]


async def test_what_is_no_function_is_no_handler() -> None:
    calls: list[str] = []
    odd = Seen("odd", calls)
    odd.request = "not callable"  # type: ignore[method-assign,assignment]
    await manager(odd, Seen("a", calls)).trigger_event(HttpRequestHook(flow()))
    assert calls == ["a"]


async def test_halting_ends_the_round_and_nothing_else() -> None:
    calls: list[str] = []
    one = flow()
    await manager(Seen("a", calls, exceptions.AddonHalt()), Seen("b", calls)).trigger_event(HttpRequestHook(one))
    assert (calls, one.response) == (["a"], None)


async def test_a_wrong_option_is_told_to_the_one_who_set_it() -> None:
    with pytest.raises(exceptions.OptionsError):
        await manager(Seen("a", [], exceptions.OptionsError("no"))).trigger_event(HttpRequestHook(flow()))


def test_installing_twice_is_installing_once() -> None:
    found = taddons.context().master.addons
    install(found)
    table = found._table  # type: ignore[attr-defined]
    install(found)
    assert isinstance(found, HandlerTable) and found._table is table


def test_mitmproxys_manager_still_has_what_the_table_replaces() -> None:
    for name in ("trigger_event", "register", "add", "remove", "clear"):
        assert callable(getattr(AddonManager, name)), f"mitmproxy's AddonManager has lost {name}"
    assert hasattr(taddons.context().master.addons, "chain"), "mitmproxy's AddonManager has lost its chain"


# -- failing closed -----------------------------------------------------------------------


async def test_a_handler_that_fails_is_a_502_and_the_end_of_the_exchange(caplog: Any) -> None:
    calls: list[str] = []
    one = flow(body=CHAT_REQUEST)
    call = begun(one)
    await manager(Failing(), Seen("next", calls)).trigger_event(HttpRequestHook(one))
    assert (status(one), error_of(one.response)["message"], calls) == (502, FAILED, ["next"])
    assert (call.revoked, exchange.client_of(one)) == (True, None)
    assert "Failing failed in request" in caplog.text and "a defect of ours" in caplog.text


async def test_a_handler_that_fails_later_is_no_different() -> None:
    one = flow(body=CHAT_REQUEST)
    await manager(Later("a", [], RuntimeError("x"))).trigger_event(HttpRequestHook(one))
    assert status(one) == 502


@pytest.mark.parametrize(
    "path, body, place",
    [
        (PATHS["anthropic"], MESSAGES_REQUEST, ("type", "api_error")),
        (PATHS["gemini"], {"contents": []}, ("code", 502)),
        (PATHS["openai_chat"], CHAT_REQUEST, ("type", "server_error")),
    ],
)
async def test_the_502_is_in_the_clients_format_wherever_the_flow_was_aimed(path: str, body: Any, place: Any) -> None:
    one = flow("POST", path, body)
    begun(one)
    one.request.path = "/elsewhere"
    await manager(Failing()).trigger_event(HttpRequestHook(one))
    assert error_of(one.response)[place[0]] == place[1]


async def test_an_attempt_in_which_a_handler_failed_does_not_go_out() -> None:
    one = flow(body=CHAT_REQUEST)
    attempt = Attempt(one)
    begun(one)
    await manager(Failing()).trigger_event(UpstreamAttemptHook(attempt))
    assert (attempt.go, status(one)) == (False, 502)


async def test_a_failure_while_the_client_is_kept_waiting_is_told_in_its_stream() -> None:
    one = flow("POST", PATHS["anthropic"], {**MESSAGES_REQUEST, "stream": True})
    attempt = Attempt(one, committed=True)
    begun(one)
    await manager(Held()).trigger_event(UpstreamHeldHook(attempt))
    assert attempt.revoked
    assert attempt.late and attempt.late.startswith(b"event: error\n") and FAILED.encode() in attempt.late


async def test_a_failure_on_the_way_to_an_error_is_answered_too() -> None:
    one = flow()
    await manager(Failing()).trigger_event(GatewayErrorHook(GatewayError(one, 413, "too large")))
    assert status(one) == 502


async def test_a_failure_between_head_and_body_keeps_the_providers_body_from_the_client() -> None:
    one = flow(body=CHAT_REQUEST)
    call = begun(one)
    one.response = http.Response.make(200)
    table = manager(Failing())
    await table.trigger_event(HttpResponseHeadersHook(one))
    assert call.spoiled and status(one) == 200
    one.response.content = b"the provider's body"
    table.remove(table.get("failing"))
    await table.trigger_event(HttpResponseHook(one))
    assert (status(one), error_of(one.response)["message"]) == (502, FAILED)


async def test_a_failure_behind_a_whole_answer_is_a_502() -> None:
    one = flow(body=CHAT_REQUEST)
    begun(one)
    one.response = http.Response.make(200, b"answer")
    await manager(Failing()).trigger_event(HttpResponseHook(one))
    assert status(one) == 502


async def test_a_stream_that_has_begun_is_not_answered_again() -> None:
    one = flow(body=CHAT_REQUEST)
    call = begun(one)
    one.response = answer = http.Response.make(200)
    answer.stream = lambda data: [data]
    table = manager(Failing())
    await table.trigger_event(HttpResponseHeadersHook(one))
    await table.trigger_event(HttpResponseHook(one))
    assert (one.response, call.revoked, call.spoiled) == (answer, True, False)


async def test_hooks_without_a_flow_fail_without_one() -> None:
    class Odd:
        def running(self) -> None:
            raise RuntimeError("x")

    await manager(Odd()).trigger_event(hooks.RunningHook())
    fail_closed("no flow", "request")
    fail_closed(None, "response")
