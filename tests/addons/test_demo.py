"""The demo needs no key and no network, and its recordings answer for every model that it lists."""

from __future__ import annotations

import json

import pytest
from exchanges import PATHS

from cliproxy.addons.demo import FLOWS, MODELS, demo_settings
from cliproxy.addons.recorded_answers import Library, answers_of, parse_asked
from cliproxy.addons.routes import Routes
from cliproxy.addons.settings import ReplaySettings, is_loopback
from cliproxy.translators.formats import FORMATS

ENDPOINTS = {**PATHS, "gemini": "/v1beta/models/any"}
REPLAY = ReplaySettings(FLOWS / "demo", match="nearest")


def test_the_demo_is_open_to_this_machine_only_and_has_no_secret() -> None:
    settings = demo_settings()
    assert is_loopback(settings.host) and settings.auth.api_keys == ()
    assert {one.secret for one in Routes(settings).credentials()} == {""}


def test_every_model_is_played_from_the_recordings() -> None:
    settings = demo_settings()
    routes = Routes(settings, {REPLAY: "http://127.0.0.1:1"})
    for provider, models in MODELS.items():
        for model in models:
            found = routes.find(model)
            assert found and (found.name, found.base_url) == (provider, "http://127.0.0.1:1")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("format", FORMATS)
def test_there_is_a_recording_of_every_format(format: str, stream: bool) -> None:
    path = ENDPOINTS[format] + (":streamGenerateContent" if stream else ":generateContent") * (format == "gemini")
    request = parse_asked(path, json.dumps({"stream": stream}).encode())
    assert request
    found = Library(answers_of(REPLAY), strict=False).find(request)
    assert found and found.status == 200 and b"Hello" in b"".join(data for _, data in found.chunks)
