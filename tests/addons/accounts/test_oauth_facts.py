from __future__ import annotations

import pytest

from cliproxy.addons.accounts.oauth_facts import FACTS, Missing, check, known
from cliproxy.addons.settings import OAuthSettings
from cliproxy.addons.settings_load import parse


@pytest.mark.parametrize(
    "name, provider",
    [("openai", "openai"), ("ChatGPT", "openai"), ("claude", "anthropic"), ("google", "gemini"), ("qwen", "qwen")],
)
def test_a_provider_is_found_by_its_own_name_and_by_its_products(name: str, provider: str) -> None:
    assert known(name, {}).provider == provider


def test_the_configuration_replaces_what_it_names_and_nothing_else() -> None:
    settings = parse("oauth: {openai: {client-id: mine, token-url: 'https://a.test/t', scopes: [one]}}", {}).settings
    facts = known("chatgpt", settings.oauth)
    assert (facts.client_id, facts.token_url, facts.scopes) == ("mine", "https://a.test/t", ("one",))
    assert facts.authorization_url == FACTS["openai"].authorization_url


def test_a_provider_without_a_sign_in_is_told_so() -> None:
    with pytest.raises(Missing, match=r"vertex: there is no sign-in for it; there is one for openai, anthropic"):
        known("vertex", {})


def test_what_must_be_set_is_named_by_its_option() -> None:
    with pytest.raises(Missing, match=r"oauth\.gemini\.client-id and oauth\.gemini\.client-secret must be set"):
        check(FACTS["gemini"])
    with pytest.raises(Missing, match=r"^Gemini: oauth\.gemini\.client-secret must be set"):
        check(known("gemini", {"gemini": OAuthSettings(client_id="mine")}))
    check(known("gemini", {"gemini": OAuthSettings(client_id="mine", client_secret="sk-test-secret")}))


def test_a_flow_that_a_provider_does_not_have_is_told_with_the_one_it_has() -> None:
    with pytest.raises(Missing, match="sign in without --device"):
        check(FACTS["anthropic"], device=True)
    with pytest.raises(Missing, match="sign in with --device"):
        check(FACTS["qwen"])
    check(FACTS["qwen"], device=True)
    check(FACTS["openai"], device=True)
    check(FACTS["openai"])


def test_no_secret_of_another_program_is_built_in() -> None:
    assert [facts.provider for facts in FACTS.values() if facts.client_secret] == []


def test_a_secret_is_in_no_repr() -> None:
    assert "sk-test" not in repr(known("gemini", {"gemini": OAuthSettings(client_secret="sk-test-secret")}))
