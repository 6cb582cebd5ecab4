"""What the gateway knows of one flow, from the client's request to the last byte of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from weakref import WeakKeyDictionary

from mitmproxy import http

from cliproxy.translators import ir
from cliproxy.translators.collect import Collector
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.ir import Json
from cliproxy.translators.splice import member

from .accounts.affinity import Conversation
from .accounts.pool import Credential
from .doors.code_assist import REQUEST
from .endpoints import Operation
from .responses.turn import Turn
from .upstreams import Upstream


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try at one credential: `status` is the HTTP status, or 0 where none came; `seconds` how long it took."""

    credential: str
    provider: str
    status: int
    seconds: float
    failure: str = ""
    model: str = ""

    def __str__(self) -> str:
        outcome = str(self.status or self.failure)
        return f"{self.credential}: {outcome} after {self.seconds:.2f} s"


@dataclass
class Sent:
    """One attempt on the wire. `received`: the provider's bytes, each piece with its time (epoch seconds)."""

    request: http.Request
    credential: str = ""
    began: float = 0.0
    response: http.Response | None = None
    received: list[tuple[float, bytes]] = field(default_factory=list)


@dataclass
class Recording:
    """What was said on both sides: with each provider that was asked, and to the client."""

    attempts: list[Sent] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)

    @property
    def last(self) -> Sent:
        return self.attempts[-1]

    def whole(self, now: float, response: http.Response) -> None:
        """An answer that came in one piece."""
        self.last.received = [(now, response.get_content(strict=False) or b"")]


@dataclass
class Exchange:
    """One request to a provider. `client`: the name of the client's key. `sent`: the client's request as it came."""

    id: str
    client: str
    format: Format
    sent: http.Request
    body: Json
    model: str
    stream: bool
    began: float
    upstream: Upstream
    answer_format: Format
    """The format that the upstream is spoken to in; where it is the client's own, the bytes stay as they are."""
    thinking: ir.Thinking | None = None
    """The amount of reasoning that the model's name asked for: ``model(high)``."""
    strict: bool = False
    enveloped: bool = False
    """The client speaks as to Code Assist: request and answer are members of what is sent."""
    credential: Credential | None = None
    attempt_began: float = 0.0
    tried: set[str] = field(default_factory=set)
    """Credentials that were asked for this model."""
    renewed: set[str] = field(default_factory=set)
    """Credentials whose secret was refused and renewed."""
    alias: str = ""
    """The client's own name for the model, where it is another than the provider's."""
    fallbacks: list[str] = field(default_factory=list)
    """Models to ask when nobody can serve this one, those not asked yet."""
    conversation: Conversation | None = None
    failure: ir.Error | None = None
    """How the last attempt failed, for the client if there is no other."""
    obstacles: list[tuple[float, str]] = field(default_factory=list)
    """Why nobody could be asked for a model, and until when."""
    attempts: list[AttemptRecord] = field(default_factory=list)
    prepared: ir.Request | None = None
    """The request as the provider's format needs it; None where the bytes stay."""
    lost: list[str] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)
    """Tool names as the provider knows them → as the client does."""
    namespaces: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Names that were joined for a provider without namespaces → namespace and name."""
    recording: Recording | None = None
    """What the recorder keeps; None where nothing is recorded."""
    collected: Collector | None = None
    """What a streamed answer has said so far."""
    answer: ir.Response | None = None
    """A whole answer, read."""
    operation: Operation = "generate"
    target: str = ""
    """Where the request goes if not to generate, below the base URL; "" for a count that no provider makes."""
    lasting: bool = False
    """What is made or asked for stays with the account that made it."""
    about: str = ""
    """The id of what is asked for: a file, a batch."""
    pinned: str = ""
    """The one credential that may serve: the owner of what is asked for, or goes on."""
    revoked: bool = False
    """A handler failed: no attempt begins any more."""
    notes: dict[str, str] = field(default_factory=dict)
    """What else a recording says of it."""
    spoiled: bool = False
    """A handler failed between the answer's head and its body: the body must not reach the client."""
    answered_here: bool = False
    """The gateway answered in the provider's stead: nothing is left to translate."""
    over: bool = False
    """Its end was told to those who keep count."""
    turn: Turn | None = None
    """Its place in a conversation; only the Responses API has that."""
    rewritten: bytes | None = None
    """What is sent in place of the client's body where that can't stay as it is."""

    def retarget(self, upstream: Upstream, model: str) -> None:
        """Another provider or model shall answer; what was prepared for the first one no longer holds."""
        self.upstream, self.model = upstream, model
        counter = upstream.counter(self.format, model) if self.operation == "count" else None
        if self.operation == "count":
            self.target = counter.target if counter else ""
        self.answer_format = counter.format if counter else upstream.format_for(self.format, model)
        self.prepared, self.lost, self.names, self.namespaces = None, [], {}, {}

    @property
    def same_format(self) -> bool:
        """Nothing is to be said in other words: the bytes stay."""
        elsewhere = self.turn is not None and self.turn.elsewhere(self.upstream.provider)
        return self.answer_format is self.format and self.thinking is None and not elsewhere

    @property
    def payload(self) -> bytes:
        """The body in the client's format, as it wrote it, or with what it goes on with."""
        if self.rewritten is not None:
            return self.rewritten
        content = self.sent.content or b""
        return content if not self.enveloped else member(content, REQUEST) or b"{}"

    @property
    def uncounted(self) -> bool:
        """A count of tokens that no provider is asked for."""
        return self.operation == "count" and not self.target

    @property
    def usage(self) -> ir.Usage | None:
        """The tokens that the provider counted, as far as it said: of a stream that was cut, perhaps the prompt's."""
        finish = self.collected.finish if self.collected else self.answer.finish if self.answer else None
        if finish and finish.usage:
            return finish.usage
        start = self.collected.start if self.collected else None
        return start.usage if start else None

    @property
    def json_array(self) -> bool:
        """Gemini without ``alt=sse``: the stream is one JSON array."""
        return self.stream and self.format is FORMATS["gemini"] and self.sent.query.get("alt") != "sse"

    @property
    def account(self) -> str:
        """The label of the credential that was asked last; "" where none was."""
        tried = self.attempts[-1].credential if self.attempts else ""
        return self.credential.id if self.credential else tried

    def facts(self) -> dict[str, object]:
        """What is written of it wherever it is noted: plain values, no content, no secret."""
        usage = asdict(self.usage) if self.usage else {}
        return {
            "id": self.id,
            "client": self.client,
            "began": self.began,
            "format": self.format.NAME,
            "model": self.model,
            "provider": self.upstream.name,
            "provider_format": self.answer_format.NAME,
            "account": self.account,
            "stream": self.stream,
            "same": self.same_format,
            "lost": list(self.lost),
            "attempts": [asdict(record) for record in self.attempts],
            "tokens": {name: count for name, count in usage.items() if count is not None},
            **({} if self.operation == "generate" else {"operation": self.operation}),
            **({"alias": self.alias} if self.alias else {}),
            **({"turn": self.turn.token, "keeps": self.turn.keep} if self.turn else {}),
            **self.notes,
        }

    def render(self, error: ir.Error) -> list[bytes]:
        """An error as the client's stream says it."""
        return list(self.format.StreamRenderer(self.context).feed(error))

    @property
    def context(self) -> ir.Context:
        """What a renderer must know beside the events."""
        plain = ir.Request(self.alias or self.model, stream=self.stream, json_array=self.json_array)
        asked = plain if self.same_format else self.request
        if turn := self.turn:
            asked = replace(asked, store=turn.keep, previous_response_id=turn.previous)
        return ir.Context(turn.token if turn else self.id, int(self.began), asked)

    @cached_property
    def request(self) -> ir.Request:
        """What the client asked. Raises `ir.BadRequest`. Read only where it must be translated."""
        # Vertex AI's clients say in the body which version they speak; the format itself has that in a header.
        body = {name: value for name, value in self.body.items() if name != "anthropic_version"}
        return self.format.parse_request(body, self.sent.path)


_admitted: WeakKeyDictionary[http.HTTPFlow, str] = WeakKeyDictionary()
_exchanges: WeakKeyDictionary[http.HTTPFlow, Exchange] = WeakKeyDictionary()
"""Not in `flow.metadata`: mitmproxy saves that, and can save plain values only."""


def admit(flow: http.HTTPFlow, client: str) -> None:
    """Client authentication says: this flow may go on."""
    _admitted[flow] = client


def client_of(flow: http.HTTPFlow) -> str | None:
    """The name of the client's key; None for a flow that was not admitted."""
    return _admitted.get(flow)


def begin(flow: http.HTTPFlow, exchange: Exchange) -> None:
    _exchanges[flow] = exchange


def of(flow: http.HTTPFlow) -> Exchange | None:
    """None for a flow that routing did not take on."""
    return _exchanges.get(flow)


def end(flow: http.HTTPFlow) -> None:
    """All is told: a view that keeps the flow shall not keep what was needed to carry it."""
    _exchanges.pop(flow, None)
    if flow.response and flow.response.stream:
        flow.response.stream = True


def revoke(flow: http.HTTPFlow) -> None:
    """Something went wrong on the way: this flow must not reach a provider."""
    _admitted.pop(flow, None)
    if call := _exchanges.get(flow):
        call.revoked = call.answered_here = True
