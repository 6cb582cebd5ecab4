"""The content views that show an exchange in mitmweb, mitmproxy and mitmdump; also a script for recorded files alone:
``mitmweb -n -s "$(cliproxy addons-path --views)" -r file.flow``.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakSet

from mitmproxy import contentviews, ctx, flow, http
from mitmproxy.contentviews import Contentview, Metadata, SyntaxHighlight

from cliproxy.addons import recordings
from cliproxy.addons.pages import PAGES, Side
from cliproxy.addons.recordings import Recorded

COLUMNS = ("icon", "comment", "status")
"""Of mitmweb's list: the line that says what was done comes first. Only where the user chose none."""
PRIORITY = {"Conversation": 30, "Explain": 23, "Provider": 22, "Client": 21}
"""On flows that are exchanges: above mitmproxy's own views, which say 1 of what they like best."""

type Source = Callable[[http.HTTPFlow], Recorded | None]
"""Where the exchange of a flow is known from."""


class View(Contentview):
    def __init__(self, title: str, source: Source) -> None:
        self._title, self._source = title, source

    @property
    def name(self) -> str:
        return self._title

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "yaml"

    def prettify(self, data: bytes, metadata: Metadata) -> str:
        assert isinstance(metadata.flow, http.HTTPFlow)
        recorded = self._source(metadata.flow)
        if not recorded:
            raise ValueError("This flow is no exchange of the gateway.")
        side: Side = "request" if metadata.http_message is metadata.flow.request else "response"
        return PAGES[self._title](recorded, side)

    def render_priority(self, data: bytes, metadata: Metadata) -> float:
        return PRIORITY[self._title] if is_exchange(metadata.flow) else -1


def is_exchange(one: flow.Flow | None) -> bool:
    return isinstance(one, http.HTTPFlow) and recordings.PREFIX + "id" in one.metadata


class Views:
    """`live`: where the gateway knows exchanges of its own from; recorded ones are put together from their flows."""

    def __init__(self, live: Source = lambda flow: None) -> None:
        self._live = live
        self._seen: WeakSet[http.HTTPFlow] = WeakSet()

    def load(self, loader: object) -> None:
        for title in PAGES:
            contentviews.add(View(title, self.exchange))

    def running(self) -> None:
        if "web_columns" in ctx.options and not ctx.options.has_changed("web_columns"):
            ctx.options.update(web_columns=list(COLUMNS))

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """mitmproxy tells of flows that it reads from a file as if they happened."""
        if recordings.PREFIX + "side" in flow.metadata:
            self._seen.add(flow)

    def exchange(self, flow: http.HTTPFlow) -> Recorded | None:
        if known := self._live(flow):
            return known
        id = recordings.exchange_id(flow)
        parts = [one for one in self._seen if recordings.exchange_id(one) == id]
        return recordings.joined(sorted(parts, key=_order)) if parts else recordings.joined([flow])


def _order(one: http.HTTPFlow) -> tuple[bool, float]:
    """The client's side, then the attempts in their order."""
    began = one.metadata.get(recordings.PREFIX + "attempt_began")
    return began is not None, began or 0.0


addons = [Views()]
