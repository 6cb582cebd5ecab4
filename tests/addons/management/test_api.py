"""The management API's edges: what a query and a body may be, and how faults are told."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import applied, error_of, flow, request

from cliproxy.addons import exchange
from cliproxy.addons.client_auth import ClientAuth
from cliproxy.addons.management.api import Management, body_of, presented, query_of, value_of
from cliproxy.addons.management.call import Call, Fault
from cliproxy.addons.management.operations import OPERATIONS, Operation
from cliproxy.addons.management.resources import Resources
from cliproxy.addons.state.shared import Shared

KEY = "sk-test-management"
CONFIG = f"remote-management: {{secret-key: {KEY}}}"
BY_NAME = {operation.name: operation for operation in OPERATIONS}


class Broken(Resources):
    def get_models(self, call: Call) -> Any:
        return {"data": [{"id": f"a {KEY}", "provider": "x"}]}

    def get_flows(self, call: Call) -> Any:
        raise Fault(409, f"not with {KEY}", ["one", "two"])


def management() -> Management:
    made = Management(Broken(), Shared())
    made.use(applied(CONFIG))
    return made


async def ask(method: str, path: str, body: Any = None, key: str = KEY) -> Any:
    one, asked = management(), flow(method, path, body, {"X-Management-Key": key} if key else {})
    asked.client_conn.peername = ("127.0.0.1", 1)
    await one.requestheaders(asked)
    ClientAuth().requestheaders(asked)
    assert exchange.client_of(asked) is None
    await one.request(asked)
    return asked.response


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/v0/management/models", 200),
        ("GET", "/v0/management", 404),
        ("GET", "/v0/management/config/more", 404),
        ("PATCH", "/v0/management/config", 405),
        ("GET", "/v0/management/flows", 409),
        ("GET", "/v0/management/models?limit=1", 400),
        ("PUT", "/v0/management/config", 400),
    ],
)
async def test_statuses(method: str, path: str, status: int) -> None:
    response = await ask(method, path)
    assert response.status_code == status
    if status >= 400:
        assert error_of(response)["message"]


async def test_no_secret_leaves_it_whatever_goes_wrong() -> None:
    for path in ("models", "flows"):
        response = await ask("GET", f"/v0/management/{path}")
        assert KEY.encode() not in response.content and b"[redacted]" in response.content


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    assert (await ask("PATCH", "/v0/management/config")).headers["allow"] == "GET, PUT"


@pytest.mark.parametrize("key, status", [("", 401), ("wrong", 401)])
async def test_without_the_key_nothing_is_told(key: str, status: int) -> None:
    for path in ("/v0/management/models", "/metrics", "/v0/management/nothing"):
        assert (await ask("GET", path, key=key)).status_code == status


@pytest.mark.parametrize(
    "headers, keys",
    [
        ({"X-Management-Key": "a"}, ["a"]),
        ({"Authorization": "Bearer b"}, ["b"]),
        ({"Authorization": "Basic b"}, []),
        ({"Authorization": "bearer  b ", "x-management-key": ""}, ["", "b"]),
    ],
)
def test_where_the_key_is_looked_for(headers: dict[str, str], keys: list[str]) -> None:
    assert list(presented(request(headers=headers))) == keys


@pytest.mark.parametrize(
    "query, expected",
    [
        ("limit=5&offset=0", {"limit": 5, "offset": 0}),
        ("model=gpt%20x", {"model": "gpt x"}),
        ("limit=0", "limit: must be a whole number from 1 to 1000."),
        ("limit=%D9%A3", "limit: must be a whole number from 1 to 1000."),
        ("limit=1&limit=2", "limit: is there twice."),
        (
            "nothing=1",
            "nothing: there is no such parameter; there are: model, provider, client, account, status, limit, offset.",
        ),
    ],
)
def test_queries(query: str, expected: object) -> None:
    asked = request("GET", f"/v0/management/flows?{query}")
    if isinstance(expected, dict):
        assert query_of(asked, BY_NAME["get_flows"]) == expected
    else:
        with pytest.raises(Fault) as fault:
            query_of(asked, BY_NAME["get_flows"])
        assert str(fault.value) == expected


def test_a_choice() -> None:
    schema = {"type": "string", "enum": ["a", "b"]}
    assert value_of("x", "a", schema) == "a"
    with pytest.raises(Fault, match="one of a, b"):
        value_of("x", "c", schema)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff"])
def test_bodies_that_are_no_object(body: bytes) -> None:
    with pytest.raises(Fault):
        body_of(request("PUT", "/", body), BY_NAME["put_config"])
    asked: Operation = BY_NAME["get_config"]
    assert body_of(request("GET", "/", body), asked) is None
