"""`cliproxy flows bundle`: a bug report that shows how things were said, not what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from mitmproxy import http

from cliproxy.addons import offline, recordings
from cliproxy.addons.providers import KINDS
from cliproxy.addons.recordings import Chunks, Recorded, Tried
from cliproxy.addons.redact import Redactor

from ..faults import Fault
from .exports.portable import without_key
from .pseudonyms import Pseudonyms, masked
from .secrets import configured_secrets
from .sources import exchange, from_option, id_argument

HEADERS = frozenset({
    "accept", "accept-encoding", "anthropic-beta", "anthropic-version", "cache-control", "content-encoding",
    "content-length", "content-type", "host", "openai-beta", "originator", "retry-after", "retry-after-ms",
    "traceparent", "transfer-encoding", "user-agent", "x-app", "x-cliproxy-lost", "x-cliproxy-strict",
    "x-should-retry", "x-stainless-lang", "x-stainless-os", "x-stainless-package-version",
    "x-stainless-retry-count", "x-stainless-runtime", "x-stainless-runtime-version", "x-stainless-timeout",
})  # fmt: skip
"""Their values are kept; the others' are masked."""
FACTS = frozenset({
    "asked", "began", "first_byte", "format", "id", "lost", "model", "operation", "provider", "provider_format",
    "same", "seconds", "status", "stream", "tokens",
})  # fmt: skip


@click.command("bundle")
@id_argument
@from_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write. Default: bundle-ID.flow.")
def command(id: str, path: str | None, output: Path | None) -> None:
    """A bug report: one exchange, pseudonymised, that can be replayed.

    Every letter that was said is masked, on both sides alike: texts, arguments, results, addresses of your own. What a
    defect can hang on is kept: the JSON with its keys and spacing, ids, names of tools, models, lengths, times. Look at
    it before you send it: `cliproxy flows show last --from bundle-ID.flow --as provider`.
    """
    made = pseudonymised(exchange(id, path), Redactor(configured_secrets()))
    target = output or Path(f"bundle-{made.id}{recordings.SUFFIX}")
    try:
        recordings.write_file(target, made)
    except OSError as fault:
        raise Fault(f"{target} cannot be written: {(fault.strerror or 'unknown reason').lower()}.") from None
    click.echo(f"Wrote {target}: one exchange with {len(made.attempts)} attempt{'s' * (len(made.attempts) != 1)}.")
    for side in offline.compared(made):
        click.echo(f"  replayed offline, {side.part}: {side.verdict}{''.join(f'; {told}' for told in side.told)}")


def pseudonymised(one: Recorded, redactor: Redactor) -> Recorded:
    facts = {name: value for name, value in one.facts.items() if name in FACTS}
    provider = str(one.facts.get("provider", ""))
    facts["attempts"] = [_outcome(told, n) for n, told in enumerate(one.facts.get("attempts") or (), 1)]
    return Recorded(
        {**facts, "client": "client", "version": version("cliproxy")},
        _request(one.request, redactor),
        _response(one.response, redactor) if one.response else None,
        tuple(_tried(tried, n, provider, redactor) for n, tried in enumerate(one.attempts, 1)),
        masked(one.error),
    )


def _outcome(told: Any, number: int) -> Any:
    """The account's label may be a person's name; how a connection failed may hold an address."""
    if not isinstance(told, Mapping):
        return {}
    failure = str(told.get("failure", "")).partition(" ")[0]
    return {**told, "credential": f"account-{number}", "failure": failure}


def _tried(tried: Tried, number: int, provider: str, redactor: Redactor) -> Tried:
    request = _request(tried.request, redactor)
    if provider not in KINDS or urlsplit(KINDS[provider].default_base_url).hostname != request.host:
        request.host = request.host_header = "provider.example"
    response = _response(tried.response, redactor) if tried.response else None
    chunks = cut(tried.chunks, response.get_content(strict=False) or b"") if response else ()
    return replace(tried, request=request, response=response, chunks=chunks, account=f"account-{number}")


def cut(chunks: Chunks, content: bytes) -> Chunks:
    """`content` in pieces as `chunks` were; where a length changed, the last piece takes the rest."""
    ends = [min(end, len(content)) for end in accumulate(len(data) for _, data in chunks)]
    cuts = [0, *ends[:-1], len(content)] if ends else []
    times = (at for at, _ in chunks)
    return tuple((at, content[start:end]) for at, (start, end) in zip(times, pairwise(cuts), strict=True))


def _request(request: http.Request, redactor: Redactor) -> http.Request:
    made = redactor.request(request)
    made.path = without_key(made.path)
    _mask(made)
    return made


def _response(response: http.Response, redactor: Redactor) -> http.Response:
    made = redactor.response(response)
    _mask(made)
    return made


def _mask(message: http.Message) -> None:
    fields = message.headers.items(multi=True)
    kept = ((name, value if name.lower() in HEADERS else masked(value)) for name, value in fields)
    message.headers = http.Headers((name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in kept)
    if message.data.content is not None:
        message.data.content = Pseudonyms().body(message.data.content)
