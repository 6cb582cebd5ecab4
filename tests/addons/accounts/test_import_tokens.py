from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from authorization_server import id_token

from cliproxy.addons.accounts.import_tokens import SOURCES, Unusable, tokens_of
from cliproxy.addons.accounts.token_files import parse


def source(folder: Path, provider: str, content: Any) -> Path:
    path = folder / SOURCES[provider].place
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_codex(tmp_path: Path) -> None:
    told = id_token({"email": "ann@example.com", "https://api.openai.com/auth": {"chatgpt_plan_type": "pro"}})
    access = id_token({"exp": 1_800_000_000})
    tokens = {"id_token": told, "access_token": access, "refresh_token": "sk-test-r", "account_id": "acc-1"}
    fields = tokens_of("openai", source(tmp_path, "openai", {"OPENAI_API_KEY": None, "tokens": tokens}))
    assert fields == {**tokens, "email": "ann@example.com", "plan": "pro", "expires_at": 1_800_000_000}


def test_claude_code(tmp_path: Path) -> None:
    section = {
        "accessToken": "sk-test-a",
        "refreshToken": "sk-test-r",
        "expiresAt": 1_800_000_000_500,
        "scopes": ["user:inference"],
        "subscriptionType": "max",
    }
    fields = tokens_of("anthropic", source(tmp_path, "anthropic", {"claudeAiOauth": section}))
    assert fields == {
        "access_token": "sk-test-a",
        "refresh_token": "sk-test-r",
        "expires_at": 1_800_000_000,
        "plan": "max",
    }


@pytest.mark.parametrize("provider", ["gemini", "qwen"])
def test_gemini_cli_and_qwen_code(tmp_path: Path, provider: str) -> None:
    found = {
        "access_token": "sk-test-a",
        "refresh_token": "sk-test-r",
        "id_token": id_token({"email": "ann@example.com"}),
        "expiry_date": 1_800_000_000_000,
        "scope": "openid",
    }
    more = {"resource_url": "portal.example.com"} if provider == "qwen" else {}
    fields = tokens_of(provider, source(tmp_path, provider, {**found, **more}))
    expected = {"access_token", "refresh_token", "id_token", "email", "expires_at", *more}
    assert set(fields) == expected and fields["expires_at"] == 1_800_000_000
    name = Path(f"{provider}_token.json")
    assert parse(name, json.dumps(fields).encode()).who == "ann@example.com"


@pytest.mark.parametrize(
    "content, told",
    [
        ("{", "is not valid JSON"),
        ("[]", "holds no sign-in of Codex"),
        ({"tokens": 5}, "holds no sign-in of Codex"),
        ({"OPENAI_API_KEY": "sk-test-key", "tokens": {"access_token": ""}}, "holds no sign-in of Codex"),
    ],
)
def test_a_file_without_a_sign_in(tmp_path: Path, content: Any, told: str) -> None:
    with pytest.raises(Unusable, match=told) as raised:
        tokens_of("openai", source(tmp_path, "openai", content))
    assert "sk-test" not in str(raised.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        tokens_of("openai", tmp_path / "none")
