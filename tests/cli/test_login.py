from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from authorization_server import Server, authorization_server
from running import free_port

from cliproxy.addons.accounts import token_files


@pytest.fixture
def server() -> Iterator[Server]:
    with authorization_server(free_port()) as one:
        yield one


class Login:
    """`cliproxy login` as a user has it before them."""

    def __init__(self, home: Path, server: Server, *words: str, stdin: Any = subprocess.PIPE) -> None:
        (home / "config.yaml").write_text(yaml.safe_dump({"oauth": {"openai": server.settings()}}))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cliproxy.cli", "login", *words],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=home,
            env={**os.environ, "HOME": str(home), "PYTHONUNBUFFERED": "1", "BROWSER": "true"},
        )
        self.said = ""

    def until(self, pattern: str) -> re.Match[str]:
        assert self.process.stdout
        while not (found := re.search(pattern, self.said)):
            line = self.process.stdout.readline()
            assert line, f"it ended without {pattern!r}:\n{self.said}"
            self.said += line
        return found

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> int:
        assert self.process.stdout
        self.said += self.process.stdout.read()
        return self.process.wait(20)


@pytest.fixture
def login(tmp_path: Path, server: Server) -> Iterator[Any]:
    begun: list[Login] = []

    def begin(*words: str, **more: Any) -> Login:
        begun.append(Login(tmp_path, server, *words, **more))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdin, one.process.stdout):
            if pipe:
                pipe.close()


def auths(home: Path) -> Path:
    return home / ".cli-proxy-api" / "auths"


def test_the_browser_comes_back(tmp_path: Path, server: Server, login: Any) -> None:
    one = login("chatgpt", stdin=subprocess.DEVNULL)
    url = one.until(r"http\S+/authorize\S+")[0]
    one.until("Paste here")
    assert "close this page" in httpx.get(server.agree(url).replace("localhost", "127.0.0.1")).text
    assert one.end() == 0
    assert "Signed in as openai-account" in one.said
    assert server.valid(token_files.read(auths(tmp_path) / "openai_token.json").access_token)


def test_the_address_is_pasted_also_after_a_slip(tmp_path: Path, server: Server, login: Any) -> None:
    one = login("openai", "--no-browser", "--label", "work")
    address = server.agree(one.until(r"http\S+/authorize\S+")[0])
    one.type("what is this?")
    one.until("is not the one of this|There is no code")
    one.type(address)
    assert one.end() == 0
    assert token_files.read(auths(tmp_path) / "openai_token.work.json").access_token
    assert "sk-test" not in one.said


def test_a_port_in_use_leaves_the_pasting(tmp_path: Path, server: Server, login: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(server.redirect_uri.rsplit(":", 1)[1].split("/")[0])))
        taken.listen()
        one = login("openai", "--no-browser")
        one.until("in use: the browser cannot come back. Paste the address instead")
        one.type(server.agree(one.until(r"http\S+/authorize\S+")[0]))
        assert one.end() == 0
        without_input = login("openai", "--no-browser", stdin=subprocess.DEVNULL)
        assert without_input.end() == 2
    assert "Nothing was pasted; without a terminal use --device" in without_input.said


def test_a_code_for_another_device(tmp_path: Path, server: Server, login: Any) -> None:
    one = login("openai", "--device", stdin=subprocess.DEVNULL)
    server.grants[one.until(r"type in the code (\S+)")[1]] = True
    assert one.end() == 0
    assert token_files.read(auths(tmp_path) / "openai_token.json").access_token


def test_a_refusal_is_one_sentence(tmp_path: Path, server: Server, login: Any) -> None:
    one = login("openai", "--no-browser")
    one.until("Paste here")
    one.type("a-wrong-code")
    assert one.end() == 2
    assert "ChatGPT did not let us in: invalid_grant" in one.said
    assert "Traceback" not in one.said


@pytest.mark.parametrize(
    "words, told",
    [
        (["gemini"], "Gemini: oauth.gemini.client-id and oauth.gemini.client-secret must be set"),
        (["claude", "--device"], "Claude has no device flow that is known"),
        (["mistral"], "is not one of"),
        (["openai", "--label", "a/b"], "'a/b' is no label"),
    ],
)
def test_what_cannot_begin_says_why(login: Any, words: list[str], told: str) -> None:
    one = login(*words, stdin=subprocess.DEVNULL)
    assert one.end() == 2
    assert told in one.said
