"""Reads and writes legacy completion requests."""

from __future__ import annotations

import re
from typing import Any

from .. import ir
from ..openai_usage import include_usage
from ..wire import Fields, compact, extra_of
from .words import NAME, PATH, SPEAKERS

_DEPLOYMENT = re.compile(r"/deployments/([^/?]+)/")
_NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_INTEGERS = ("max_tokens", "seed")


def endpoint(request: ir.Request) -> str:
    """Base URLs of OpenAI and its like end in ``/v1``."""
    return PATH


def parse_request(body: ir.Json, path: str) -> ir.Request:
    """The prompt becomes one user message. Several prompts are as many answers: `n` says so."""
    fields = Fields(body)
    deployed = _DEPLOYMENT.search(path)  # Azure names the model in the path
    model = fields.text("model", deployed[1]) if deployed else fields.text("model")
    prompt = fields.take("prompt")
    usage = include_usage(fields)
    logprobs, top = _logprobs(fields)
    return ir.Request(
        model,
        _messages(fields, prompt),
        bool(fields.flag("stream")),
        usage,
        stop=fields.texts("stop"),
        n=_answers(fields.integer("n"), prompt),
        logprobs=logprobs,
        top_logprobs=top,
        user=fields.text("user", ""),
        **_settings(fields),
        extra=fields.rest(NAME),
    )


def _settings(fields: Fields) -> dict[str, Any]:
    numbers = {name: fields.number(name) for name in _NUMBERS}
    return {**numbers, **{name: fields.integer(name) for name in _INTEGERS}}


def _messages(fields: Fields, prompt: Any) -> tuple[ir.Message, ...]:
    match prompt:
        case None:
            return ()
        case str(text) | [str(text)]:
            return (ir.Message("user", (ir.Text(text),)),)
        case list():
            # Several prompts, or tokens: no other format can say that, and `losses.FATAL` makes it a refusal.
            return (ir.Message("user", (ir.Foreign(NAME, "prompt", {"prompt": prompt}),)),)
        case _:
            raise fields.fault("prompt", "a string, or a list of strings or tokens", prompt)


def _answers(n: int | None, prompt: Any) -> int | None:
    several = isinstance(prompt, list) and len(prompt) > 1 and not isinstance(prompt[0], int)
    return (n or 1) * len(prompt) if several else n


def _logprobs(fields: Fields) -> tuple[bool | None, int | None]:
    """``logprobs: 3`` asks for the three likeliest tokens; here that are two settings."""
    said = fields.left().get("logprobs")
    if isinstance(said, bool):
        return fields.flag("logprobs"), None
    top = fields.integer("logprobs")
    return (None, None) if top is None else (True, top)


def render_request(request: ir.Request) -> ir.Json:
    rendered = compact({
        "model": request.model,
        "prompt": _prompt(request.messages),
        "stop": list(request.stop) or None,
        "n": _own_n(request),
        "logprobs": (request.top_logprobs or 0) if request.logprobs else None,
        "user": request.user or None,
        **{name: getattr(request, name) for name in (*_NUMBERS, *_INTEGERS)},
    })  # fmt: skip
    if request.stream:
        rendered |= {"stream": True, "stream_options": {"include_usage": True}}
    for key, value in extra_of(request.extra, NAME).items():
        joined = isinstance(value, dict) and isinstance(rendered.get(key), dict)
        rendered[key] = {**rendered[key], **value} if joined else value
    return rendered


def _prompt(messages: tuple[ir.Message, ...]) -> Any:
    """One user's text as it is; a conversation as a script that the assistant shall go on with."""
    match messages:
        case ():
            return None
        case (ir.Message(role="user", parts=(ir.Foreign(format=format, value=value),)),) if format == NAME:
            return value.get("prompt")
        case (ir.Message(role="user") as only,):
            return _text(only)
    script = [f"{SPEAKERS[message.role]}: {said}" for message in messages if (said := _text(message))]
    return "\n\n".join([*script, "Assistant:"])


def _text(message: ir.Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, ir.Text))


def _own_n(request: ir.Request) -> int | None:
    """Without the prompts that `parse_request` counted in."""
    prompt = _prompt(request.messages)
    if request.n is None or not isinstance(prompt, list) or _answers(None, prompt) is None:
        return request.n
    return request.n // len(prompt)
