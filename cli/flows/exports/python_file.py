"""A recorded request as a Python program that sends it, with nothing but the standard library."""

from __future__ import annotations

from pprint import pformat
from typing import Any

from cliproxy.translators import wire

from .portable import Portable

_PROGRAM = '''"""{told}

Made by `cliproxy flows export`. It needs nothing but Python.
"""

import json
import os
import sys
import urllib.error
import urllib.request

URL = {url}
HEADERS = {headers}
HEADERS[{key_header!r}] = {key_prefix!r} + os.environ.get({key_variable!r}, "no-key-needed")
BODY = {body}

data = BODY if isinstance(BODY, bytes) else json.dumps(BODY).encode()
request = urllib.request.Request(URL, data, HEADERS, method={method!r})
try:
    with urllib.request.urlopen(request) as answer:
        while piece := answer.read1():
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
except urllib.error.HTTPError as error:
    sys.exit(f"{{error.code}} {{error.reason}}: {{error.read().decode(errors='replace')}}")
'''


def python_file(one: Portable) -> str:
    url = repr(one.base + one.target)
    if one.url_variable:
        url = f"os.environ.get({one.url_variable!r}, {one.base!r}) + {one.target!r}"
    return _PROGRAM.format(
        told=" ".join(one.told.split()).replace("\\", "/").replace('"""', "'''"),
        url=url,
        headers=literal(dict(one.headers)),
        key_header=one.key_header,
        key_prefix=one.key_prefix,
        key_variable=one.key_variable,
        body=literal(body(one.body)),
        method=one.method,
    )


def body(content: bytes) -> Any:
    """The JSON that it is, where writing it again gives the same text or one that means the same; else the bytes."""
    try:
        return wire.loads(content)
    except ValueError:
        return content


def literal(value: Any) -> str:
    return pformat(value, width=110, sort_dicts=False)
