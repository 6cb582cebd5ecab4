"""A changed configuration, taken over while running, or told and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchanges import CONFIG
from mitmproxy.test import taddons

from cliproxy.addons.accounts.signed_in import SignedIn
from cliproxy.addons.configuration import Configuration
from cliproxy.addons.reload import Reload, digest
from cliproxy.addons.replay import Replay
from cliproxy.addons.routing import Routing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


def test_a_good_change_is_taken_over_and_a_bad_one_is_not(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    routing = Routing()
    configuration = Configuration(Replay(), SignedIn(lambda event, data: None), [routing])
    reload = Reload(configuration)
    with taddons.context(configuration) as context:
        context.configure(configuration, cliproxy_config=str(path))
        reload.look()
        before = routing.routes
        reload.look()
        assert routing.routes is before
        path.write_text(CONFIG.replace("gpt-test", "gpt-other"))
        reload.look()
        assert routing.settings.providers["openai"].models == ("gpt-other",)
        path.write_text("port: many")
        reload.look()
        reload.look()
        assert routing.settings.providers["openai"].models == ("gpt-other",)
        assert [record.levelname for record in caplog.records].count("ERROR") == 2
        path.unlink()
        reload.look()
        assert routing.settings.providers["openai"].models == ("gpt-other",)
        path.write_text(CONFIG)
        reload.look()
        assert routing.settings.providers["openai"].models == ("gpt-test",)


def test_a_change_between_the_start_and_the_first_look_is_not_missed(path: Path) -> None:
    routing = Routing()
    configuration = Configuration(Replay(), SignedIn(lambda event, data: None), [routing])
    reload = Reload(configuration)
    with taddons.context(configuration, reload) as context:
        context.configure(configuration, cliproxy_config=str(path))
        before = routing.routes
        reload.look()
        assert routing.routes is before
        path.write_text(CONFIG.replace("gpt-test", "gpt-other"))
        reload.look()
        assert routing.settings.providers["openai"].models == ("gpt-other",)


def test_what_needs_a_restart_is_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    configuration = Configuration(Replay(), SignedIn(lambda event, data: None), [])
    reload = Reload(configuration)
    with taddons.context(configuration) as context:
        context.configure(configuration, cliproxy_config=str(path))
        path.write_text(CONFIG + "port: 9999\n")
        reload.look()
    assert "port was changed" in caplog.text and "host was changed" not in caplog.text


def test_a_digest_tells_files_apart_by_their_content(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"ab")
    two.write_bytes(b"")
    first = digest([one, two])
    assert digest([one, tmp_path / "missing"]) == first
    one.write_bytes(b"a")
    two.write_bytes(b"b")
    assert digest([one, two]) != first
