"""Which store a configuration opens."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from exchanges import applied

from cliproxy.addons.demo import demo_settings
from cliproxy.addons.gateway import addons
from cliproxy.addons.settings_load import ConfigError
from cliproxy.addons.state.shared import Shared, opened
from cliproxy.addons.state.store import MemoryStore

CONFIG = "openai: {api-key: sk-test-openai}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


async def test_a_file_in_the_state_folder_and_nothing_before_it_is_used(home: Path) -> None:
    state = Shared()
    state.use(applied(CONFIG))
    assert not os.listdir(home)
    await state.store.add("t", "c", {"n": 1})
    assert (home / ".cli-proxy-api" / "state.db").exists()
    await state.done()
    again = Shared()
    again.use(applied(CONFIG))
    assert await again.store.scan("t") == {"c": {"n": 1}}
    await again.done()


async def test_another_place_waits_for_the_next_start(home: Path) -> None:
    state = Shared()
    state.use(applied(CONFIG + "state: {url: 'memory:'}"))
    first = state.store
    state.use(applied(CONFIG))
    assert state.store is first and isinstance(first, MemoryStore)


def test_it_ends_after_all_who_may_still_write() -> None:
    assert isinstance(addons[-1], Shared)


def test_the_demo_writes_no_file() -> None:
    assert isinstance(opened(demo_settings().state.url), MemoryStore)


async def test_a_server_that_is_not_there_is_no_fault_of_the_configuration(home: Path) -> None:
    store = opened("redis://user:sk-test-password@127.0.0.1:9")
    assert await store.add("t", "c", {"n": 1}) == {"n": 1}
    assert store.degraded.startswith("The state in 127.0.0.1:9 can't be used")
    assert "sk-test-password" not in store.degraded
    await store.close()


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cliproxy.addons.state.redis", None)
    monkeypatch.delattr("cliproxy.addons.state.redis", raising=False)
    with pytest.raises(ConfigError, match=r"state.url: needs the package redis: `pip install cliproxy\[redis\]`."):
        opened("redis://127.0.0.1:9")
