"""A recorded exchange as a test: the same request is answered the same, through the gateway of today."""

from __future__ import annotations

import re

from cliproxy.addons import reading
from cliproxy.addons.recordings import Recorded

from ...asking import calls_of, text_of
from .portable import Portable
from .python_file import body, literal

_TEST = '''"""{told}

Made by `cliproxy flows export`. Run it with: pytest --cliproxy-flows=DIR {name}
where DIR holds the recording of the exchange.
"""

PATH = {path!r}
HEADERS = {headers}
REQUEST = {body}


def test_exchange_{id}(cliproxy):
    answer = cliproxy.ask(PATH, REQUEST, HEADERS)
    assert answer.status == {status}
    assert answer.text == {text}
    assert answer.calls == {calls}
'''


def pytest_file(one: Recorded, request: Portable) -> str:
    answer = reading.answered(one)
    id = re.sub(r"\W", "_", one.id)
    return _TEST.format(
        told=" ".join(request.told.split()).replace("\\", "/").replace('"""', "'''"),
        name=f"test_exchange_{id}.py",
        path=request.target,
        headers=literal(dict(request.headers)),
        body=literal(body(request.body)),
        id=id,
        status=one.response.status_code if one.response else 502,
        text=literal(text_of(answer)),
        calls=literal(calls_of(answer)),
    )
