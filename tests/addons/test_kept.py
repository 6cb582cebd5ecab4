"""A view that shows a long session keeps so much of it and no more, and what it lets go of is still readable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from exchanges import begun, flow
from mitmproxy import http
from mitmproxy.addons.view import View
from mitmproxy.test import taddons
from wires import CHAT_REQUEST

from cliproxy.addons import exchange, kept, recordings
from cliproxy.addons.annotations import Annotations
from cliproxy.addons.exchange import Sent
from cliproxy.addons.kept import Kept
from cliproxy.addons.recorder import Recorder
from cliproxy.addons.redact import Redactor


class Site:
    def __init__(self, context: Any) -> None:
        self.view, self.recorder = View(), Recorder()
        self.recorder.redactor = Redactor()
        self.kept, self.context = Kept(self.recorder), context
        context.master.addons.add(self.view, self.kept)
        self.kept._follow = _nothing  # type: ignore[method-assign]
        self.kept.running()

    def exchange(self, answer: bytes = b"data: {}\n\n", stream: bool = True) -> http.HTTPFlow:
        """One flow from its beginning to its end."""
        one = flow(body={**CHAT_REQUEST, "stream": stream})
        self.view.add([one])
        call = begun(one)
        self.recorder.request(one)
        assert call.recording
        call.recording.attempts.append(Sent(one.request.copy(), response=http.Response.make(200)))
        one.response = http.Response.make(200, b"" if stream else answer)
        one.response.stream = (lambda data: data) if stream else False
        self.kept.responseheaders(one)
        if stream:
            call.recording.answered.append(answer)
        Annotations().response(one)
        self.recorder.response(one)
        self.kept.response(one)
        one.live = False  # as mitmproxy does next
        return one

    def files(self) -> list[Path]:
        assert self.recorder.scratch
        return sorted(self.recorder.scratch.iterdir())


async def _nothing() -> None:
    pass


@pytest.fixture
async def site() -> Any:
    with taddons.context() as context:
        one = Site(context)
        yield one
        one.kept.done()


async def test_a_stream_has_content_when_it_is_over(site: Site) -> None:
    one = site.exchange(b"data: 1\n\n")
    assert one.response and one.response.content == b"data: 1\n\n"


async def test_what_was_needed_to_carry_it_is_let_go_of(site: Site) -> None:
    one = site.exchange()
    assert exchange.of(one) is None
    assert one.response and one.response.stream is True


async def test_the_views_read_it_from_its_file(site: Site) -> None:
    one = site.exchange(b"data: 1\n\n")
    recorded = site.kept.exchange(one)
    assert recorded and recorded.response and recorded.response.content == b"data: 1\n\n"
    assert recorded.id == one.metadata["cliproxy.id"]


async def test_an_exchange_that_goes_on_is_shown_as_far_as_it_went(site: Site) -> None:
    one = flow(body={**CHAT_REQUEST, "stream": True})
    call = begun(one)
    site.recorder.request(one)
    assert call.recording
    one.response = http.Response.make(200, b"")
    one.response.stream = lambda data: data
    site.kept.responseheaders(one)
    call.recording.answered += [b"data: 1\n\n", b"data: 2\n\n"]
    recorded = site.kept.exchange(one)
    assert recorded and recorded.response and recorded.response.content == b"data: 1\n\ndata: 2\n\n"
    kept.show_stream(one)
    assert one.response.content == b"data: 1\n\ndata: 2\n\n"


async def test_no_more_flows_than_asked_for_are_kept(site: Site) -> None:
    site.context.options.cliproxy_keep_flows = 3
    flows = [site.exchange() for _ in range(10)]
    assert [one.id for one in site.view] == [one.id for one in flows[-3:]]
    assert len(site.files()) == 3


async def test_a_marked_flow_stays(site: Site) -> None:
    site.context.options.cliproxy_keep_flows = 2
    first = site.exchange()
    first.marked = ":star:"
    last = [site.exchange() for _ in range(5)][-1]
    assert [one.id for one in site.view] == [first.id, last.id]


async def test_recordings_that_were_asked_for_stay(site: Site, tmp_path: Path) -> None:
    site.recorder.folder = tmp_path
    site.context.options.cliproxy_keep_flows = 1
    for _ in range(4):
        site.exchange()
    assert len(recordings.files(tmp_path)) == 4
    assert site.files() == []


async def test_bodies_beyond_the_limit_are_on_disk_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "BODIES", 3000)
    flows = [site.exchange(b"x" * 1000, stream=False) for _ in range(5)]
    contents = [one.response.content if one.response else None for one in flows]
    assert contents[-1] == b"x" * 1000 and contents[0] == kept.ON_DISK
    recorded = site.kept.exchange(flows[0])
    assert recorded and recorded.response and recorded.response.content == b"x" * 1000


async def test_a_flow_that_is_no_exchange_counts_too(site: Site) -> None:
    site.context.options.cliproxy_keep_flows = 2
    for _ in range(5):
        one = flow(path="/healthz")
        site.view.add([one])
        one.response = http.Response.make(200)
        site.kept.response(one)
        one.live = False
    assert site.view.store_count() == 2


async def test_the_scratch_folder_goes_with_the_process(site: Site) -> None:
    site.exchange()
    folder = site.recorder.scratch
    assert folder and folder.stat().st_mode & 0o777 == 0o700
    site.kept.done()
    assert not folder.exists()


def without_a_view() -> Iterator[Kept]:
    with taddons.context() as context:
        one = Kept(Recorder())
        context.master.addons.add(one)
        one.running()
        yield one


def test_mitmdump_keeps_and_writes_nothing() -> None:
    for one in without_a_view():
        made = flow(body=CHAT_REQUEST)
        call = begun(made)
        made.response = http.Response.make(200)
        one.responseheaders(made)
        one.response(made)
        assert exchange.of(made) is call and call.recording is None
        assert one.exchange(flow()) is None
