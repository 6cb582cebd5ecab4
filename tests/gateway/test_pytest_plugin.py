"""The plugin, in a pytest of its own: tests on the makers' SDKs against recordings, and recording what is missing."""

from __future__ import annotations

import pytest
import yaml
from scripted import provider
from wires import TEXT, chat

from cliproxy.addons.demo import FLOWS

pytest.importorskip("openai")
pytest_plugins = ["pytester"]

TEST = """
import anthropic, openai, os

def test_openai(cliproxy):
    client = openai.OpenAI(base_url=cliproxy.openai_base_url, api_key=cliproxy.api_key)
    turn = [{"role": "user", "content": "Hello!"}]
    answer = client.chat.completions.create(model="gpt-5", messages=turn)
    assert "recorded flow" in answer.choices[0].message.content

def test_anthropic_stream(cliproxy, monkeypatch):
    for name, value in cliproxy.env.items():
        monkeypatch.setenv(name, value)
    turn = [{"role": "user", "content": "Hello!"}]
    with anthropic.Anthropic().messages.stream(model="claude-sonnet-4-5", max_tokens=1024, messages=turn) as stream:
        assert "recorded flow" in stream.get_final_text()

def test_what_is_not_recorded(cliproxy):
    client = openai.OpenAI(base_url=cliproxy.openai_base_url, api_key=cliproxy.api_key)
    try:
        client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "Something else"}])
    except openai.NotFoundError as error:
        assert "messages[0].content" in str(error)
    else:
        raise AssertionError("it was answered")
"""
ASK = """
import openai

def test_it(cliproxy):
    client = openai.OpenAI(base_url=cliproxy.openai_base_url, api_key=cliproxy.api_key)
    turn = [{"role": "user", "content": "Hi"}]
    assert client.chat.completions.create(model="gpt-test", messages=turn).choices[0].message.content == "TEXT"
"""


def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> pytest.RunResult:
    monkeypatch.setenv("HOME", str(pytester.path))
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_users_tests_run_on_recordings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(TEST)
    run(pytester, monkeypatch, f"--cliproxy-flows={FLOWS / 'demo'}").assert_outcomes(passed=3)


def test_the_folder_may_stand_in_pytests_configuration(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(TEST)
    pytester.makeini(f"[pytest]\ncliproxy_flows = {FLOWS / 'demo'}\n")
    run(pytester, monkeypatch, "-k", "openai").assert_outcomes(passed=1, deselected=2)


def test_what_is_missing_is_recorded_once(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(ASK.replace("TEXT", TEXT))
    folder, config = pytester.path / "flows", pytester.path / "config.yaml"
    with provider(chat()) as upstream:
        keys = {"auth": {"api-keys": ["sk-test-client-key"]}}
        real = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-provider"}}
        config.write_text(yaml.safe_dump({**keys, **real}))
        recording = ("--cliproxy-flows=flows", "--cliproxy-record", f"--cliproxy-config={config}")
        for _ in range(2):
            run(pytester, monkeypatch, *recording).assert_outcomes(passed=1)
        assert len(upstream.seen) == 1 and len(list(folder.glob("*.flow"))) == 1
    run(pytester, monkeypatch, "--cliproxy-flows=flows").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "arguments, told",
    [
        ([], "The fixture `cliproxy` needs recordings: pytest --cliproxy-flows=DIR."),
        (["--cliproxy-flows=nowhere"], "there is no folder"),
        (["--cliproxy-flows=.", "--cliproxy-record", "--cliproxy-config=none.yaml"], "none.yaml"),
    ],
)
def test_bad_input_is_told(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    pytester.makepyfile(ASK)
    result = run(pytester, monkeypatch, *arguments)
    assert told in result.stdout.str() and result.ret != 0
