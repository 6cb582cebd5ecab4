"""The views as mitmproxy uses them: on live flows, and on the flows of a recording."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from exchanges import flow
from mitmproxy import contentviews, http
from mitmproxy.contentviews import registry
from mitmproxy.test import taddons
from recorded_exchanges import translated

from cliproxy.addons import recordings, views
from cliproxy.addons.pages import PAGES
from cliproxy.addons.views import Views


@pytest.fixture
def loaded() -> Iterator[Views]:
    """mitmproxy keeps its views for the whole process: leave as found."""
    before = dict(registry._by_name)
    with taddons.context() as context:
        one = Views()
        context.master.addons.add(one)
        yield one
    registry._by_name.clear()
    registry._by_name.update(before)


def shown(one: http.HTTPFlow, side: str, view: str = "auto") -> contentviews.ContentviewResult:
    message = one.request if side == "request" else one.response
    assert message
    return contentviews.prettify_message(message, one, view)


def test_all_views_are_offered(loaded: Views) -> None:
    assert {name.lower() for name in PAGES} <= set(registry.available_views())


def test_on_an_exchange_the_conversation_comes_first(loaded: Views) -> None:
    for one in (flows := list(recordings.flows(translated()))):
        loaded.requestheaders(one)
    result = shown(flows[0], "request")
    assert (result.view_name, result.syntax_highlight) == ("Conversation", "yaml")
    assert "How warm is it in Paris?" in result.text
    assert "Hello there" in shown(flows[0], "response").text


def test_each_side_of_a_recording_knows_the_other(loaded: Views) -> None:
    flows = list(recordings.flows(translated()))
    for one in reversed(flows):  # whatever the order in the list
        loaded.requestheaders(one)
    assert "max_completion_tokens" in shown(flows[0], "request", "provider").text
    assert "context_management" in shown(flows[2], "request", "client").text
    assert "2. openai-2: 200" in shown(flows[1], "response", "explain").text
    assert "attempt 2 · openai-2" in shown(flows[0], "response", "provider").text


def test_one_side_alone_is_shown_as_far_as_it_goes(loaded: Views) -> None:
    client = next(iter(recordings.flows(translated())))
    loaded.requestheaders(client)
    assert "No provider was asked" in shown(client, "request", "provider").text
    assert "Hello there" in shown(client, "response").text


def test_other_flows_keep_mitmproxys_own_views(loaded: Views) -> None:
    one = flow(body={"a": 1})
    one.request.headers["content-type"] = "application/json"
    loaded.requestheaders(one)
    assert shown(one, "request").view_name == "JSON"


def test_a_live_flow_is_shown_from_what_the_gateway_knows(loaded: Views) -> None:
    one = flow(body={})
    one.metadata["cliproxy.id"] = "1a2b3c4d"
    live = Views(lambda asked: translated() if asked is one else None)
    live.load(None)
    assert "How warm is it in Paris?" in shown(one, "request").text


def test_a_view_that_was_chosen_for_something_else_shows_what_is_there(loaded: Views) -> None:
    assert "error: / is no request" in shown(flow(path="/", body={}), "request", "conversation").text


def test_the_list_shows_the_comment_unless_the_user_chose_columns() -> None:
    for chosen, expected in (([], list(views.COLUMNS)), (["path"], ["path"])):
        with taddons.context() as context:
            context.options.add_option("web_columns", list, ["path", "size"], "")  # type: ignore[arg-type]
            if chosen:
                context.options.update(web_columns=chosen)
            Views().running()
            assert context.options.web_columns == expected
