"""What the management API gives and changes, against the addons that it speaks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from endings import call, told
from mitmproxy.test import taddons

from cliproxy.addons.configuration import Configuration
from cliproxy.addons.logs import Logs
from cliproxy.addons.management import config_edit
from cliproxy.addons.management.call import Call, Fault
from cliproxy.addons.management.resources import Parts, Resources, asked, last_lines
from cliproxy.addons.recent import Recent
from cliproxy.addons.settings_load import ConfigError, Loaded, parse
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.usage.ledger import Ledger
from cliproxy.addons.usage.usage import Usage

TEXT = "strict: false  # for now\nopenai: {api-key: sk-test-openai}\n"


class Takes:
    """A configuration that takes everything, but for what it is told to refuse."""

    def __init__(self) -> None:
        self.loaded = parse(TEXT, {})
        self.applied = None
        self.refuses = ""
        self.history: list[bool] = []

    def apply(self, loaded: Loaded) -> None:
        if self.refuses:
            raise ConfigError([self.refuses])
        self.loaded = loaded
        self.history.append(loaded.settings.strict)


class Site:
    def __init__(self, path: Path) -> None:
        self.path, self.configuration, self.shared = path, Takes(), Shared()
        self.recent, self.ledger = Recent(self.shared), Ledger(self.shared)
        self.usage = Usage(self.shared, self.ledger)
        self.resources = Resources()
        configuration, nothing = cast(Configuration, self.configuration), cast(Any, None)
        parts = (configuration, Logs(), self.recent, nothing, self.shared, self.ledger)
        self.resources.speaks_for(Parts(*parts, nothing, nothing, nothing, nothing))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT)
    with taddons.context() as tctx:
        tctx.options.add_option("cliproxy_config", str, str(path), "")
        yield Site(path)


def put(site: Site, patch: Any) -> Any:
    return site.resources.put_config(Call(body=patch))


def test_a_change_is_applied_and_written(site: Site) -> None:
    assert put(site, {"strict": True})["status"] == "ok"
    assert site.configuration.history == [True]
    assert site.path.read_text().replace("   #", "  #") == TEXT.replace("false", "true")


def test_what_does_not_load_or_is_refused_changes_nothing(site: Site) -> None:
    for patch in ({"strict": "perhaps"}, {"nothing": 1}, {"openai": {"api-key": "[redacted]", "headers": 5}}):
        with pytest.raises(Fault) as fault:
            put(site, patch)
        assert fault.value.status == 400
    site.configuration.refuses = "tls: no pair."
    with pytest.raises(Fault, match="tls: no pair"):
        put(site, {"strict": True})
    assert site.path.read_text() == TEXT and site.configuration.history == []


def test_a_file_that_can_not_be_written_takes_the_change_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(config_edit, "write", full)
    with pytest.raises(Fault, match=r"config\.yaml could not be written, nothing is changed: No space left") as fault:
        put(site, {"strict": True})
    assert fault.value.status == 500 and site.configuration.history == [True, False]


def test_a_demo_has_no_file(site: Site) -> None:
    with taddons.context() as tctx:
        tctx.options.add_option("cliproxy_config", str, "", "")
        for operation in (site.resources.get_config, site.resources.post_reload):
            with pytest.raises(Fault) as fault:
                operation(Call())
            assert fault.value.status == 409


async def test_flows_and_usage_are_of_the_same_exchanges(site: Site) -> None:
    for number in range(5):
        one = told(id=str(number), client="ci" if number % 2 else "laptop")
        site.recent.ended(one, call())
        site.usage.ended(one, call())
    found = await site.resources.get_flows(Call(query={"client": "laptop", "limit": 2, "offset": 1}))
    assert (found["total"], [line["id"] for line in found["data"]]) == (3, ["2", "0"])
    usage = await site.resources.get_usage(Call(query={"by": "client"}))
    assert [(row["client"], row["requests"]) for row in usage["rows"]] == [("laptop", 3), ("ci", 2)]
    assert (await site.resources.get_usage_csv(Call(query={"by": "client"}))).splitlines()[1].startswith("laptop,3,")


def test_a_question_that_can_not_be_answered() -> None:
    assert asked(Call()).by == "model" and asked(Call()).since is None
    with pytest.raises(Fault, match="since: must be a span"):
        asked(Call(query={"since": "yesterday"}))


def test_the_last_lines_of_the_first_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntwo\nthree\n")
    assert last_lines([log], 2) == ["two", "three"]
    assert last_lines([], 2) == []
