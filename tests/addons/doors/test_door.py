"""An entrance where nothing differs: bodies and paths stay, but for the model's name."""

from __future__ import annotations

import pytest

from cliproxy.addons.doors.door import PLAIN, Asked
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.splice import Changes


@pytest.mark.parametrize(
    "format, body, changes",
    [
        ("openai_chat", {"model": "m"}, {}),
        ("openai_chat", {"model": "alias"}, {"model": b'"m"'}),
        ("anthropic", {"model": "m", "anthropic_version": "vertex-2023-10-16"}, {"anthropic_version": None}),
        ("anthropic", {"messages": []}, {"model": b'"m"'}),
        ("gemini", {"contents": []}, {}),
    ],
)
def test_only_the_models_name_and_vertexs_version_change(format: str, body: ir.Json, changes: Changes) -> None:
    assert PLAIN.changes(body, Asked(FORMATS[format], "m")) == changes


def test_all_else_is_as_the_format_has_it() -> None:
    asked = Asked(FORMATS["openai_chat"], "m")
    assert PLAIN.target("/v1/x?a=b", asked) == "/v1/x?a=b"
    assert PLAIN.envelope(b"{}", asked) == b"{}"
    assert (PLAIN.model("vertex-x"), PLAIN.format("claude"), PLAIN.fault(asked)) == ("vertex-x", "", "")
    assert not PLAIN.lacks(FORMATS["openai_chat"], ir.Request("m")) and not PLAIN.dropped({"user": "u"})
