"""Which credentials a provider ends up with."""

import pytest

from cliproxy.addons.settings_load import Loaded, parse

LISTED = "load-balance: {credentials: {openai: [{key: '${K1}', quota: 5}, {key: '${K2}', label: two}, {key: sk-3}]}}\n"
CASES: dict[str, tuple[str, dict[str, str], list[tuple[str, str]], list[str]]] = {
    "own key": ("openai: {api-key: sk-own}", {}, [("openai-1", "sk-own")], []),
    "own, then listed": (
        LISTED + "openai: {api-key: sk-own}",
        {"K1": "sk-1", "K2": "sk-2"},
        [("openai-1", "sk-own"), ("openai-2", "sk-1"), ("two", "sk-2"), ("openai-4", "sk-3")],
        [],
    ),
    "labels stay when a variable is missing": (
        LISTED + "openai: {api-key: sk-own}",
        {"K2": "sk-2"},
        [("openai-1", "sk-own"), ("two", "sk-2"), ("openai-4", "sk-3")],
        ["openai-2: left out, K1 is not set."],
    ),
    "listed only": (
        LISTED,
        {"K1": "sk-1", "K2": "sk-2"},
        [("openai-1", "sk-1"), ("two", "sk-2"), ("openai-3", "sk-3")],
        [],
    ),
    "own is listed too": (
        "openai: {api-key: sk-3}\nload-balance: {credentials: {openai: [{key: sk-3, quota: 7}]}}",
        {},
        [("openai-2", "sk-3")],
        [],
    ),
    "variable not set": ("openai: {api-key: '${K1}'}", {}, [], ["openai: left out, K1 is not set."]),
    "no variable set": (
        "openai: {api-key: '${K1}'}\nload-balance: {credentials: {openai: [{key: '${K2}'}]}}",
        {"K1": ""},
        [],
        ["openai: left out, K1 and K2 are not set."],
    ),
    "the documented variable": ("openai:", {"OPENAI_API_KEY": "sk-env"}, [("openai-1", "sk-env")], []),
    "the documented variable is not set": ("openai:", {}, [], ["openai: left out, OPENAI_API_KEY is not set."]),
    "a key from the environment goes to the provider only": (
        "openai: {base-url: 'http://localhost:1/v1'}",
        {"OPENAI_API_KEY": "sk-env"},
        [("openai-1", "")],
        [],
    ),
    "recordings need no key": ("openai: {replay: flows, api-key: '${K1}'}", {}, [("openai-1", "")], []),
}


def told(loaded: Loaded) -> list[str]:
    return [note for note in loaded.notes if "left out" in note]


@pytest.mark.parametrize("text, environ, credentials, notes", CASES.values(), ids=CASES)
def test_credentials(text: str, environ: dict[str, str], credentials: list[tuple[str, str]], notes: list[str]) -> None:
    loaded = parse(text, environ)
    assert [(one.label, one.key) for one in loaded.settings.credentials("openai")] == credentials
    assert told(loaded) == notes
    assert {key for _, key in credentials if key} <= loaded.secrets


def test_a_credential_is_complete_by_itself() -> None:
    text = """
anthropic:
  base-url: https://a.example.com
  proxy: http://proxy:1
  headers: {X-Team: a, x-other: b}
load-balance:
  credentials:
    anthropic:
      - key: sk-1
      - {key: sk-2, base-url: "https://b.example.com", headers: {x-team: c}, proxy: "http://other:2",
         weight: 3, priority: -1, quota: 9, quota-window: 3600, models: [m]}
"""
    first, second = parse(text, {}).settings.credentials("anthropic")
    assert (first.base_url, first.proxy, first.weight, first.priority, first.quota) == (
        "https://a.example.com", "http://proxy:1", 1, 0, None,
    )  # fmt: skip
    assert first.headers == {"x-team": "a", "x-other": "b"}
    assert (second.base_url, second.proxy, second.weight, second.priority, second.quota) == (
        "https://b.example.com", "http://other:2", 3, -1, 9,
    )  # fmt: skip
    assert (first.quota_window, second.quota_window) == (86_400, 3600)
    assert (second.headers, second.models) == ({"x-team": "c", "x-other": "b"}, ("m",))


def test_a_service_account_needs_no_key() -> None:
    loaded = parse("vertex: {project: p, location: europe-west1, service-account: ~/sa.json}", {"HOME": "/home/me"})
    vertex = loaded.settings.providers["vertex"]
    assert vertex.base_url == "https://europe-west1-aiplatform.googleapis.com"
    assert str(vertex.service_account) == "/home/me/sa.json"
    assert [one.key for one in vertex.credentials] == [""]
