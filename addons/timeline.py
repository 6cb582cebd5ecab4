"""The events of an answer, each with the time at which it was complete."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate, pairwise

from .recordings import Chunks

_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")


def events(chunks: Chunks) -> list[tuple[float, bytes]]:
    """Seconds since the request was sent, and the event's own bytes; white space between events is left out."""
    whole = b"".join(data for _, data in chunks)
    ends = list(accumulate(len(data) for _, data in chunks))
    cuts = [0, *(match.end() for match in _EVENT_END.finditer(whole)), len(whole)]
    found = ((end, whole[start:end].strip(b"\r\n")) for start, end in pairwise(cuts))
    return [(chunks[bisect_left(ends, end)][0], event) for end, event in found if event]
