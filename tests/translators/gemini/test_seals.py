"""Seals in thoughtSignature: Gemini's as they came, others' in base64 that SDKs may re-encode."""

from __future__ import annotations

import base64

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.seals import BYPASS, native, open_seal, seal, standard

FOREIGN = ir.Opaque("anthropic", "c2ln-bmF0dXJl_+/=", "rs_1")


def test_our_own_seal_is_not_touched() -> None:
    own = ir.Opaque("gemini", "CiQB-_+/")
    assert seal(own) == "CiQB-_+/" and open_seal("CiQB-_+/") == own and native(own) == "CiQB-_+/"


@pytest.mark.parametrize("data", ["s", "ss", "sss", "ünï>>>???", FOREIGN.data])
def test_a_foreign_seal_comes_home_through_an_sdk(data: str) -> None:
    """Pain 7: google-genai decodes the bytes and encodes them in the URL-safe alphabet."""
    foreign = ir.Opaque("anthropic", data, "rs_1")
    sent = seal(foreign)
    returned = base64.urlsafe_b64encode(base64.b64decode(sent, validate=True)).decode()
    assert open_seal(sent) == open_seal(returned) == open_seal(returned.rstrip("=")) == foreign
    assert native(foreign) == ""


@pytest.mark.parametrize("text", [BYPASS, base64.b64encode(BYPASS.encode()).decode()])
def test_the_bypass_seals_nothing(text: str) -> None:
    assert open_seal(text) is None


@pytest.mark.parametrize("text", ["Y2xpcHJveHku", "Y2xpcHJveHku!!!", "Y2xpcHJveHkuMS7/", "Y2xpcHJveHkuMS4u"])
def test_what_only_looks_packed_is_geminis(text: str) -> None:
    opened = open_seal(text)
    assert opened and opened.format == "gemini"


@pytest.mark.parametrize(
    "data, want", [("ab+/", "ab+/"), ("ab-_", "ab+/"), ("YQ", "YQ=="), ("YWI=", "YWI="), ("", ""), ("YWJj", "YWJj")]
)
def test_base64_in_the_standard_alphabet(data: str, want: str) -> None:
    """Edge 18: Google's SDKs send the URL-safe alphabet, which OpenAI and Anthropic refuse."""
    assert standard(data) == want
