"""What becomes of each feature on the way from each client format to each upstream format: done, not looked up.

A request is said in the client's format, read, told to the upstream's format as the gateway does it, and read again
there. What the gateway says about losses must be what then is seen: else `Contradiction`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from feature_requests import OWN_WORDS, REQUESTS, after

from cliproxy.addons.upstreams import Target, Upstream
from cliproxy.translators import ir, names, opaque, repair, wire
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.losses import FEATURES, fatal, features, losses

SEAL = "c2VhbGVkIHJlYXNvbmluZw=="
MODELS = {"anthropic": "claude-sonnet-4-6", "gemini": "gemini-3-pro"}
"""Of those that take most of what their format can say. OpenAI's formats don't look at the name."""
PROVIDERS = {"openai_chat": "openrouter"}
"""The like, of servers that speak a format."""

FEATURE_OF = {"thinking effort": "thinking", "thinking budget": "thinking", "thinking off": "thinking"}
"""Cases of one feature. Others that are no feature are just said, and must arrive."""
OWN = {"own field", "own part", "own tool", "several prompts", "suffix"}
"""What only one format has words for: the loss is named by the format and the path."""


class Contradiction(AssertionError):
    """What SUPPORTS says is not what happened."""


def model(fmt: Format) -> str:
    return MODELS.get(fmt.NAME, "gpt-5.1")


def target(upstream: Format, request: ir.Request) -> Target:
    """As the gateway itself asks it."""
    return Upstream(PROVIDERS.get(upstream.NAME, upstream.NAME), (upstream,), "").target(upstream, request)


# -- a request, as the client says it -----------------------------------------------------


def said(client: Format, upstream: Format, name: str) -> ir.Request | None:
    """None where the client's format can't ask for it."""
    body = _body(client, upstream, name)
    if body is None:
        return None
    request = client.parse_request(wire.loads(wire.dumps(body)), client.endpoint(ir.Request(model(client))))
    feature = FEATURE_OF.get(name, name)
    if feature in FEATURES and feature not in features(request, upstream.NAME):
        return None
    return replace(request, model=model(upstream))


def _body(client: Format, upstream: Format, name: str) -> ir.Json | None:
    if own := OWN_WORDS[client.NAME].get(name):
        return own
    if name in OWN:
        return None
    request = replace(_sealed(client, upstream).get(name) or REQUESTS[name], model=model(client))
    return client.render_request(request)


def _sealed(client: Format, upstream: Format) -> dict[str, ir.Request]:
    """Seals are good where they were made: the client's own goes nowhere, the upstream's comes home."""
    theirs = opaque.pack(ir.Opaque(upstream.NAME, SEAL))
    return {
        "reasoning.opaque": after(ir.Reasoning("I ponder", ir.Opaque(client.NAME, SEAL, "rs_1")), ir.Text("hi")),
        "foreign seal": after(ir.Reasoning("I ponder", ir.Opaque(client.NAME, theirs, "rs_1")), ir.Text("hi")),
    }


# -- and what comes of it -----------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """`lost`: what the gateway says; `sent`: the body for the upstream, `read`: as its own format reads it."""

    request: ir.Request
    lost: list[str]
    sent: bytes = b""
    read: ir.Request | None = None


def passage(client: Format, upstream: Format, name: str) -> Passage | None:
    request = said(client, upstream, name)
    if request is None:
        return None
    lost = losses(request, target(upstream, request))
    if fatal(lost):
        return Passage(request, lost)
    request = replace(request, messages=repair.repaired(request.messages))
    told = names.renamed(request, names.aliases(request, upstream.TOOL_NAME))
    sent = wire.dumps(upstream.render_request(told))
    return Passage(request, lost, sent, upstream.parse_request(wire.loads(sent), upstream.endpoint(told)))
