"""The exported curl is run, and answers."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from exported import TEXT, Site
from kept_flows import said

from cliproxy.cli.flows.exports.curl import curl
from cliproxy.cli.flows.exports.portable import portable

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


def run(script: str, environ: dict[str, str]) -> str:
    done = subprocess.run(["sh"], input=script, capture_output=True, text=True, timeout=30, env=environ, check=True)
    return done.stdout


@needs_curl
def test_it_answers(site: Site) -> None:
    assert TEXT in run(site.export(0, "curl"), site.environ)
    assert "event: message_stop" in run(site.export(1, "curl"), site.environ)


@needs_curl
def test_without_a_key_it_is_refused(site: Site) -> None:
    environ = {name: value for name, value in site.environ.items() if name != "CLIPROXY_KEY"}
    assert "Invalid API key" in run(site.export(0, "curl"), environ)


def test_a_body_that_holds_the_end_mark_stays_whole() -> None:
    one = said("aa", [])
    one.request.data.content = b"{}\nCLIPROXY_BODY\n"
    assert curl(portable(one, "client")).endswith("<<'CLIPROXY_BODY_'\n{}\nCLIPROXY_BODY\n\nCLIPROXY_BODY_\n")


def test_the_providers_key_is_named_not_told() -> None:
    made = curl(portable(said("aa", []), "provider"))
    assert '"authorization: Bearer ${OPENAI_API_KEY:-no-key-needed}"' in made and '"https://api.openai.com"/v1/' in made


def test_without_a_body_none_is_sent() -> None:
    one = said("aa", [])
    one.request.data.content = b""
    assert "--data-binary" not in curl(portable(one, "client"))
