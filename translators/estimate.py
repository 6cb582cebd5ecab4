"""About how many tokens a request is, where no provider counts them: by pieces of text, with the makers' own overheads.

The numbers were fitted to recorded requests whose tokens the provider said; `docs/benchmarks/estimate.py` measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import ir, wire

_PIECES = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<digits>[0-9]+)|(?P<sign>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
    r"|(?P<letters>[^\W\d_A-Za-z]+)|(?P<space>[\r\n]+|[ \t]{2,})|(?P<marks>[^\w\s]+|_+)"
)
"""Where tokenizers cut before they merge: words, numbers, signs of Chinese, Japanese and Korean, runs of marks."""
_FIRST = {"word": 1.0, "digits": 0.53, "sign": 0.8, "letters": 0.5, "space": 0.9, "marks": 0.7}
_MORE = {"word": 0.05, "digits": 0.53, "sign": 0.0, "letters": 0.5, "space": 0.0, "marks": 0.2}
_SHORT = {"word": 5, "digits": 1, "sign": 1, "letters": 1, "space": 1, "marks": 2}
"""A piece costs `_FIRST`, and `_MORE` for each character beyond `_SHORT` of them."""


@dataclass(frozen=True, slots=True)
class Maker:
    """`scale`: tokens for one of ours. Then what comes on top: a request, a message, having tools at all, each tool,
    an image (of the usual size), a page or so of anything else that is no text."""

    scale: float
    request: float = 3
    message: float = 4
    tools: float = 8
    tool: float = 6
    image: int = 765
    other: int = 1500


OPENAI = Maker(1.0, request=2, message=5)
ANTHROPIC = Maker(1.27, message=4, tools=440, tool=50, image=1500)
"""With tools, an instruction of Anthropic's own is counted: 346 tokens for Claude 4, more for later ones."""
GEMINI = Maker(1.1, request=0, message=1, tools=0, tool=12, image=258)
MAKERS = (("claude", ANTHROPIC), ("gemini", GEMINI), ("gemma", GEMINI))
"""By what the model's name holds; all others are counted as OpenAI's."""


def estimate(request: ir.Request) -> int:
    """Tokens of input. Meant to be near, not exact: see docs/decisions."""
    maker = next((maker for name, maker in MAKERS if name in request.model.lower()), OPENAI)
    parts = [part for message in request.messages for part in _parts(message)]
    tools = [tool for tool in request.tools if isinstance(tool, ir.Tool)]
    texts = [*(_text(part) for part in parts), *map(_tool, tools), _schema(request.response_format)]
    overhead = maker.request + maker.message * len(request.messages) + maker.tool * len(request.tools)
    overhead += maker.tools if request.tools else 0
    return max(1, round(maker.scale * sum(map(pieces, texts)) + overhead + sum(_media(parts, maker))))


def pieces(text: str) -> float:
    """What a text alone comes to, in OpenAI's tokens."""
    total = 0.0
    for piece in _PIECES.finditer(text):
        kind = piece.lastgroup or "word"
        total += _FIRST[kind] + _MORE[kind] * max(0, piece.end() - piece.start() - _SHORT[kind])
    return total


def _parts(message: ir.Message) -> Iterator[ir.Part]:
    for part in message.parts:
        yield part
        if isinstance(part, ir.ToolResult):
            yield from part.parts


def _text(part: ir.Part) -> str:
    match part:
        case ir.Text(text=text) | ir.Refusal(text=text) | ir.Media(text=text):
            return text
        case ir.ToolCall(name=name, arguments=arguments):
            return f"{name} {arguments}"
        case ir.Foreign(value=value):
            return wire.dumps(value).decode()
        case _:
            return ""  # earlier reasoning is not counted by the makers


def _tool(tool: ir.Tool) -> str:
    described = (wire.dumps(schema).decode() for schema in (tool.parameters, tool.grammar) if schema)
    return " ".join((tool.name, tool.description, *described))


def _schema(asked: ir.ResponseFormat | None) -> str:
    return wire.dumps(asked.schema).decode() if asked and asked.schema else ""


def _media(parts: Iterable[ir.Part], maker: Maker) -> Iterator[int]:
    for part in parts:
        if isinstance(part, ir.Media) and not part.text:
            yield maker.image if part.kind == "image" else maker.other
