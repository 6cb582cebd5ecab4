"""A pytest plugin for programs that call models: the fixture `cliproxy` is a gateway that answers from recordings.

pytest loads this at every start, so nothing is imported here but what pytest has imported itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cliproxy.cli.asking import Answered


@dataclass(frozen=True, slots=True)
class Gateway:
    """`base_url` is without ``/v1``, as Anthropic's and Google's SDKs want it; `openai_base_url` is with it.

    `env`: the variables that lead the SDKs there, for ``monkeypatch.setenv`` or a subprocess.
    """

    base_url: str
    api_key: str = field(repr=False)
    env: Mapping[str, str] = field(repr=False)

    @property
    def openai_base_url(self) -> str:
        return f"{self.base_url}/v1"

    def ask(self, path: str, body: object, headers: Mapping[str, str] = MappingProxyType({})) -> Answered:
        """POST a request, and read the answer in whatever format it is; `body` is bytes, or what becomes JSON."""
        from cliproxy.cli.asking import ask

        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return ask(self.base_url, self.api_key, path, headers.items(), data)


OPTIONS = {
    "flows": ("DIR", "The folder of recordings that the fixture `cliproxy` answers from."),
    "match": ("HOW", "strict (only the same request has an answer) or nearest; default: strict."),
    "config": ("FILE", "The configuration to record with; default: as `cliproxy run` finds it."),
}
"""Each may stand on the command line (--cliproxy-flows) or in pytest's configuration (cliproxy_flows)."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("cliproxy", "cliproxy: tests against recorded models")
    for name, (metavar, told) in OPTIONS.items():
        group.addoption(f"--cliproxy-{name}", metavar=metavar, help=told)
        parser.addini(f"cliproxy_{name}", told)
    group.addoption(
        "--cliproxy-record", action="store_true", help="Ask the real provider for what is not recorded, and record it."
    )


@pytest.fixture(scope="session")
def cliproxy(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway that answers from the recordings of --cliproxy-flows, for as long as the tests run."""
    from cliproxy.cli.clients import Place, sdk_variables
    from cliproxy.cli.faults import Fault
    from cliproxy.cli.own_gateway import own_gateway

    try:
        arguments, key = _start(request.config)
        with own_gateway(*arguments) as url:
            yield Gateway(url, key, sdk_variables(Place(url, key)))
    except Fault as fault:
        raise pytest.UsageError("\n".join(fault.lines)) from None


def _start(config: pytest.Config) -> tuple[list[str], str]:
    """The arguments of `cliproxy run`, and the client key."""
    from cliproxy.cli.place import ANY_KEY

    flows = _option(config, "flows")
    if not flows:
        raise pytest.UsageError("The fixture `cliproxy` needs recordings: pytest --cliproxy-flows=DIR.")
    folder = str(config.rootpath / Path(flows).expanduser())
    arguments = ["--replay", folder, "--speed", "0", "--match", _option(config, "match") or "strict"]
    if not config.getoption("--cliproxy-record"):
        return arguments, ANY_KEY
    path, key = _recording(_option(config, "config"))
    return [*arguments, "--missing", "ask", "--record", folder, "--config", path], key


def _recording(config: str) -> tuple[str, str]:
    """The configuration of the real providers, and its first client key."""
    from datetime import UTC, datetime

    from cliproxy.cli.config_option import configured
    from cliproxy.cli.place import client_key

    path, loaded = configured(config or None)
    return str(path.resolve()), client_key(loaded.settings.auth.api_keys, "", datetime.now(UTC))


def _option(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"--cliproxy-{name}") or config.getini(f"cliproxy_{name}") or "")
