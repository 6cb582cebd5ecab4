"""The configuration, handed to the addons that it concerns."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.test import taddons

from cliproxy.addons.accounts.signed_in import SignedIn
from cliproxy.addons.attempts import Limits
from cliproxy.addons.client_auth import ClientAuth
from cliproxy.addons.configuration import Configuration, listen_address, read
from cliproxy.addons.dispatch import Dispatch
from cliproxy.addons.failover import Failover
from cliproxy.addons.handler_table import HandlerTable
from cliproxy.addons.models import Models
from cliproxy.addons.recorder import Recorder, record_folder
from cliproxy.addons.replay import Replay
from cliproxy.addons.routing import Routing
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import ConfigError, Loaded, parse
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.webhooks import Webhooks

CONFIG = """
auth: {api-keys: [sk-test-client, {key: sk-test-ci, name: ci}]}
openai: {api-key: sk-test-openai, models: [gpt-test]}
load-balance: {strategy: least-connections}
logging: {level: warn, request-log: requests.log}
timeouts: {connect: 1, first-byte: 2, whole-answer: 3, total: 30, idle: 40}
limits: {body-size: 1 MiB}
"""


class Parts:
    """The addons that a configuration is handed to."""

    def __init__(self) -> None:
        self.client_auth, self.routing, self.models = ClientAuth(), Routing(), Models()
        self.dispatch, self.recorder, self.replay, self.failover = (
            Dispatch(Shared(), Webhooks()),
            Recorder(),
            Replay(),
            Failover(),
        )
        self.configuration = Configuration(
            self.replay,
            SignedIn(lambda event, data: None),
            [self.client_auth, self.routing, self.models, self.dispatch, self.recorder, self.failover],
        )


@pytest.fixture
def parts() -> Iterator[Parts]:
    made, level = Parts(), logging.getLogger("cliproxy").level
    yield made
    made.replay.done()
    logging.getLogger("cliproxy").setLevel(level)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


def test_loading_puts_the_handler_table_in_place_before_any_flow(parts: Parts) -> None:
    with taddons.context(parts.configuration) as context:
        assert isinstance(context.master.addons, HandlerTable)
        assert {"cliproxy_config", "cliproxy_demo", "cliproxy_record", "cliproxy_log_level", "cliproxy_listen"} <= set(
            context.options.keys()
        )


def test_each_addon_gets_its_part(parts: Parts, path: Path) -> None:
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(path), cliproxy_record=str(path.parent / "flows"))
    assert parts.client_auth.keys == {"sk-test-client": "key-1", "sk-test-ci": "ci"}
    assert parts.routing.settings.providers.keys() == {"openai"}
    upstream = parts.routing.routes.find("gpt-test")
    assert upstream and upstream.name == "openai"
    assert [model.id for model in parts.models.listed] == ["gpt-test"]
    chosen = parts.dispatch.pool.acquire("openai", "gpt-test", 0.0)
    assert chosen and chosen.secret == "sk-test-openai"
    assert parts.recorder.folder == path.parent / "flows"
    assert parts.recorder.request_log == Path("requests.log")
    assert parts.failover.limits.connect == 1
    assert logging.getLogger("cliproxy").level == logging.WARNING


def test_every_configured_secret_is_one_that_is_never_written(parts: Parts, path: Path) -> None:
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(path))
    for secret in ("sk-test-client", "sk-test-ci", "sk-test-openai"):
        assert parts.recorder.redactor.text(f"a {secret} b") == "a [redacted] b"


def test_the_command_lines_log_level_counts_over_the_files(parts: Parts, path: Path) -> None:
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(path), cliproxy_log_level="debug")
    assert logging.getLogger("cliproxy").level == logging.DEBUG


def test_a_faulty_file_is_told_line_by_line_and_nothing_is_configured(parts: Parts, path: Path, caplog: Any) -> None:
    path.write_text("port: many\nopenai: 5\nauth: {api-keys: [sk-test-client]}\n")
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(path))
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert any("port" in line for line in told) and any("openai" in line for line in told)
    assert (parts.client_auth.keys, parts.routing.settings) == ({}, Settings())
    assert "sk-test-client" not in caplog.text


def test_other_options_change_nothing(parts: Parts, path: Path) -> None:
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(path))
        kept = parts.routing.routes
        context.configure(parts.configuration, cliproxy_listen="127.0.0.1:1")
    assert parts.routing.routes is kept


def test_the_demo_is_played_by_a_server_of_recordings(parts: Parts) -> None:
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_demo=True)
    (server,) = parts.replay.servers.values()
    assert {upstream.base_url for upstream in parts.routing.routes.upstreams()} == {server.url}
    assert parts.client_auth.keys == {}


def test_the_start_block_says_what_was_made_of_the_configuration(parts: Parts, path: Path) -> None:
    loaded = parse(CONFIG, {})
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(path), cliproxy_record=str(path.parent))
        noted = Loaded(loaded.settings, ("gemini was left out.",), loaded.secrets)
        block = list(parts.configuration.start_block(noted, "http://127.0.0.1:1"))
    assert block[0] == "cliproxy listens on http://127.0.0.1:1"
    assert "  openai: 1 credential, speaks openai_chat, openai_responses, openai_completions" in block
    assert f"  flows: {path.parent}" in block
    assert "  clients: 2 keys" in block
    assert "  management API: off (remote-management.secret-key or $MANAGEMENT_PASSWORD)" in block
    assert block[-1] == "  note: gemini was left out."
    assert not [line for line in block if "sk-test" in line]


def test_that_no_key_is_needed_is_said_once(parts: Parts, tmp_path: Path) -> None:
    config = tmp_path / "open.yaml"
    config.write_text("openai: {api-key: sk-test-openai}\n")
    with taddons.context(parts.configuration) as context:
        context.configure(parts.configuration, cliproxy_config=str(config))
        assert parts.configuration.loaded
        block = list(parts.configuration.start_block(parts.configuration.loaded, "http://127.0.0.1:1"))
    assert [line for line in block if "on this machine" in line] == [
        "  clients: all programs on this machine, without a key"
    ]


# -- single decisions ---------------------------------------------------------------------


def test_what_is_read_is_the_demo_or_the_file(path: Path, tmp_path: Path) -> None:
    assert read("", True).settings.providers.keys() == {"openai", "anthropic", "gemini"}
    assert read(str(path), False).settings.port == 8317
    with pytest.raises(ConfigError):
        read(str(tmp_path / "missing.yaml"), False)


@pytest.mark.parametrize(
    "option, config, folder",
    [
        ("a", "record: b\nlogging: {request-log: c}", Path("a")),
        ("", "record: b\nlogging: {request-log: c}", Path("b")),
        ("", "logging: {request-log: c}", Path.home() / ".cli-proxy-api" / "flows"),
        ("~/flows", "", Path.home() / "flows"),
        ("", "", None),
    ],
)
def test_where_flows_are_recorded(parts: Parts, option: str, config: str, folder: Path | None) -> None:
    with taddons.context(parts.configuration) as context:
        context.options.update(cliproxy_record=option)
        assert record_folder(parse(config, {}).settings) == folder


@pytest.mark.parametrize(
    "option, config, address",
    [
        ("", "", "127.0.0.1:8317"),
        ("", "{host: localhost, port: 9000}", "127.0.0.1:9000"),
        ("", '{host: "::1", port: 9000}', "::1:9000"),
        ("127.0.0.1:1", "port: 9000", "127.0.0.1:1"),
        ("LOCALHOST:1", "", "127.0.0.1:1"),
        ("[::1]:1", "", "::1:1"),
        ("0.0.0.0:1", "", "0.0.0.0:1"),
    ],
)
def test_where_the_gateway_listens(parts: Parts, option: str, config: str, address: str) -> None:
    with taddons.context(parts.configuration) as context:
        context.options.update(cliproxy_listen=option)
        assert listen_address(parse(config, {}).settings) == address


def test_timeouts_become_limits_and_the_first_byte_comes_before_the_total() -> None:
    made = Limits.of(parse(CONFIG, {}).settings)
    assert (made.connect, made.first_byte, made.whole_answer, made.hold, made.idle) == (1, 2, 3, 25, 40)
    assert made.body == 1024 * 1024


def test_an_option_that_nobody_knows_is_told(parts: Parts, caplog: Any) -> None:
    with taddons.context(parts.configuration) as context:
        context.options.set("nope=1", defer=True)
        parts.configuration.running()
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "--set nope: there is no such option"
    ]
