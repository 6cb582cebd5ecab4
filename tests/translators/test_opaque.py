"""A provider's seal travels through a client of another format and comes home as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators.ir import Opaque
from cliproxy.translators.opaque import pack, unpack


@given(st.builds(Opaque, st.sampled_from(["anthropic", "gemini"]), st.text(), st.text()))
def test_there_and_back(opaque: Opaque) -> None:
    assert unpack(pack(opaque), "openai_responses") == opaque


@pytest.mark.parametrize(
    "text", ["", "EqQBCkYIBRgC", "cliproxy.1.", "cliproxy.1.a.b", "cliproxy.1.!.!.!", "cliproxy.1.w6k.w.w"]
)
def test_what_nobody_packed_belongs_to_the_format_it_was_found_in(text: str) -> None:
    assert unpack(text, "anthropic") == Opaque("anthropic", text)
