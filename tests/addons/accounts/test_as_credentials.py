from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cliproxy.addons.accounts.as_credentials import credential, shape, with_accounts
from cliproxy.addons.accounts.token_files import TokenFile, fingerprint
from cliproxy.addons.routes import Routes
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import parse


def token(provider: str = "openai", label: str = "", **fields: Any) -> TokenFile:
    whole = {"access_token": "sk-test-a", "refresh_token": "sk-test-r", **fields}
    return TokenFile(Path(f"{provider}_token.json"), provider, label, whole)


@pytest.mark.parametrize(
    "account, entrance, url",
    [
        (token("openai"), "chatgpt", "https://chatgpt.com/backend-api/codex"),
        (token("anthropic"), "claude", "https://api.anthropic.com"),
        (token("gemini"), "code-assist", "https://cloudcode-pa.googleapis.com"),
        (token("qwen"), "qwen-portal", "https://portal.qwen.ai/v1"),
    ],
)
def test_an_account_goes_through_its_own_door(account: TokenFile, entrance: str, url: str) -> None:
    routes = Routes(with_accounts(Settings(), [account]))
    (found,) = routes.credentials()
    upstream = routes.entrance(found)
    assert upstream and (upstream.name, found.base_url or upstream.base_url) == (entrance, url)
    assert (found.id, found.secret) == (account.id, "sk-test-a")
    assert found.provider == account.provider


def test_what_a_door_must_know_of_an_account() -> None:
    assert dict(credential(token(account_id="acc-1")).headers) == {"chatgpt-account-id": "acc-1"}
    assert dict(credential(token("anthropic", account_id="u-1")).headers) == {}
    assert credential(token("gemini", project_id="p-1")).project == "p-1"
    assert credential(token("qwen", resource_url="portal.example.com")).base_url == "https://portal.example.com/v1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "evil", "a.test@b.test", "a.test?x", "a.test#x", ""])
def test_a_host_that_is_none_is_not_taken(url: str) -> None:
    assert credential(token("qwen", resource_url=url)).base_url == ""


def test_accounts_come_after_the_keys_and_the_disabled_not_at_all() -> None:
    settings = parse("openai: {api-key: sk-test-key}", {}).settings
    found = with_accounts(settings, [token(), token(label="work"), token(label="off", disabled=True)])
    assert [one.label for one in found.credentials("openai")] == ["openai-1", "openai-account", "openai-account.work"]
    assert settings.credentials("openai") != found.credentials("openai")


def test_where_recordings_answer_nobody_signs_in() -> None:
    settings = parse("openai: {replay: ./flows}", {}).settings
    assert with_accounts(settings, [token()]) == settings


def test_what_the_user_writes_into_the_file_holds_as_far_as_it_is_sound() -> None:
    own = {"weight": 3, "priority": -1, "quota": 1000, "models": ["gpt-5*"], "proxy": "http://127.0.0.1:3128"}
    found = credential(token(**own))
    assert (found.weight, found.priority, found.quota, found.models, found.proxy) == (
        3,
        -1,
        1000,
        ("gpt-5*",),
        "http://127.0.0.1:3128",
    )
    unsound = {"weight": 0, "priority": "high", "quota": True, "models": "gpt-5", "proxy": "socks5://a"}
    assert credential(token(**unsound)) == credential(token())


def test_a_service_account_is_let_in_by_the_door_of_accounts() -> None:
    settings = parse("vertex: {project: p-1, location: europe-west4, service-account: v.json}", {}).settings
    assert list(Routes(settings).credentials()) == []
    routes = Routes(with_accounts(settings, []))
    (found,) = routes.credentials()
    upstream = routes.entrance(found)
    assert upstream and (upstream.name, upstream.project) == ("vertex-account", "p-1")
    assert (found.base_url or upstream.base_url) == "https://europe-west4-aiplatform.googleapis.com"


def test_a_new_token_is_no_other_account_but_a_new_sign_in_is() -> None:
    before = token(account_id="acc-1")
    assert shape(before) == shape(replace(before, fields={**before.fields, "access_token": "sk-test-b", "note": 1}))
    for change in (
        {"account_id": "acc-2"},
        {"disabled": True},
        {"refused": fingerprint("sk-test-r")},
        {"project_id": "p"},
    ):
        assert shape(before) != shape(replace(before, fields={**before.fields, **change}))
