"""Folders of recordings, for the commands that read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from exchanges import PATHS, request
from mitmproxy import http
from recorded_exchanges import FACTS, STREAM, timed
from wires import chat, chat_pieces

from cliproxy.addons import offline, preparation, recordings, retranslate
from cliproxy.addons.recordings import Recorded, Tried
from cliproxy.cli.main import main


def folder(path: Path, *kept: Recorded) -> Path:
    for one in kept:
        recordings.write(path, one)
    return path


def said(id: str, messages: Iterable[Any], began: float = 0.0, answer: Any = None, **headers: str) -> Recorded:
    """A chat exchange of one format on both sides; `began`: seconds after the others' beginning."""
    body = {"model": "gpt-test", "messages": list(messages)}
    asked = request("POST", PATHS["openai_chat"], body, {"content-type": "application/json", **headers})
    content = (answer or chat()).pieces[0]
    told = http.Response.make(200, content, {"content-type": "application/json"})
    at = FACTS["began"] + began
    facts = {
        **FACTS, "id": id, "format": "openai_chat", "same": True, "lost": [], "began": at, "attempts": [],
        "asked": "gpt-test", "seconds": 1.0,
    }  # fmt: skip
    sent = asked.copy()
    sent.url = "https://api.openai.com/v1/chat/completions"
    return Recorded(facts, asked, told, (Tried(sent, told.copy(), ((0.5, content),), at, "openai-1"),))


def streamed(id: str = "5eed0000") -> Recorded:
    one = said(id, [{"role": "user", "content": "Hi"}])
    body = {**recordings.body(one.request), "stream": True}
    asked = request("POST", PATHS["openai_chat"], body, {"content-type": "application/json"})
    told = http.Response.make(200, b"".join(chat_pieces()), STREAM)
    sent = asked.copy()
    sent.url = "https://api.openai.com/v1/chat/completions"
    attempt = Tried(sent, http.Response.make(200, b"", STREAM), timed(chat_pieces()), one.began, "openai-1")
    return replace(one, request=asked, response=told, attempts=(attempt,))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def told(*arguments: str | Path, code: int = 0) -> Any:
    """What a command says to programs."""
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.output)


def as_today(one: Recorded) -> Recorded:
    """Answered as the code of today answers the client: so nothing differs."""
    call = retranslate.again(one)
    assert call and one.last and not preparation.prepare(call)
    return replace(one, response=offline.answered(one, call, one.last))
