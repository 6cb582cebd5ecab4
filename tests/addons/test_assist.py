"""What a client of Code Assist is told before its first prompt."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import flow

from cliproxy.addons import exchange
from cliproxy.addons.assist import PROJECT, Assist, answer


def told(verb: str, body: Any = None, admitted: bool = True, method: str = "POST") -> Any:
    one = flow(method, f"/v1internal:{verb}", body)
    if admitted:
        exchange.admit(one, "tester")
    Assist().request(one)
    return json.loads(one.response.content or b"") if one.response else None


@pytest.mark.parametrize(
    "body, project", [({"cloudaicompanionProject": "theirs"}, "theirs"), ({}, PROJECT), (b"[", PROJECT)]
)
def test_a_client_keeps_its_own_project_and_has_a_tier(body: Any, project: str) -> None:
    loaded = told("loadCodeAssist", body)
    assert (loaded["cloudaicompanionProject"], loaded["currentTier"]["id"]) == (project, "standard-tier")
    assert told("onboardUser", body) == {
        "done": True,
        "response": {"cloudaicompanionProject": {"id": project, "name": project}},
    }


def test_of_the_rest_there_is_nothing() -> None:
    assert told("listExperiments", {}) == told("retrieveUserQuota") == {}
    assert answer("fetchAdminControls", {}) == {}


def test_others_are_not_answered() -> None:
    assert told("loadCodeAssist", admitted=False) is None
    assert told("loadCodeAssist", method="GET") is None
    assert told("generateContent", {}) is None
