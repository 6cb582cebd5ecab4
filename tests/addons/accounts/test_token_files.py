from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cliproxy.addons.accounts import token_files
from cliproxy.addons.accounts.token_files import Damaged, TokenFile, fingerprint, parse

NOW = 1_800_000_000.0


def token(**fields: Any) -> TokenFile:
    whole = {"access_token": "sk-test-a", "refresh_token": "sk-test-r", **fields}
    return parse(Path("openai_token.json"), json.dumps(whole).encode())


@pytest.mark.parametrize(
    "name, provider, label, id",
    [
        ("openai_token.json", "openai", "", "openai-account"),
        ("anthropic_token.json", "anthropic", "", "anthropic-account"),
        ("gemini_token.json", "gemini", "", "gemini-account"),
        ("openai_token.work.json", "openai", "work", "openai-account.work"),
        ("qwen_token.ann@example.com.json", "qwen", "ann@example.com", "qwen-account.ann@example.com"),
    ],
)
def test_a_name_says_provider_and_label(tmp_path: Path, name: str, provider: str, label: str, id: str) -> None:
    (tmp_path / name).write_text('{"access_token": "sk-test-a"}')
    (found,) = token_files.read_all(tmp_path)[0]
    assert (found.provider, found.label, found.id) == (provider, label, id)
    assert token_files.path_of(tmp_path, provider, label) == tmp_path / name


@pytest.mark.parametrize(
    "name",
    ["openai.json", "mistral_token.json", ".openai_token.json.new", "openai_token..json", "openai_token.a/b.json"],
)
def test_other_files_are_none_of_ours(tmp_path: Path, name: str) -> None:
    if "/" not in name:
        (tmp_path / name).write_text("{}")
    assert token_files.listed(tmp_path) == []


def test_no_folder_is_no_accounts(tmp_path: Path) -> None:
    assert token_files.read_all(tmp_path / "none") == ([], [])


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "is not valid JSON"),
        (b'{"access_token": "sk-test-secret-of-mi', "is not valid JSON"),
        (b"[]", "must hold a JSON object"),
        (b"{}", "neither an access_token nor a refresh_token"),
        (b'{"access_token": 5}', "neither an access_token nor a refresh_token"),
        (b'{"access_token": "sk-test-secret-of-mine\\r\\nx: y"}', "characters that no token has"),
        (b"[" * 100_000, "is not valid JSON"),
        (b" " * (token_files.LONGEST + 1), "too long"),
    ],
)
def test_a_damaged_file_is_told_without_its_content(content: bytes, told: str) -> None:
    with pytest.raises(Damaged, match=told) as raised:
        parse(Path("openai_token.json"), content)
    assert "mine" not in str(raised.value)


def test_a_damaged_file_does_not_keep_the_others_from_being_read_and_stays(tmp_path: Path) -> None:
    (tmp_path / "openai_token.json").write_text("{")
    (tmp_path / "gemini_token.json").write_text('{"access_token": "sk-test-a"}')
    tokens, faults = token_files.read_all(tmp_path)
    assert [one.provider for one in tokens] == ["gemini"]
    assert [str(fault) for fault in faults] == ["openai_token.json is not valid JSON."]
    assert (tmp_path / "openai_token.json").read_text() == "{"


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"expires_at": 1_800_000_100}, NOW + 100),
        ({"expires_at": "2027-01-15T08:01:40Z"}, NOW + 100),
        ({"expired": "2027-01-15T08:01:40+00:00"}, NOW + 100),
        ({"expiry": "2027-01-15T10:01:40+02:00"}, NOW + 100),
        ({"expiry_date": 1_800_000_100_000}, NOW + 100),
        ({"token": {"expiry": "2027-01-15T08:01:40Z"}}, NOW + 100),
        ({"expires_at": None, "expired": "2020-01-01T00:00:00Z"}, None),
        ({"expires_at": "soon"}, None),
        ({"expires_at": True}, None),
        ({}, None),
    ],
)
def test_the_end_of_a_token_is_read_as_other_programs_write_it_too(fields: Any, expected: float | None) -> None:
    assert token(**fields).expires_at == expected


@pytest.mark.parametrize(
    "lifetime, left, due",
    [
        (3600, 301, False),
        (3600, 300, True),
        (3600, -5, True),
        (10, 2.1, False),  # of a short life the last fifth, not all of it
        (10, 2, True),
        (None, 301, False),
        (None, 299, True),
    ],
)
def test_a_token_is_due_a_while_before_its_end(lifetime: float | None, left: float, due: bool) -> None:
    end = NOW + left
    issued = {} if lifetime is None else {"last_refresh": end - lifetime}
    assert token(expires_at=end, **issued).due(NOW) is due


def test_a_token_without_an_end_is_never_due() -> None:
    assert not token().due(NOW)
    assert not token().expired(NOW)


def test_only_the_very_refresh_token_that_was_refused_needs_a_new_sign_in() -> None:
    assert token(refused=fingerprint("sk-test-r")).sign_in_needed
    assert not token(refused=fingerprint("sk-test-other")).sign_in_needed
    assert not token().sign_in_needed


def test_nested_google_tokens_are_read() -> None:
    found = parse(Path("gemini_token.json"), b'{"token": {"access_token": "sk-test-a", "refresh_token": "sk-test-r"}}')
    assert (found.access_token, found.refresh_token) == ("sk-test-a", "sk-test-r")


def test_no_token_is_in_a_repr() -> None:
    assert "sk-test" not in repr(token())


def test_what_is_written_is_for_its_owner_alone_and_replaces_all(tmp_path: Path) -> None:
    path = tmp_path / "openai_token.json"
    path.write_text("what was there")
    path.chmod(0o644)
    token_files.write(path, {"access_token": "sk-test-a", "note": "ü"})
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {"access_token": "sk-test-a", "note": "ü"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["openai_token.json"]


def test_a_new_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    token_files.make_folder(tmp_path / "a" / "auths")
    assert (tmp_path / "a" / "auths").stat().st_mode & 0o777 == 0o700


WRITER = """
import itertools, sys
from pathlib import Path
from cliproxy.addons.accounts import token_files
path = Path(sys.argv[1])
for number in itertools.count():
    token_files.write(path, {"access_token": f"sk-test-{number}", "filler": str(number) * 20000, "number": number})
    if number == 0:
        print("ready", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_the_file_is_whole_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    """A hundred writers, each killed while it writes over and over; a scratch file that stays shows where."""
    path, hit = tmp_path / "openai_token.json", 0
    for round in range(100):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout and writer.stdout.readline() == "ready\n"
            time.sleep(0.0005 * (round % 25))
            writer.send_signal(signal.SIGKILL)
        fields = token_files.read(path).fields
        assert fields["filler"] == str(fields["number"]) * 20000
        left = {each.name for each in tmp_path.iterdir()}
        assert left <= {path.name, f".{path.name}.new"}
        hit += len(left) - 1
    assert hit, "no writer was killed in the middle of a write"
