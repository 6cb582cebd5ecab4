"""What the README shows works as it is written there: the demo and its curls."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import Gateway, gateway

README = (Path(__file__).parents[2] / "README.md").read_text()
CURLS = [block for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL) if "curl " in block]
SAID = (
    "This answer comes from a recorded flow, through the same routing, translation and streaming as a real provider's."
)


@pytest.fixture(scope="module")
def demo() -> Iterator[Gateway]:
    with gateway() as running:
        yield running


def run(demo: Gateway, block: str) -> str:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    command = block.replace("http://127.0.0.1:8317", demo.url)
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30).stdout


def test_there_are_three_curls() -> None:
    assert len(CURLS) == 3


def test_a_chat_completion(demo: Gateway) -> None:
    assert SAID in json.loads(run(demo, CURLS[0]))["choices"][0]["message"]["content"]


def test_a_streamed_anthropic_message(demo: Gateway) -> None:
    out = run(demo, CURLS[1])
    assert out.startswith("event: message_start\n") and out.endswith('data: {"type":"message_stop"}\n\n')
    assert SAID in "".join(re.findall(r'"text_delta","text":"(.*?)"}', out))


def test_the_same_message_translated_to_openai_and_back(demo: Gateway) -> None:
    out = run(demo, CURLS[1].replace("claude-sonnet-4-5", "gpt-5"))
    assert out.startswith("event: message_start\n") and "event: message_stop" in out
    assert SAID in "".join(re.findall(r'"text":"(.*?)"', out))


def test_the_models(demo: Gateway) -> None:
    models = json.loads(run(demo, CURLS[2]))
    assert models["object"] == "list"
    assert {"gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro"} <= {model["id"] for model in models["data"]}


ASKED = {
    "/v1/chat/completions": {"model": "MODEL", "messages": [{"role": "user", "content": "Hello!"}]},
    "/v1/completions": {"model": "MODEL", "prompt": "Hello!"},
    "/v1/responses": {"model": "MODEL", "input": "Hello!"},
    "/v1/messages": {"model": "MODEL", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello!"}]},
    "/v1beta/models/MODEL:generateContent": {"contents": [{"parts": [{"text": "Hello!"}]}]},
    "/v1beta/models/MODEL:streamGenerateContent?alt=sse": {"contents": [{"parts": [{"text": "Hello!"}]}]},
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("model", ["gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro"])
def test_the_demo_answers_every_format_for_every_model(demo: Gateway, model: str, path: str, stream: bool) -> None:
    body = {key: model if value == "MODEL" else value for key, value in ASKED[path].items()}
    if "models/" not in path:
        body["stream"] = stream
    answer = httpx.post(demo.url + path.replace("MODEL", model), json=body, timeout=20)
    assert answer.status_code == 200
    assert "recorded" in answer.text


def test_the_start_is_one_short_block(demo: Gateway) -> None:
    head, *block = demo.log().splitlines()
    assert head == f"cliproxy listens on {demo.url}"
    told = [line for line in block if line.startswith("  ")]
    assert len(told) <= 8 and block[: len(told)] == told
    assert "  openai: recordings, speaks openai_chat, openai_responses, openai_completions" in told


def test_each_exchange_is_a_line_in_the_log(demo: Gateway) -> None:
    answer = json.loads(run(demo, CURLS[0]))
    assert "Hello!" in answer["choices"][0]["message"]["content"]
    assert " · gpt-5 → openai/gpt-5 · openai-keyless · 200 · 12 input + 17 output tokens · " in demo.log()


def test_health_needs_no_key(demo: Gateway) -> None:
    assert httpx.get(f"{demo.url}/healthz").json() == {"status": "ok"}
    assert httpx.head(demo.url).status_code == 200
