"""The one representation that every wire format is translated to and from.

A `Request` is what a client asked; a list of `Event`s is what a model answered. These are plain
values: no I/O, no provider, no wire spelling. A format maps its own words (``end_turn``,
``MAX_TOKENS``) to the closed sets below when it parses, so no renderer ever meets another
format's words.

Whatever a format says that has no word here stays in `extra`, under the name of the format that
said it: only that format writes it again, for all others it is a loss (`losses.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

type Json = dict[str, Any]
type Role = Literal["system", "developer", "user", "assistant", "tool"]
type FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "pause", "error"]
"""`pause`: the provider stopped a long turn of its own; send the answer back to go on (Anthropic ``pause_turn``)."""
type Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
type MediaKind = Literal["image", "document", "audio", "video"]
type ToolKind = Literal["function", "custom"]
type Builtin = Literal["web_search", "web_fetch", "code_execution"]
"""Tools that providers run themselves and that at least two formats can name."""


@dataclass(frozen=True, slots=True)
class Extra:
    """Fields of one wire object that only `format` has words for."""

    format: str
    fields: Json


@dataclass(frozen=True, slots=True)
class Cache:
    """A prompt-cache breakpoint behind this part or tool. `ttl`: ``5m``, ``1h``, or "" for the provider's default."""

    ttl: str = ""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A provider's sealed bytes (signature, encrypted reasoning), good only where they were made.

    `format` made it; `id` is the item's id there, `data` the seal as text. Never read, never changed.
    """

    format: str
    data: str
    id: str = ""


# -- what messages are made of ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a piece of an answer comes from. `start`/`end`: character offsets in the text that cites, or None."""

    url: str = ""
    title: str = ""
    quote: str = ""
    start: int | None = None
    end: int | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One sampled token with its log-probability; `top` are the alternatives, themselves without `top`."""

    token: str
    logprob: float
    bytes: tuple[int, ...] | None = None
    top: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    citations: tuple[Citation, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    cache: Cache | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Text by which the model declines (OpenAI ``refusal``)."""

    text: str
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """An image, document, sound or film: exactly one of `data` (base64), `url`, `file_id`, `text` is set.

    `media_type` may be "" where only a URL is known. `text` is a document given as plain text.
    `detail` is the image resolution asked for: low, high, auto, original.
    """

    kind: MediaKind
    media_type: str = ""
    data: str = ""
    url: str = ""
    file_id: str = ""
    text: str = ""
    name: str = ""
    detail: str = ""
    cache: Cache | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The model's thinking. `summary`: a provider's digest, not the thoughts. Redacted = no `text`, only `opaque`."""

    text: str = ""
    opaque: Opaque | None = None
    summary: bool = False
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments`: for a function JSON text exactly as the model wrote it (maybe incomplete), for custom free text."""

    id: str
    name: str
    arguments: str
    kind: ToolKind = "function"
    namespace: str = ""
    opaque: Opaque | None = None
    cache: Cache | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`name` is the function's, where the format says it; `parts` are Text and Media."""

    call_id: str
    parts: tuple[Text | Media, ...]
    is_error: bool = False
    name: str = ""
    kind: ToolKind = "function"
    cache: Cache | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class BuiltinCall:
    """A call that the provider made and ran itself. `arguments`: JSON text; web_search: ``{"query": …}``."""

    id: str
    tool: Builtin
    arguments: str
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class BuiltinResult:
    """What a provider's own tool found. web_search, web_fetch: `sources`; code_execution: `text`; failed: `error`."""

    call_id: str
    tool: Builtin
    sources: tuple[Citation, ...] = ()
    text: str = ""
    error: str = ""
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """A whole content block or item that only `format` has words for, kept as it came."""

    format: str
    type: str
    value: Json


type Part = Text | Refusal | Media | Reasoning | ToolCall | ToolResult | BuiltinCall | BuiltinResult | Foreign


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. A `tool` message holds ToolResults only; ToolResults stand in no other message.

    A tool result that came inside a user turn is a `tool` message before that turn's own parts.
    """

    role: Role
    parts: tuple[Part, ...]
    name: str = ""
    extra: Extra | None = None


# -- what a request asks ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the client's. `parameters`: JSON Schema or None; `grammar`: a custom tool's ``{type, syntax, …}``."""

    name: str
    description: str = ""
    parameters: Json | None = None
    strict: bool | None = None
    kind: ToolKind = "function"
    grammar: Json | None = None
    namespace: str = ""
    cache: Cache | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class BuiltinTool:
    """A provider's own tool, switched on. `allowed`/`blocked`: domains; `max_uses`: calls in this request."""

    tool: Builtin
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    max_uses: int | None = None
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class ForeignTool:
    """A tool definition that only `format` has words for, kept as it came."""

    format: str
    type: str
    value: Json


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """`mode` tool: the one tool `names[0]`. auto and required may be narrowed to `names`."""

    mode: Literal["auto", "none", "required", "tool"]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thinking:
    """How much the model shall reason: what the client said, unclamped.

    `effort` and `budget` (tokens; -1 = the model decides) may both be absent; `adaptive`: the model decides
    turn by turn. `show`: whether the thoughts shall be returned, None = unsaid; `summary`: auto, concise, detailed.
    """

    effort: Effort | None = None
    budget: int | None = None
    adaptive: bool = False
    show: bool | None = None
    summary: str = ""
    undecided: bool = False
    """Only the effort was said; whether to reason at all is left to the model (Anthropic: no ``thinking``)."""


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """Structured output: any JSON (`schema` None) or JSON that fits `schema`."""

    schema: Json | None = None
    name: str = ""
    description: str = ""
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One generation, as a client asked for it. None and () mean: not said."""

    model: str
    messages: tuple[Message, ...] = ()
    stream: bool = False
    include_usage: bool = False
    """Chat and completions: the client asked for the usage chunk (``stream_options.include_usage``)."""
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    thinking: Thinking | None = None
    tools: tuple[Tool | BuiltinTool | ForeignTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    verbosity: str = ""
    user: str = ""
    """An opaque end-user id (``user``, ``safety_identifier``, ``metadata.user_id``)."""
    metadata: tuple[tuple[str, str], ...] = ()
    service_tier: str = ""
    prompt_cache_key: str = ""
    sealed_reasoning: bool = False
    """The client asked for seals it can send back (Responses ``include: [reasoning.encrypted_content]``)."""
    store: bool | None = None
    previous_response_id: str = ""
    legacy_functions: bool = False
    """Chat: the client says ``functions``, not ``tools``, and must be answered with ``function_call``."""
    json_array: bool = False
    """Gemini without ``alt=sse``: the stream is one JSON array."""
    extra: Extra | None = None


# -- what a model answers ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts; None = the provider did not say, which is not 0.

    `input` counts the whole prompt, with `cache_read` and `cache_write` in it;
    `output` counts everything generated, with `reasoning` in it.
    """

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """The first event. `created`: epoch seconds or None. `usage`: what is known of the prompt by now."""

    id: str
    model: str
    created: int | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the current text; a piece behind anything else begins a new one."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Cite:
    """A source for the text that came last."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the current thought; `summary` says it is a provider's digest."""

    text: str
    summary: bool = False


@dataclass(frozen=True, slots=True)
class ReasoningEnd:
    """Ends the current thought, with its seal. With no thought open it is a redacted one."""

    opaque: Opaque | None = None


@dataclass(frozen=True, slots=True)
class ToolCallStart:
    """Tool call number `index` of this answer, counted from 0. `id` and `name` are final and not empty."""

    index: int
    id: str
    name: str
    kind: ToolKind = "function"
    namespace: str = ""
    opaque: Opaque | None = None


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the arguments of call `index`. Calls may interleave."""

    index: int
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolCallEnd:
    """Call `index` is complete. Optional: not every provider says so before the end of the answer."""

    index: int


@dataclass(frozen=True, slots=True)
class Block:
    """A part that arrives whole: media, a provider's own tool call or result, a foreign block."""

    part: Media | BuiltinCall | BuiltinResult | Foreign


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of an answer that ended. `stop_sequence`: which one hit; `service_tier`: the one that served."""

    reason: FinishReason
    usage: Usage | None = None
    stop_sequence: str | None = None
    service_tier: str = ""


@dataclass(frozen=True, slots=True)
class Error:
    """The last event of an answer that broke off, and every refusal to answer.

    `status`: HTTP status. `type`/`code`/`param`: as the provider said them, or "".
    `retry_after`: seconds, from a header or a hint in the body.
    """

    status: int
    message: str
    type: str = ""
    code: str = ""
    param: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life (Anthropic ``ping``)."""


type Event = (
    Start
    | TextDelta
    | RefusalDelta
    | Cite
    | ReasoningDelta
    | ReasoningEnd
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | Block
    | Finish
    | Error
    | Ping
)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer: what `formats.collect` makes of a list of events. Exactly one of `finish`, `error` is set."""

    id: str
    model: str
    created: int | None
    parts: tuple[Part, ...]
    finish: Finish | None = None
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a renderer must know beside the events; all of it is handed in, so translating stays pure.

    `id`: a fresh unique token for ids that the provider did not give (letters and digits).
    `created`: epoch seconds. `request`: what the client asked, in the client's own model name.
    """

    id: str
    created: int
    request: Request


class BadRequest(ValueError):
    """The client's request can't be read: one sentence that says what is wrong, where, and what would be right.

    `param` is the path of the field, such as ``messages[2].content[0].type``.
    """

    def __init__(self, message: str, param: str = "") -> None:
        super().__init__(message)
        self.param = param


class BadAnswer(ValueError):
    """The provider's answer is not what its format promises."""
