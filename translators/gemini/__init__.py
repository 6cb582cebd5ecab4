"""Google Gemini: ``generateContent`` and ``streamGenerateContent``, as the Gemini API and Vertex AI speak it."""

from __future__ import annotations

from .answers import parse_response, render_response
from .decoder import Decoder
from .errors import parse_error, render_error
from .parse_request import parse_request
from .paths import endpoint
from .render_request import render_request
from .stream_parser import StreamParser
from .stream_renderer import StreamRenderer
from .words import NAME, SUPPORTS, TOOL_NAME

__all__ = [
    "NAME",
    "SUPPORTS",
    "TOOL_NAME",
    "Decoder",
    "StreamParser",
    "StreamRenderer",
    "endpoint",
    "parse_error",
    "parse_request",
    "parse_response",
    "render_error",
    "render_request",
    "render_response",
]
