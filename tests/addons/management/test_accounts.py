"""What an operator sees of accounts, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cliproxy.addons.accounts.token_files import TokenFile
from cliproxy.addons.accounts.views import AccountView, RestView
from cliproxy.addons.management.accounts import provider_state, shown, unused

NOW = 1_000_000.0


def view(*resting: RestView, disabled: bool = False, quota: int | None = None) -> AccountView:
    return AccountView(
        "a", "openai", disabled, 2, 1, "429", quota, 5 if quota else 0, NOW + 60 if quota else 0.0, resting
    )


def token(**fields: Any) -> TokenFile:
    return TokenFile(Path("openai_token.json"), "openai", "", {"access_token": "sk-test-token", **fields})


@pytest.mark.parametrize(
    "one, signed, state",
    [
        (view(), None, "ready"),
        (view(RestView("account", "", NOW + 5, "429")), None, "resting"),
        (view(RestView("provider", "", NOW + 5, "503")), None, "resting"),
        (view(RestView("model", "gpt-5", NOW + 5, "429")), None, "ready"),
        (view(RestView("account", "", NOW + 5, "429"), disabled=True), None, "disabled"),
        (view(), token(disabled=True), "disabled"),
        (view(), token(), "ready"),
    ],
)
def test_states(one: AccountView, signed: TokenFile | None, state: str) -> None:
    assert shown(one, signed, NOW)["state"] == state


def test_everything_of_one() -> None:
    found = shown(
        view(RestView("account", "", NOW + 5, "429"), quota=10), token(email="a@example.com", plan="plus"), NOW
    )
    assert found == {
        "account": "a",
        "provider": "openai",
        "kind": "signed-in",
        "who": "a@example.com",
        "plan": "plus",
        "expires": None,
        "state": "resting",
        "resting_until": "1970-01-12T13:46:45+00:00",
        "resting": [{"scope": "account", "model": "", "until": "1970-01-12T13:46:45+00:00", "reason": "429"}],
        "in_flight": 2,
        "failures": 1,
        "last_error": "429",
        "quota": {"limit": 10, "used": 5, "until": "1970-01-12T13:47:40+00:00"},
    }
    assert "sk-test-token" not in str(found) + str(unused(token(), NOW))


@pytest.mark.parametrize(
    "states, expected",
    [
        ([], "no credential"),
        (["ready", "resting"], "connected"),
        (["resting", "disabled"], "resting"),
        (["sign-in-needed", "disabled"], "sign-in-needed"),
        (["disabled"], "disabled"),
    ],
)
def test_a_provider(states: list[str], expected: str) -> None:
    assert provider_state({"state": state, "resting": []} for state in states) == expected


def test_a_provider_of_which_some_models_rest() -> None:
    limited, free = {"state": "ready", "resting": [{"model": "gpt-5"}]}, {"state": "ready", "resting": []}
    assert provider_state([limited]) == "limited" and provider_state([limited, free]) == "connected"
