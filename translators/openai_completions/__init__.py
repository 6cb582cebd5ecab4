"""OpenAI's legacy text completions.

https://platform.openai.com/docs/api-reference/completions
"""

from ..openai_errors import parse_error, render_error
from ..sse import Decoder
from .answers import parse_response, render_response
from .requests import endpoint, parse_request, render_request
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
