"""Objects in either spelling, lists of one, and what is left of them."""

from __future__ import annotations

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.reading import each, extra, fields, inner, left


def test_reads_both_spellings_and_keeps_the_rest() -> None:
    outer = fields({"inline_data": {"mime_type": "a", "x": 1}, "y": None, "thought": False, "z": 2}, "p")
    blob = inner(outer, "inlineData")
    assert blob and blob.path == "p.inlineData" and blob.text("mimeType") == "a"
    assert left(outer, inlineData=left(blob), nothing={}) == {"z": 2, "inlineData": {"x": 1}}
    assert left(None) == {} and extra({}) is None


def test_one_object_is_a_list_of_one() -> None:
    assert [one.path for one in each(fields({"a": {}}), "a")] == ["a[0]"]
    with pytest.raises(ir.BadRequest, match=r"a must be a list, not a string|'x'"):
        list(each(fields({"a": "x"}), "a"))
