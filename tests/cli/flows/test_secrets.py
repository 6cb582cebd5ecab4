"""Where secrets are found in flow files of any origin."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy import http, io, websocket
from mitmproxy.test import tflow
from recorded_exchanges import translated
from wsproto.frame_protocol import Opcode

from cliproxy.addons.recordings import write
from cliproxy.cli.flows.secrets import configured_secrets, places

KEY = "sk-" + "a1B2" * 10
OWN = "hush-hush-secret"


def file(tmp_path: Path, flow: http.HTTPFlow) -> Path:
    path = tmp_path / "one.flow"
    with path.open("wb") as opened:
        io.FlowWriter(opened).add(flow)
    return path


@pytest.mark.parametrize(
    "where",
    [
        "request header authorization", "request header x-other", "request body", "response header set-cookie",
        "response body", "address", "comment or metadata", "websocket message",
    ],
)  # fmt: skip
@pytest.mark.parametrize("secret", [KEY, OWN])
def test_each_place_is_looked_at(tmp_path: Path, where: str, secret: str) -> None:
    flow = tflow.tflow(resp=True)
    flow.request.headers["authorization"] = "[openai-1]"
    match where:
        case "address":
            flow.request.path = f"/v1/x?a=b&key={secret}"
        case "comment or metadata":
            flow.metadata["x"] = [{"y": secret}]
        case "request body":
            flow.request.content = f'{{"a":"{secret}"}}'.encode()
        case "response body":
            flow.response.content = secret.encode()
        case "websocket message":
            flow.websocket = websocket.WebSocketData(
                messages=[websocket.WebSocketMessage(Opcode.TEXT, True, secret.encode())]
            )
        case _:
            message = flow.request if where.startswith("request") else flow.response
            message.headers[where.rpartition(" ")[2]] = secret
    found = list(places(file(tmp_path, flow), {OWN}))
    assert {place.where for place in found} == {where}
    assert all(secret in place.found.value for place in found)


def test_our_own_recordings_hold_none(tmp_path: Path) -> None:
    assert list(places(write(tmp_path, translated()), {OWN})) == []


def test_the_secrets_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert configured_secrets() == frozenset()
    Path("config.yaml").write_text("auth: {api-keys: [sk-test-client-key]}")
    assert "sk-test-client-key" in configured_secrets()
