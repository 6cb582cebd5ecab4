"""The defaults are safe, and no repr tells a secret."""

import dataclasses

import pytest

from cliproxy.addons import settings
from cliproxy.addons.settings import CredentialSettings, ProviderSettings, Settings, is_loopback

SECRET_FIELDS = {
    settings.ClientKey: {"key"},
    settings.CredentialSettings: {"key", "headers", "proxy"},
    settings.Route: {"api_key"},
    settings.RemoteManagement: {"secret_key"},
    settings.Webhook: {"url", "secret"},
    settings.State: {"url"},
    settings.OAuthSettings: {"client_secret"},
}


def test_the_gateway_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert (Settings().host, Settings().port) == ("127.0.0.1", 8317)
    assert not Settings().remote_management.secret_key
    assert not Settings().tls.enabled


@pytest.mark.parametrize("section, names", SECRET_FIELDS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_secrets_stay_out_of_repr(section: type, names: set[str]) -> None:
    assert {field.name for field in dataclasses.fields(section) if not field.repr} == names


@pytest.mark.parametrize("section", [value for value in vars(settings).values() if dataclasses.is_dataclass(value)])
def test_settings_are_frozen_and_slotted(section: type) -> None:
    assert section.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(section)


@pytest.mark.parametrize(
    "host, loopback",
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("gateway.example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_credentials_of_a_provider_that_is_not_there() -> None:
    one = ProviderSettings("openai", ("openai_chat",), credentials=(CredentialSettings("openai-1"),))
    assert Settings(providers={"openai": one}).credentials("openai") == one.credentials
    assert Settings(providers={"openai": one}).credentials("qwen") == ()
