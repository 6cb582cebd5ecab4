"""Google's own SDK as a judge of what we render: it reads our bytes through a mock transport."""

from __future__ import annotations

import json
import warnings
from typing import Any, NamedTuple

import pytest


class Verdict(NamedTuple):
    """What the SDK made of an answer: joined text and thoughts, calls as (name, args), the rest of the last chunk."""

    text: str
    thoughts: str
    calls: list[tuple[str, Any]]
    finish: str
    usage: tuple[int | None, int | None, int | None, int | None]


class Judge:
    """A google-genai client whose server is a function of ours."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            genai = pytest.importorskip("google.genai", reason="the makers' SDK wants Python 3.13")
        try:
            import httpx2 as httpx
        except ImportError:
            import httpx  # type: ignore[no-redef]
        self.errors = genai.errors
        self._body, self._type, self._status = b"", "application/json", 200
        self.requests: list[Any] = []

        def answer(request: Any) -> Any:
            self.requests.append(request)
            return httpx.Response(self._status, content=self._body, headers={"content-type": self._type})

        options = genai.types.HttpOptions(client_args={"transport": httpx.MockTransport(answer)})
        self.client = genai.Client(api_key="dummy", http_options=options)

    def whole(self, body: Any, status: int = 200) -> Any:
        self._body, self._type, self._status = json.dumps(body).encode(), "application/json", status
        return self.client.models.generate_content(model="gemini-x", contents="hi")

    def stream(self, data: bytes) -> list[Any]:
        self._body, self._type, self._status = data, "text/event-stream", 200
        return list(self.client.models.generate_content_stream(model="gemini-x", contents="hi"))

    def verdict(self, answers: Any) -> Verdict:
        chunks = answers if isinstance(answers, list) else [answers]
        text, thoughts, calls, finish, usage = "", "", [], "", (None, None, None, None)
        for chunk in chunks:
            for candidate in (chunk.candidates or [])[:1]:
                finish = candidate.finish_reason.value if candidate.finish_reason else finish
                for part in (candidate.content.parts if candidate.content else None) or []:
                    if part.function_call:
                        calls.append((part.function_call.name, part.function_call.args))
                    elif part.text:
                        text, thoughts = (text, thoughts + part.text) if part.thought else (text + part.text, thoughts)
            if counts := chunk.usage_metadata:
                usage = (
                    counts.prompt_token_count,
                    counts.candidates_token_count,
                    counts.thoughts_token_count,
                    counts.cached_content_token_count,
                )
        return Verdict(text, thoughts, calls, finish, usage)
