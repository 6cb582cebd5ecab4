"""The exported HAR is held to the specification, as a JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exported import Site
from kept_flows import said
from recorded_exchanges import refused, translated

from cliproxy.addons.recordings import Recorded
from cliproxy.cli.flows.exports.har import har

jsonschema_rs = pytest.importorskip("jsonschema_rs")
SCHEMA = json.loads((Path(__file__).parents[3] / "data" / "har-1.2.schema.json").read_text())


@pytest.mark.parametrize("one", [translated(), refused(), said("aa", [])], ids=["translated", "refused", "chat"])
def test_it_is_valid(one: Recorded) -> None:
    made = json.loads(har(one))
    jsonschema_rs.validator_for(SCHEMA).validate(made)
    assert len(made["log"]["entries"]) == 1 + len(one.attempts)


@pytest.mark.parametrize("number", [0, 1])
def test_what_a_gateway_recorded_is_valid(site: Site, number: int) -> None:
    made = json.loads(site.export(number, "har"))
    jsonschema_rs.validator_for(SCHEMA).validate(made)
    client, sent = made["log"]["entries"]
    assert client["request"]["url"].startswith("http://127.0.0.1:8317/v1/") and client["response"]["status"] == 200
    assert "/v1/chat/completions" in sent["request"]["url"]
    assert "sk-test" not in json.dumps(made)


def test_the_schema_refuses_what_is_none() -> None:
    made = json.loads(har(said("aa", [])))
    del made["log"]["entries"][0]["response"]["content"]
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(made)


def test_times_are_milliseconds() -> None:
    first = json.loads(har(translated()))["log"]["entries"][2]
    assert first["timings"]["wait"] == 500 and first["time"] == first["timings"]["wait"] + first["timings"]["receive"]
    assert first["startedDateTime"] == "2026-01-01T00:00:00.250+00:00"


def test_bytes_that_are_no_text() -> None:
    one = said("aa", [])
    assert one.response
    one.response.data.content = b"\xff"
    content = json.loads(har(one))["log"]["entries"][0]["response"]["content"]
    assert (content["text"], content["encoding"], content["size"]) == ("/w==", "base64", 1)
