from __future__ import annotations

from typing import Any

import pytest
from authorization_server import id_token

from cliproxy.addons.accounts.identity import claims, expiry, identity


@pytest.mark.parametrize("token", [None, 5, "", "abc", "a.b.c", "a.WzFd.c", "a.ÿ.c"])
def test_what_is_no_jwt_has_no_claims(token: Any) -> None:
    assert claims(token) == {}


def test_chatgpt_tells_account_and_plan_in_its_id_token() -> None:
    auth = {"chatgpt_account_id": "acc-1", "chatgpt_plan_type": "plus"}
    told = id_token({"email": "ann@example.com", "https://api.openai.com/auth": auth})
    assert identity({"id_token": told}) == {"email": "ann@example.com", "plan": "plus", "account_id": "acc-1"}


def test_claude_tells_them_in_its_answer() -> None:
    answer = {"account": {"uuid": "u-1", "email_address": "ann@example.com"}, "organization": {"name": "Ann's"}}
    assert identity(answer) == {"email": "ann@example.com", "account_id": "u-1", "organization": "Ann's"}


@pytest.mark.parametrize("answer", [{}, {"account": 5, "organization": []}, {"id_token": id_token({"email": 5})}])
def test_what_is_not_told_is_left_out(answer: Any) -> None:
    assert identity(answer) == {}


@pytest.mark.parametrize(
    "answer, expected",
    [
        ({"expires_in": 60}, 1060.0),
        ({"expires_in": "60"}, 1060.0),
        ({"expires_in": "soon"}, None),
        ({"access_token": id_token({"exp": 5000})}, 5000.0),
        ({"expires_in": 60, "access_token": id_token({"exp": 5000})}, 1060.0),
        ({"expires_in": True}, None),
        ({}, None),
    ],
)
def test_the_end_of_a_token(answer: Any, expected: float | None) -> None:
    assert expiry(answer, 1000.0) == expected
