"""The exported cassette is loaded by VCR.py, and answers in the network's place."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from exported import REQUESTS, TEXT, Site
from kept_flows import said

from cliproxy.cli.flows.exports.cassette import cassette
from cliproxy.cli.flows.exports.portable import portable

vcr = pytest.importorskip("vcr")


@pytest.mark.parametrize("number, told", [(0, TEXT), (1, "event: message_stop")])
def test_vcr_answers_from_it(site: Site, tmp_path: Path, number: int, told: str) -> None:
    file = tmp_path / "cassette.yaml"
    file.write_text(site.export(number, "cassette"))
    path, body = REQUESTS[number]
    with vcr.use_cassette(str(file), record_mode="none", match_on=["method", "uri", "body"]) as tape:
        answer = httpx.post(f"http://127.0.0.1:8317{path}", json=body)
        assert answer.status_code == 200 and told in answer.text and tape.all_played


def test_it_holds_no_key_and_bytes_that_are_no_text() -> None:
    one = said("aa", [], authorization="Bearer [redacted]")
    assert one.last and one.last.response
    one.last.response.data.content = b"\xff\x00"
    made = cassette(portable(one, "provider"))
    assert "authorization" not in made and "!!binary" in made and "https://api.openai.com/v1/" in made
