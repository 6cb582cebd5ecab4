"""`cliproxy flows bundle`: nothing that was said, everything that it takes to replay it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from kept_flows import as_today, folder, run, said, streamed
from recorded_exchanges import translated
from running import gateway

from cliproxy.addons import recordings
from cliproxy.cli.flows.bundle import cut


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_translated_stream_is_bundled_and_translates_to_the_same(tmp_path: Path) -> None:
    done = run("flows", "bundle", "last", "--from", folder(tmp_path / "f", as_today(translated())))
    assert done.output.splitlines() == [
        "Wrote bundle-1a2b3c4d.flow: one exchange with 2 attempts.",
        "  replayed offline, request: bytes",
        "  replayed offline, answer: bytes",
    ]
    file = tmp_path / "bundle-1a2b3c4d.flow"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for word in (b"Paris", b"terse", b"laptop", b"openai-2", b"Hello", b"Tells the weather"):
        assert word not in file.read_bytes(), word
    (one,) = recordings.load(file)
    assert [tried.account for tried in one.attempts] == ["account-1", "account-2"]
    assert recordings.body(one.request)["tools"][0]["name"] == "get_weather"
    assert [at for at, _ in one.chunks] == [at for at, _ in translated().chunks]


def test_it_takes_the_providers_place(tmp_path: Path) -> None:
    run("flows", "bundle", "last", "--from", folder(tmp_path / "f", streamed()), "-o", tmp_path / "b" / ".." / "x.flow")
    (tmp_path / "b").mkdir()
    run("flows", "bundle", "last", "--from", tmp_path / "f", "-o", tmp_path / "b" / "x.flow")
    (one,) = recordings.load(tmp_path / "b" / "x.flow")
    with gateway(None, "--replay", str(tmp_path / "b"), "--speed", "0") as running:
        import httpx

        headers = {"content-type": "application/json"}
        answer = httpx.post(
            f"{running.url}/v1/chat/completions", content=one.request.content, headers=headers, timeout=20
        )
    assert answer.status_code == 200 and b"Xxxxx" in answer.content


def test_an_address_of_ones_own_is_not_told(tmp_path: Path) -> None:
    one = said("aa", [{"role": "user", "content": "Hi"}], **{"x-team": "Nora", "user-agent": "curl/8"})
    one.attempts[0].request.url = "http://nora.internal:8000/v1/chat/completions?key=k"
    run("flows", "bundle", "aa", "--from", folder(tmp_path / "f", one))
    assert b"nora" not in (tmp_path / "bundle-aa.flow").read_bytes().lower()
    (made,) = recordings.load(tmp_path / "bundle-aa.flow")
    assert made.attempts[0].request.url == "http://provider.example:8000/v1/chat/completions"
    assert made.request.headers["user-agent"] == "curl/8"


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    where = folder(tmp_path / "f", streamed())
    refused = run("flows", "bundle", "last", "--from", where, "-o", tmp_path / "none" / "x.flow")
    assert refused.exit_code == 2 and "cannot be written: no such file or directory." in refused.output


def test_pieces_are_as_they_were_unless_a_length_changed() -> None:
    chunks = ((0.1, b"abc"), (0.2, b"de"))
    assert cut(chunks, b"xxxyy") == ((0.1, b"xxx"), (0.2, b"yy"))
    assert cut(chunks, b"xxxxxxx") == ((0.1, b"xxx"), (0.2, b"xxxx"))
    assert cut(chunks, b"x") == ((0.1, b"x"), (0.2, b""))
    assert cut((), b"") == ()
