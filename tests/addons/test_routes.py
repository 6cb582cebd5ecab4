"""Which provider answers for a model, and with which credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.providers import KINDS
from cliproxy.addons.routes import Routes
from cliproxy.addons.settings import ProviderSettings, ReplaySettings, Settings
from cliproxy.addons.settings_load import parse

CONFIG = """
openai: {api-key: sk-test-openai, models: [house-model]}
anthropic: {api-key: sk-test-anthropic}
custom-providers:
  local: {base-url: "http://127.0.0.1:1", models: [llama, gpt-local, claude-same]}
  other: {base-url: "http://127.0.0.1:2", api-key: sk-test-other, format: anthropic, models: [claude-same]}
routes:
  - {pattern: "^claude-old", provider: openai}
  - {pattern: "^mine-", provider: custom, base-url: "http://127.0.0.1:3", api-key: sk-test-mine}
  - {pattern: "-far$", provider: anthropic, base-url: "http://127.0.0.1:4", api-key: sk-test-far}
  - {pattern: "^gemini-", provider: gemini}
  - {pattern: "^mine-far$", provider: openai}
"""


def routes(config: str = CONFIG) -> Routes:
    return Routes(parse(config, {}).settings)


@pytest.mark.parametrize(
    "model, provider",
    [
        ("gpt-5", "openai"),
        ("GPT-5", "openai"),
        ("claude-x", "anthropic"),
        ("claude-old-1", "openai"),
        ("not-claude-old", None),
        ("llama", "local"),
        ("gpt-local", "local"),
        ("claude-same", "local"),
        ("Llama", None),
        ("house-model", "openai"),
        ("mine-1", "custom-route-2"),
        ("claude-far", "anthropic-route-3"),
        ("mine-far", "custom-route-2"),
        ("gemini-pro", None),
        ("qwen-max", None),
        ("", None),
        ("nobody", None),
    ],
)
def test_routes_then_custom_models_then_prefixes_then_listed_models(model: str, provider: str | None) -> None:
    found = routes().find(model)
    assert (found.name if found else None) == provider


def test_a_route_with_settings_of_its_own_is_an_upstream_of_its_own() -> None:
    made = routes()
    mine, far = made.find("mine-1"), made.find("claude-far")
    assert mine and (mine.base_url, mine.key_header, mine.formats[0].NAME) == (
        "http://127.0.0.1:3", "authorization", "openai_chat")  # fmt: skip
    assert far and (far.base_url, far.key_header, far.formats[0].NAME) == (
        "http://127.0.0.1:4", "x-api-key", "anthropic")  # fmt: skip
    secrets = {one.provider: one.secret for one in made.credentials()}
    assert (secrets["custom-route-2"], secrets["anthropic-route-3"]) == ("sk-test-mine", "sk-test-far")


def test_every_upstream_has_a_credential_be_it_an_empty_one() -> None:
    made = routes()
    credentials = list(made.credentials())
    assert {upstream.name for upstream in made.upstreams()} == {one.provider for one in credentials}
    assert [one.secret for one in credentials if one.provider == "local"] == [""]
    assert len({one.id for one in credentials}) == len(credentials)


def test_two_routes_to_one_upstream_name_it_once() -> None:
    names = [upstream.name for upstream in routes().upstreams()]
    assert len(names) == len(set(names))


def test_recordings_stand_in_for_the_network() -> None:
    folder = ReplaySettings(Path("recordings"))
    provider = ProviderSettings("openai", KINDS["openai"].formats, base_url="https://a.test", replay=folder)
    settings = Settings(providers={"openai": provider})
    upstream = Routes(settings, {folder: "http://127.0.0.1:5"}).find("gpt-5")
    assert upstream and upstream.base_url == "http://127.0.0.1:5"


def test_nothing_configured() -> None:
    made = Routes(Settings())
    assert (made.find("gpt-5"), list(made.upstreams()), list(made.credentials())) == (None, [], [])


ACCOUNT = "load-balance: {credentials: {openai: [{key: sk-test-token, label: account, door: chatgpt}]}}"


def test_where_only_an_account_is_known_its_door_is_that_of_the_provider() -> None:
    made = routes(ACCOUNT)
    found = made.find("gpt-5")
    assert found and (found.name, found.provider, found.base_url) == (
        "chatgpt", "openai", "https://chatgpt.com/backend-api/codex")  # fmt: skip
    (credential,) = made.credentials()
    assert [one.name for one in made.upstreams()] == ["openai"] and made.entrance(credential) == found


def test_beside_a_key_each_credential_has_its_own_door() -> None:
    made = routes(CONFIG + ACCOUNT)
    found = made.find("gpt-5")
    assert found and found.name == "openai"
    doors = {one.id: made.entrance(one) for one in made.credentials()}
    assert {id: door.name for id, door in doors.items() if door and door.provider == "openai"} == {
        "openai-1": "openai",
        "account": "chatgpt",
    }


def test_what_is_known_of_a_door_can_be_replaced() -> None:
    config = """
    vertex: {project: p, location: eu, service-account: /sa.json}
    doors: {claude: {base-url: "http://127.0.0.1:5", headers: {Anthropic-Beta: other}}}
    """
    made = Routes(parse(config, {}).settings)
    claude = made.entrance(Credential("a", "anthropic", "t", upstream="claude"))
    vertex = made.entrance(Credential("v", "vertex", "t", upstream="vertex-account"))
    assert claude and (claude.base_url, claude.headers) == ("http://127.0.0.1:5", (("anthropic-beta", "other"),))
    assert vertex and (vertex.base_url, vertex.project, vertex.location, vertex.key_header) == (
        "https://aiplatform.eu.rep.googleapis.com", "p", "eu", "authorization")  # fmt: skip


@pytest.mark.parametrize(
    "model, why",
    [
        ("mine-1", "the route ^mine-"),
        ("gpt-local", "the models of local"),
        ("gpt-5", "the beginning of its name, as openai's models are called"),
        ("house-model", "the models of openai"),
        ("fast", "the alias fast"),
        ("unknown", ""),
    ],
)
def test_the_rule_that_was_followed_can_be_told(model: str, why: str) -> None:
    assert routes(f"{CONFIG}\nmodels: {{fast: openai/house-model}}\n").why(model) == why
