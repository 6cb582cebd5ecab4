from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authorization_server import Server, authorization_server, id_token
from click.testing import CliRunner, Result

from cliproxy.addons.accounts import token_files
from cliproxy.addons.accounts.cooldowns import Rest
from cliproxy.addons.accounts.shared_pool import TABLE, written
from cliproxy.addons.accounts.token_files import fingerprint
from cliproxy.addons.state.shared import opened
from cliproxy.cli.main import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CONFIG_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    auths(tmp_path).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server() as one:
        yield one


def auths(home: Path) -> Path:
    return home / ".cli-proxy-api" / "auths"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["accounts", *words])


def account(home: Path, name: str = "openai_token.json", **fields: Any) -> Path:
    path = auths(home) / name
    path.write_text(json.dumps({"access_token": "sk-test-a", "refresh_token": "sk-test-r", **fields}))
    return path


def test_none(home: Path) -> None:
    result = run()
    assert (result.exit_code, result.output) == (
        0,
        "No account is signed in; `cliproxy login PROVIDER` signs one in.\n",
    )


def test_the_list(home: Path) -> None:
    account(home, email="ann@example.com", plan="plus", expires_at=4_000_000_000)
    refused = {"refused": fingerprint("sk-test-r"), "last_error": "invalid_grant"}
    account(home, "openai_token.work.json", **refused)
    account(home, "gemini_token.json", disabled=True)
    account(home, "qwen_token.json", expires_at=5)
    (auths(home) / "anthropic_token.json").write_text("{")
    result = run()
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["account", "who", "plan", "state", "expires", "resting", "until", "last", "error"],
        ["gemini-account", "-", "-", "disabled", "-", "-", "-"],
        ["openai-account", "ann@example.com", "plus", "ready", "2096-10-02T07:06:40Z", "-", "-"],
        ["openai-account.work", "-", "-", "sign", "in", "again", "-", "-", "invalid_grant"],
        ["qwen-account", "-", "-", "expired", "1970-01-01T00:00:05Z", "-", "-"],
    ]
    assert result.stderr == "anthropic_token.json is not valid JSON.\n"
    assert "sk-test" not in result.output


def test_the_list_as_json(home: Path) -> None:
    account(home, email="ann@example.com")
    (row,) = json.loads(run("--json").stdout)
    assert (row["account"], row["who"], row["state"], row["expires"]) == (
        "openai-account",
        "ann@example.com",
        "ready",
        None,
    )
    assert "sk-test" not in json.dumps(row)


async def _told(provider: str, id: str) -> None:
    """What a gateway tells the others."""
    store = opened("")
    now = time.time()
    rest = Rest(now, 4_000_000_000.0, "limited", 429)
    await store.update(TABLE, f"rests/{provider}", lambda _: {id: {"": written(rest)}})
    await store.close()


def test_who_rests_as_gateways_have_told(home: Path) -> None:
    account(home)
    account(home, "openai_token.work.json")
    asyncio.run(_told("openai", "openai-account"))
    resting, ready = json.loads(run("--json").stdout)
    assert (resting["state"], resting["resting_until"]) == ("resting", "2096-10-02T07:06:40Z")
    assert resting["last_error"] == "its rate limit is reached (429)"
    assert (ready["state"], ready["resting_until"], ready["last_error"]) == ("ready", None, "")


def test_disable_enable_remove(home: Path) -> None:
    path = account(home, note="mine")
    assert run("disable", "openai-account").output == "openai-account is disabled.\n"
    assert token_files.read(path).disabled and token_files.read(path).fields["note"] == "mine"
    assert run("enable", "openai_token.json").exit_code == 0
    assert "disabled" not in token_files.read(path).fields
    assert run("remove", "openai-account").output == "openai-account is removed.\n"
    assert token_files.listed(auths(home)) == []


def test_an_account_that_is_not_there(home: Path) -> None:
    account(home)
    for command in ("remove", "disable", "enable", "refresh"):
        result = run(command, "openai-account.work")
        assert result.exit_code == 2
        assert "There is no account 'openai-account.work'; there are: openai-account." in result.output


def test_refresh(home: Path, server: Server) -> None:
    settings = json.dumps({"oauth": {"openai": server.settings()}})
    (home / "config.yaml").write_text(settings)
    path = account(home, **server.file())
    before = token_files.read(path)
    result = run("refresh", "openai-account")
    after = token_files.read(path)
    assert result.output == f"openai-account has a new token until {token_files.stamp(after.expires_at or 0)}.\n"
    assert server.valid(after.access_token) and after.access_token != before.access_token
    server.tokens[-1].revoked = True
    result = run("refresh", "openai-account")
    assert (result.exit_code, result.output) == (2, "openai-account: sign in again: invalid_grant\n")


def test_import(home: Path) -> None:
    result = run("import")
    assert result.exit_code == 2 and "Nothing to import: there is none of ~/.codex/auth.json" in result.output
    (home / ".codex").mkdir()
    told, access = id_token({"email": "ann@example.com"}), id_token({"exp": int(time.time()) + 60})
    tokens = {"id_token": told, "access_token": access, "refresh_token": "sk-test-r", "account_id": "acc-1"}
    (home / ".codex" / "auth.json").write_text(json.dumps({"tokens": tokens}))
    result = run("import")
    assert result.output == "openai-account: the sign-in of Codex (ann@example.com) is taken over.\n"
    kept = token_files.read(auths(home) / "openai_token.json")
    assert (kept.access_token, kept.account_id, kept.path.stat().st_mode & 0o777) == (access, "acc-1", 0o600)


def test_import_of_one_file_under_a_label(home: Path) -> None:
    (home / "other.json").write_text(json.dumps({"claudeAiOauth": {"accessToken": "sk-test-a", "expiresAt": 1000}}))
    assert run("import", "claude", "--from", "other.json", "--label", "team").exit_code == 0
    assert token_files.read(auths(home) / "anthropic_token.team.json").access_token == "sk-test-a"
    for words, told in (
        (["import", "claude"], "cannot be read"),
        (["import", "--label", "x"], "need a PROVIDER"),
        (["import", "claude", "--from", "other.json", "--label", "a/b"], "may only have"),
    ):
        result = run(*words)
        assert (result.exit_code, told in result.output) == (2, True), result.output


def test_a_damaged_configuration_is_told(home: Path) -> None:
    (home / "config.yaml").write_text("nonsense: 1")
    result = run()
    assert result.exit_code == 2 and "nonsense" in result.output
