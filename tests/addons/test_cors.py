"""Browsers: who may read answers, and what is asked before."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from exchanges import applied, flow
from mitmproxy import http

from cliproxy.addons.attempts import Attempt
from cliproxy.addons.cors import Cors

ORIGIN = "https://app.example.com"
CONFIG = "cors: {origins: ['https://app.example.com']}"


def cors(config: str = CONFIG) -> Cors:
    made = Cors()
    made.use(applied(config))
    return made


def asked(method: str, path: str, headers: Mapping[str, str], config: str = CONFIG, status: int = 0) -> http.HTTPFlow:
    one, addon = flow(method, path, headers=headers), cors(config)
    one.response = http.Response.make(status) if status else None
    addon.requestheaders(one)
    if one.response is None:
        one.response = http.Response.make(200)
    addon.responseheaders(one)
    addon.response(one)
    return one


def test_an_allowed_origin_may_ask_without_a_key_and_read() -> None:
    headers = {"origin": ORIGIN, "access-control-request-method": "POST",
               "access-control-request-headers": "authorization,content-type"}  # fmt: skip
    found = asked("OPTIONS", "/v1/chat/completions", headers, status=401).response
    assert found and found.status_code == 204
    told = {name: value for name, value in found.headers.items() if name.startswith("access-control")}
    assert told == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "600",
        "access-control-expose-headers": "*",
    }
    assert found.headers["allow"] == "POST, OPTIONS" and found.headers["vary"] == "origin"


def test_an_answer_may_be_read() -> None:
    found = asked("POST", "/v1/chat/completions", {"origin": ORIGIN}).response
    assert found and found.headers["access-control-allow-origin"] == ORIGIN
    assert (
        asked("POST", "/v1/x", {"origin": "app://obsidian.md"}, "cors: {origins: ['*']}").response.headers[  # type: ignore[union-attr]
            "access-control-allow-origin"
        ]
        == "app://obsidian.md"
    )


@pytest.mark.parametrize("config", [CONFIG, ""])
@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.com.evil.example", "null", ""])
def test_others_are_told_nothing(config: str, origin: str) -> None:
    for method in ("OPTIONS", "POST"):
        found = asked(method, "/v1/chat/completions", {"origin": origin}, config).response
        assert found and not [name for name in found.headers if name.startswith("access-control")]


def test_a_head_that_is_sent_early_has_it_too() -> None:
    one, addon = flow("POST", "/v1/chat/completions", headers={"origin": ORIGIN}), cors()
    addon.requestheaders(one)
    one.response = http.Response.make(200)
    addon.upstream_held(Attempt(one))
    assert one.response.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(
    "path, status, expected",
    [("/nothing", 401, 401), ("/v0/management/config", 0, 200), ("/v1/models", 400, 400), ("/v1/models", 0, 204)],
)
def test_what_is_not_answered_here(path: str, status: int, expected: int) -> None:
    found = asked("OPTIONS", path, {"origin": ORIGIN}, status=status).response
    assert found and found.status_code == expected


def test_from_a_public_page_to_this_machine() -> None:
    headers = {"origin": ORIGIN, "access-control-request-private-network": "true"}
    found = asked("OPTIONS", "/v1/models", headers).response
    assert found and found.headers["access-control-allow-private-network"] == "true"
