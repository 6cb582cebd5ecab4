"""Vertex AI's paths and bodies, as Google and Anthropic document them."""

from __future__ import annotations

import pytest

from cliproxy.addons.doors.door import Asked
from cliproxy.addons.doors.vertex import VERTEX
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.splice import Changes

GEMINI, ANTHROPIC = FORMATS["gemini"], FORMATS["anthropic"]


@pytest.mark.parametrize(
    "name, format, known_as",
    [
        ("vertex-gemini-2.5-pro", "gemini", "gemini-2.5-pro"),
        ("gemini-2.5-pro", "gemini", "gemini-2.5-pro"),
        ("vertex-claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("vertex-claude-sonnet-4-5-20250929", "anthropic", "claude-sonnet-4-5@20250929"),
        ("claude-sonnet-4-5@20250929", "anthropic", "claude-sonnet-4-5@20250929"),
        ("vertex-gemini-2.5-flash-20250929", "gemini", "gemini-2.5-flash-20250929"),
    ],
)
def test_a_models_name_says_its_format(name: str, format: str, known_as: str) -> None:
    assert (VERTEX.format(name), VERTEX.model(name)) == (format, known_as)


PROJECT = "/v1/projects/p/locations/europe-west1/publishers"


@pytest.mark.parametrize(
    "target, asked, expected",
    [
        ("/v1beta/models/g:generateContent", Asked(GEMINI, "g"), "/v1/publishers/google/models/g:generateContent"),
        (
            "/v1beta/models/g:streamGenerateContent?alt=sse",
            Asked(GEMINI, "g", True, "", "p", "europe-west1"),
            f"{PROJECT}/google/models/g:streamGenerateContent?alt=sse",
        ),
        (
            "/v1beta/models/g:generateContent",
            Asked(GEMINI, "g", False, "/v1beta1/publishers/google/models/g:generateContent", "p"),
            "/v1beta1/projects/p/locations/global/publishers/google/models/g:generateContent",
        ),
        (
            "/v1/messages",
            Asked(ANTHROPIC, "c@1", False, "", "p", "europe-west1"),
            f"{PROJECT}/anthropic/models/c@1:rawPredict",
        ),
        (
            "/v1/messages?beta=true",
            Asked(ANTHROPIC, "c", True, "/v1/messages?beta=true", "p", "europe-west1"),
            f"{PROJECT}/anthropic/models/c:streamRawPredict",
        ),
        (
            "/v1/messages/count_tokens",
            Asked(ANTHROPIC, "c", False, "", "p", "europe-west1", counting=True),
            f"{PROJECT}/anthropic/models/count-tokens:rawPredict",
        ),
        (
            "/v1beta/models/g:countTokens",
            Asked(GEMINI, "g", project="p", location="europe-west1", counting=True),
            f"{PROJECT}/google/models/g:countTokens",
        ),
    ],
)  # fmt: skip
def test_paths(target: str, asked: Asked, expected: str) -> None:
    assert VERTEX.target(target, asked) == expected


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "a?b"])
def test_a_models_name_leads_nowhere_else(name: str) -> None:
    for format in (GEMINI, ANTHROPIC):
        path = VERTEX.target("/v1beta/models/g:generateContent", Asked(format, name, project="p"))
        assert path.count("/") == 9 and "?" not in path and "/../" not in path and "/..:" not in path


@pytest.mark.parametrize(
    "body, asked, changes",
    [
        ({"contents": []}, Asked(GEMINI, "g"), {}),
        ({"model": "c"}, Asked(ANTHROPIC, "c"), {"model": None, "anthropic_version": b'"vertex-2023-10-16"'}),
        ({"anthropic_version": "vertex-2099-01-01"}, Asked(ANTHROPIC, "c"), {}),
        (
            {"model": "vertex-c"},
            Asked(ANTHROPIC, "c", counting=True),
            {"model": b'"c"', "anthropic_version": b'"vertex-2023-10-16"'},
        ),
    ],
)
def test_bodies(body: ir.Json, asked: Asked, changes: Changes) -> None:
    assert VERTEX.changes(body, asked) == changes


def test_claude_needs_a_project() -> None:
    assert "vertex.project" in VERTEX.fault(Asked(ANTHROPIC, "claude-x"))
    assert not VERTEX.fault(Asked(ANTHROPIC, "claude-x", project="p"))
    assert not VERTEX.fault(Asked(GEMINI, "g"))


def test_what_runs_at_anthropic_is_not_there() -> None:
    assert "tools.code_execution" in VERTEX.lacks(ANTHROPIC, ir.Request("c"))
    assert not VERTEX.lacks(GEMINI, ir.Request("g"))
