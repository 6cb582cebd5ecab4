"""What is exported of a request: all that makes it, and no key."""

from __future__ import annotations

import pytest
from exchanges import request
from kept_flows import said
from recorded_exchanges import refused, translated

from cliproxy.addons.recordings import Recorded
from cliproxy.cli.faults import Fault
from cliproxy.cli.flows.exports.portable import portable, without_key


def test_the_clients_side_goes_to_the_gateway() -> None:
    one = portable(translated(), "client")
    assert (one.method, one.base, one.target) == ("POST", "http://127.0.0.1:8317", "/v1/messages")
    assert (one.url_variable, one.key_variable, one.key_header) == ("CLIPROXY_URL", "CLIPROXY_KEY", "authorization")
    names = {name for name, _ in one.headers}
    assert "anthropic-version" in names and not names & {"x-api-key", "authorization", "host", "content-length"}
    assert one.body == translated().request.content


def test_the_providers_side_goes_to_the_provider_with_its_key() -> None:
    one = portable(said("aa", []), "provider")
    assert (one.base, one.target) == ("https://api.openai.com", "/v1/chat/completions")
    assert (one.url_variable, one.key_variable, one.key_prefix) == ("", "OPENAI_API_KEY", "Bearer ")


def test_where_no_provider_was_asked() -> None:
    with pytest.raises(Fault, match="No provider was asked in ffff0000"):
        portable(refused(), "provider")


def test_a_request_of_no_format_can_be_exported_too() -> None:
    one = portable(Recorded({"id": "x"}, request("GET", "/v1/models?key=k&a=b"), None), "client")
    assert (one.method, one.target, one.told) == ("GET", "/v1/models?a=b", "GET /v1/models")


@pytest.mark.parametrize(
    "path, kept",
    [
        ("/a", "/a"),
        ("/a?key=k", "/a"),
        ("/a?b=c&API%5FKEY=k&d", "/a?b=c&d"),
        ("/a?", "/a"),
        ("/a?b=c", "/a?b=c"),
    ],
)
def test_no_key_stays_in_the_address(path: str, kept: str) -> None:
    assert without_key(path) == kept
