"""Each event has the time at which its last byte came."""

from __future__ import annotations

import pytest

from cliproxy.addons.recordings import Chunks
from cliproxy.addons.timeline import events


@pytest.mark.parametrize(
    "chunks, found",
    [
        (((0.1, b"data: 1\n\ndata: 2\n\n"),), [(0.1, b"data: 1"), (0.1, b"data: 2")]),
        (((0.1, b"data: 1\n\nda"), (0.2, b"ta: 2\n"), (0.3, b"\n")), [(0.1, b"data: 1"), (0.3, b"data: 2")]),
        (((0.1, b"data: 1\r\n\r\n"), (0.2, b"data: cut")), [(0.1, b"data: 1"), (0.2, b"data: cut")]),
        (((0.4, b'{"whole": 1}'),), [(0.4, b'{"whole": 1}')]),
        ((), []),
    ],
)
def test_events_have_the_time_of_their_end(chunks: Chunks, found: list[tuple[float, bytes]]) -> None:
    assert events(chunks) == found
