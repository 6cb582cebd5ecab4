"""Pain 1: arguments that come in pieces (Vertex, streamFunctionCallArguments)."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.gemini.partial import PartialArguments


@pytest.mark.parametrize(
    "pieces, arguments",
    [
        ([{"jsonPath": "$.a", "stringValue": "Bos", "willContinue": True},
          {"jsonPath": "$.a", "stringValue": "ton", "willContinue": True}, {"jsonPath": "$.a", "stringValue": ""}],
         {"a": "Boston"}),
        ([{"jsonPath": "$.list[1].x", "numberValue": 2}, {"jsonPath": "$.list[0].x", "boolValue": False}],
         {"list": [{"x": False}, {"x": 2}]}),
        ([{"jsonPath": "$.a.b[0][1]", "nullValue": "NULL_VALUE"}], {"a": {"b": [[None, None]]}}),
        ([{"jsonPath": "$['a b'].c", "stringValue": "x"}], {"a b": {"c": "x"}}),
        ([{"jsonPath": "$.a", "stringValue": "x", "willContinue": True}, {"jsonPath": "$.b", "numberValue": 1}],
         {"a": "x", "b": 1}),
        ([{"jsonPath": "$.a", "stringValue": "x", "willContinue": True}], {"a": "x"}),
        ([{"jsonPath": "$.a", "stringValue": "x"}, {"jsonPath": "$.a.b", "numberValue": 1}], {"a": {"b": 1}}),
        ([{"jsonPath": "$[0]", "numberValue": 1}, {"jsonPath": "$.a[99999]", "numberValue": 1}, {}, 7, {"jsonPath": 3},
          {"jsonPath": "$." + ".".join("a" * 100), "numberValue": 1}], {}),
        (None, {}),
    ],
)  # fmt: skip
def test_pieces_make_the_arguments(pieces: Any, arguments: Any) -> None:
    partial = PartialArguments()
    partial.feed(pieces)
    assert partial.arguments() == arguments
