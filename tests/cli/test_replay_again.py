"""`cliproxy replay`: the recorded request again, and on other models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from exchanges import request
from kept_flows import folder, run, said, told
from recorded_exchanges import translated
from scripted import Provider, provider, whole
from wires import CONTENTS_REQUEST, chat, message

from cliproxy.addons.recordings import Recorded, body
from cliproxy.cli.replay_again import renamed

TURN = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def providers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Provider, Provider]]:
    """OpenAI and Anthropic, with a configuration in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with provider(chat({"content": "from one"})) as one, provider(message()) as other:
        config = {
            "port": 9,
            "auth": {"api-keys": ["sk-test-client-key"]},
            "openai": {"base-url": f"{one.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": other.url, "api-key": "sk-test-a"},
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        yield one, other


def test_as_it_was(tmp_path: Path, providers: tuple[Provider, Provider]) -> None:
    where = folder(tmp_path / "f", said("aa", TURN))
    recorded, again = told("replay", where)
    assert (recorded["name"], recorded["text"], recorded["status"]) == ("recorded", "Hello there", 200)
    assert (again["name"], again["text"], again["status"]) == ("again", "from one", 200)
    assert again["seconds"] >= again["first_byte"] > 0 and again["input"] == 9 and again["id"]
    assert [seen.body for seen in providers[0].seen] == [said("aa", TURN).request.content]


def test_side_by_side_on_other_models(tmp_path: Path, providers: tuple[Provider, Provider]) -> None:
    where = folder(tmp_path / "f", said("aa", TURN))
    done = run("replay", "aa", "--from", where, "--to", "openai/gpt-4o", "--to", "anthropic/claude-haiku-4-5")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "aa  gpt-test" and lines[1].split()[:3] == ["status", "finish", "in"]
    assert [line.split()[0] for line in lines[2:5]] == ["recorded", "openai/gpt-4o", "anthropic/claude-haiku-4-5"]
    assert "$" in lines[3] and "--- openai/gpt-4o\nfrom one" in done.output
    asked = [seen.json["model"] for one in providers for seen in one.seen]
    assert asked == ["gpt-4o", "claude-haiku-4-5"]


def test_a_model_goes_where_it_is_sent(tmp_path: Path, providers: tuple[Provider, Provider]) -> None:
    """By its name it would be Anthropic's."""
    told("replay", folder(tmp_path / "f", said("aa", TURN)), "--to", "openai/claude-proxied")
    assert [len(one.seen) for one in providers] == [1, 0]


def test_an_error_ends_it_with_1(tmp_path: Path, providers: tuple[Provider, Provider]) -> None:
    providers[0].answers[:] = [whole({"error": {"message": "no such thing"}}, 400)]
    done = run("replay", folder(tmp_path / "f", said("aa", TURN)))
    assert done.exit_code == 1 and "no such thing" in done.output


@pytest.mark.parametrize("one", [said("aa", TURN), translated()])
def test_only_the_model_is_another(one: Recorded) -> None:
    before, after = one.request.content or b"", renamed(one, 'a"b').content or b""
    assert body(renamed(one, 'a"b'))["model"] == 'a"b'
    assert after == before.replace(f'"{one.model}"'.encode(), b'"a\\"b"', 1)


def test_gemini_has_the_model_in_its_path() -> None:
    asked = request("POST", "/v1beta/models/gemini-x:streamGenerateContent?alt=sse", CONTENTS_REQUEST)
    made = renamed(Recorded({"id": "x"}, asked, None), "gpt-5")
    assert made.path == "/v1beta/models/gpt-5:streamGenerateContent?alt=sse"
