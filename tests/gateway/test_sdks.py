"""The makers' SDKs as clients of a running gateway: chat, stream, tool round trip, image, error, on every path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, whole
from wires import (
    TEXT,
    chat,
    chat_stream,
    completion,
    completion_stream,
    gemini,
    gemini_stream,
    message,
    message_stream,
    response,
    response_body,
    response_stream,
)

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")
genai = pytest.importorskip("google.genai")

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DATA_URL = f"data:image/png;base64,{PNG}"
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
CHAT_CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at":"sky"}'}}
RESPONSES_CALL = {
    "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"at":"sky"}',
    "status": "completed",
}  # fmt: skip
ANTHROPIC_CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}}
GEMINI_CALL = {"functionCall": {"name": "look", "args": {"at": "sky"}}}


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    """One scripted server plays all providers, each by its own path."""
    with provider(chat()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
            "gemini": {"base-url": upstream.url, "api-key": "sk-test-g"},
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.fixture
def upstream(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    return site[1]


@pytest.fixture
def openai_client(site: tuple[Gateway, Provider]) -> Any:
    return openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=KEY, max_retries=0, timeout=20)


@pytest.fixture
def anthropic_client(site: tuple[Gateway, Provider]) -> Any:
    return anthropic.Anthropic(base_url=site[0].url, api_key=KEY, max_retries=0, timeout=20)


@pytest.fixture
def google_client(site: tuple[Gateway, Provider]) -> Any:
    return genai.Client(api_key=KEY, http_options={"base_url": site[0].url})


# What each model's provider answers: its own words, which the client's SDK must not notice.
ANSWERS: dict[str, tuple[Answer, Answer]] = {
    "gpt-test": (chat(), chat_stream()),
    "claude-test": (message(), message_stream()),
    "gemini-test": (gemini(), gemini_stream()),
}
CALLS: dict[str, Answer] = {
    "gpt-test": chat({"content": None, "tool_calls": [CHAT_CALL]}, "tool_calls"),
    "claude-test": message([ANTHROPIC_CALL], "tool_use"),
    "gemini-test": gemini([GEMINI_CALL]),
}
FAULTS: dict[str, Any] = {
    "gpt-test": {"error": {"message": "too long", "type": "invalid_request_error", "param": None, "code": None}},
    "claude-test": {"type": "error", "error": {"type": "invalid_request_error", "message": "too long"}},
    "gemini-test": {"error": {"code": 400, "message": "too long", "status": "INVALID_ARGUMENT"}},
}
each_model = pytest.mark.parametrize("model", ANSWERS)


def script(upstream: Provider, *answers: Answer) -> None:
    upstream.answers[:] = answers


# -- chat completions ---------------------------------------------------------------------

CHAT_TOOLS = [{"type": "function", "function": {"name": "look", "description": "Look.", "parameters": SCHEMA}}]
ASK = [{"role": "user", "content": "Hi"}]


@each_model
def test_openai_chat(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][0])
    answer = openai_client.chat.completions.create(model=model, messages=ASK)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (9, 2)


@each_model
def test_openai_chat_streams(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][1])
    with openai_client.chat.completions.stream(
        model=model, messages=ASK, stream_options={"include_usage": True}
    ) as stream:
        for _ in stream:
            pass
        answer = stream.get_final_completion()
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (9, 2)


@each_model
def test_openai_chat_calls_a_tool(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, CALLS[model], ANSWERS[model][0])
    first = openai_client.chat.completions.create(model=model, messages=ASK, tools=CHAT_TOOLS)
    assert first.choices[0].finish_reason == "tool_calls"
    (call,) = first.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"at": "sky"})
    history = [*ASK, first.choices[0].message.model_dump(exclude_none=True)]
    history.append({"role": "tool", "tool_call_id": call.id, "content": "blue"})
    second = openai_client.chat.completions.create(model=model, messages=history, tools=CHAT_TOOLS)
    assert second.choices[0].message.content == TEXT
    assert "blue" in upstream.seen[1].body.decode() and "look" in upstream.seen[1].body.decode()


@each_model
def test_openai_chat_shows_an_image(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][0])
    parts = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": DATA_URL}}]
    openai_client.chat.completions.create(model=model, messages=[{"role": "user", "content": parts}])
    assert PNG in upstream.seen[0].body.decode()


@each_model
def test_openai_chat_hears_an_error(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, whole(FAULTS[model], 400))
    with pytest.raises(openai.BadRequestError, match="too long") as error:
        openai_client.chat.completions.create(model=model, messages=ASK)
    assert error.value.type == "invalid_request_error"


# -- legacy completions -------------------------------------------------------------------


def test_openai_completions(openai_client: Any, upstream: Provider) -> None:
    script(upstream, completion())
    answer = openai_client.completions.create(model="gpt-test", prompt="Hi")
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == (TEXT, "stop")
    assert upstream.seen[0].path == "/v1/completions"


def test_openai_completions_stream(openai_client: Any, upstream: Provider) -> None:
    script(upstream, completion_stream())
    pieces = openai_client.completions.create(model="gpt-test", prompt="Hi", stream=True)
    assert "".join(piece.choices[0].text for piece in pieces) == TEXT


@pytest.mark.parametrize("model", ["claude-test", "gemini-test"])
@pytest.mark.parametrize("stream", [False, True])
def test_openai_completions_of_other_providers(
    openai_client: Any, upstream: Provider, model: str, stream: bool
) -> None:
    script(upstream, ANSWERS[model][stream])
    answer = openai_client.completions.create(model=model, prompt="Hi", stream=stream)
    pieces = answer if stream else [answer]
    assert "".join(piece.choices[0].text for piece in pieces if piece.choices) == TEXT


def test_openai_completions_hear_an_error(openai_client: Any, upstream: Provider) -> None:
    script(upstream, whole(FAULTS["gpt-test"], 400))
    with pytest.raises(openai.BadRequestError, match="too long"):
        openai_client.completions.create(model="gpt-test", prompt="Hi")


# -- Responses ----------------------------------------------------------------------------

RESPONSES_TOOLS = [{"type": "function", "name": "look", "description": "Look.", "parameters": SCHEMA, "strict": False}]
RESPONSES: dict[str, tuple[Answer, Answer]] = {**ANSWERS, "gpt-test": (response(), response_stream())}
RESPONSES_CALLS = {**CALLS, "gpt-test": whole(response_body("completed", [RESPONSES_CALL]))}


@each_model
def test_openai_responses(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, RESPONSES[model][0])
    answer = openai_client.responses.create(model=model, input="Hi")
    assert (answer.output_text, answer.status) == (TEXT, "completed")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 2)


@each_model
def test_openai_responses_stream(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, RESPONSES[model][1])
    with openai_client.responses.stream(model=model, input="Hi") as stream:
        for _ in stream:
            pass
        answer = stream.get_final_response()
    assert (answer.output_text, answer.status, answer.usage.output_tokens) == (TEXT, "completed", 2)


@each_model
def test_openai_responses_call_a_tool(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, RESPONSES_CALLS[model], RESPONSES[model][0])
    first = openai_client.responses.create(model=model, input="Hi", tools=RESPONSES_TOOLS)
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, json.loads(call.arguments)) == ("look", {"at": "sky"})
    history = [{"role": "user", "content": "Hi"}, call.model_dump(exclude_none=True)]
    history.append({"type": "function_call_output", "call_id": call.call_id, "output": "blue"})
    second = openai_client.responses.create(model=model, input=history, tools=RESPONSES_TOOLS)
    assert second.output_text == TEXT
    assert "blue" in upstream.seen[1].body.decode()


@each_model
def test_openai_responses_show_an_image(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, RESPONSES[model][0])
    content = [{"type": "input_text", "text": "What?"}, {"type": "input_image", "image_url": DATA_URL}]
    openai_client.responses.create(model=model, input=[{"role": "user", "content": content}])
    assert PNG in upstream.seen[0].body.decode()


@each_model
def test_openai_responses_hear_an_error(openai_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, whole(FAULTS[model], 400))
    with pytest.raises(openai.BadRequestError, match="too long"):
        openai_client.responses.create(model=model, input="Hi")


# -- Anthropic ----------------------------------------------------------------------------

ANTHROPIC_TOOLS = [{"name": "look", "description": "Look.", "input_schema": SCHEMA}]


@each_model
def test_anthropic(anthropic_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][0])
    answer = anthropic_client.messages.create(model=model, max_tokens=99, messages=ASK)
    assert (answer.content[0].text, answer.stop_reason) == (TEXT, "end_turn")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 2)


@each_model
def test_anthropic_streams(anthropic_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][1])
    with anthropic_client.messages.stream(model=model, max_tokens=99, messages=ASK) as stream:
        assert "".join(stream.text_stream) == TEXT
        answer = stream.get_final_message()
    assert (answer.stop_reason, answer.usage.output_tokens) == ("end_turn", 2)


@each_model
def test_anthropic_calls_a_tool(anthropic_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, CALLS[model], ANSWERS[model][0])
    first = anthropic_client.messages.create(model=model, max_tokens=99, messages=ASK, tools=ANTHROPIC_TOOLS)
    assert first.stop_reason == "tool_use"
    (call,) = [block for block in first.content if block.type == "tool_use"]
    assert (call.name, call.input) == ("look", {"at": "sky"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "blue"}
    history = [
        *ASK,
        {"role": "assistant", "content": [block.to_dict() for block in first.content]},
        {"role": "user", "content": [result]},
    ]
    second = anthropic_client.messages.create(model=model, max_tokens=99, messages=history, tools=ANTHROPIC_TOOLS)
    assert second.content[0].text == TEXT
    assert "blue" in upstream.seen[1].body.decode()


@each_model
def test_anthropic_shows_an_image(anthropic_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][0])
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    anthropic_client.messages.create(model=model, max_tokens=99, messages=[{"role": "user", "content": [image]}])
    assert PNG in upstream.seen[0].body.decode()


@each_model
def test_anthropic_hears_an_error(anthropic_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, whole(FAULTS[model], 400))
    with pytest.raises(anthropic.BadRequestError, match="too long") as error:
        anthropic_client.messages.create(model=model, max_tokens=99, messages=ASK)
    assert error.value.body["error"]["type"] == "invalid_request_error"


# -- Gemini -------------------------------------------------------------------------------


def google_tools() -> Any:
    declaration = genai.types.FunctionDeclaration(name="look", description="Look.", parameters_json_schema=SCHEMA)
    off = genai.types.AutomaticFunctionCallingConfig(disable=True)
    tools = [genai.types.Tool(function_declarations=[declaration])]
    return genai.types.GenerateContentConfig(tools=tools, automatic_function_calling=off)


@each_model
def test_google(google_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][0])
    answer = google_client.models.generate_content(model=model, contents="Hi")
    assert answer.text == TEXT
    assert answer.candidates[0].finish_reason == "STOP"
    assert (answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count) == (9, 2)


@each_model
def test_google_streams(google_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][1])
    chunks = list(google_client.models.generate_content_stream(model=model, contents="Hi"))
    assert "".join(chunk.text or "" for chunk in chunks) == TEXT
    assert chunks[-1].candidates[0].finish_reason == "STOP"


@each_model
def test_google_calls_a_tool(google_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, CALLS[model], ANSWERS[model][0])
    types = genai.types
    asked = types.Content(role="user", parts=[types.Part(text="Hi")])
    first = google_client.models.generate_content(model=model, contents=[asked], config=google_tools())
    (call,) = first.function_calls
    assert (call.name, call.args) == ("look", {"at": "sky"})
    result = types.Part.from_function_response(name="look", response={"output": "blue"})
    history = [asked, first.candidates[0].content, types.Content(role="user", parts=[result])]
    second = google_client.models.generate_content(model=model, contents=history, config=google_tools())
    assert second.text == TEXT
    assert "blue" in upstream.seen[1].body.decode()


@each_model
def test_google_shows_an_image(google_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, ANSWERS[model][0])
    part = genai.types.Part(inline_data=genai.types.Blob(data=b"\x89PNG", mime_type="image/png"))
    google_client.models.generate_content(model=model, contents=["What?", part])
    assert "iVBORw==" in upstream.seen[0].body.decode()


@each_model
def test_google_hears_an_error(google_client: Any, upstream: Provider, model: str) -> None:
    script(upstream, whole(FAULTS[model], 400))
    with pytest.raises(genai.errors.ClientError, match="too long") as error:
        google_client.models.generate_content(model=model, contents="Hi")
    assert (error.value.code, error.value.status) == (400, "INVALID_ARGUMENT")


# -- around -------------------------------------------------------------------------------


def test_models_in_the_shape_of_each_sdk(openai_client: Any, anthropic_client: Any, google_client: Any) -> None:
    names = [model.id for model in openai_client.models.list()]
    assert names
    assert openai_client.models.retrieve(names[0]).id == names[0]
    assert [model.id for model in anthropic_client.models.list()] == names
    assert anthropic_client.models.retrieve(names[0]).type == "model"
    assert [model.name for model in google_client.models.list()] == [f"models/{name}" for name in names]


def test_a_wrong_key_is_told_in_each_sdks_own_words(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    url = site[0].url
    with pytest.raises(openai.AuthenticationError, match="Invalid API key"):
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-test-wrong").chat.completions.create(model="m", messages=ASK)
    with pytest.raises(anthropic.AuthenticationError, match="Invalid API key"):
        anthropic.Anthropic(base_url=url, api_key="sk-test-wrong").messages.create(
            model="m", max_tokens=1, messages=ASK
        )
    with pytest.raises(genai.errors.ClientError, match="Invalid API key"):
        wrong = genai.Client(api_key="sk-test-wrong", http_options={"base_url": url})
        wrong.models.generate_content(model="m", contents="Hi")
    assert upstream.seen == []


def test_neither_side_sees_the_others_key(openai_client: Any, anthropic_client: Any, upstream: Provider) -> None:
    script(upstream, chat(), message())
    openai_client.chat.completions.create(model="gpt-test", messages=ASK)
    anthropic_client.messages.create(model="claude-test", max_tokens=1, messages=ASK)
    for seen, key in zip(upstream.seen, ("Bearer sk-test-o", "sk-test-a"), strict=True):
        assert KEY not in repr(seen)
        assert key in (seen.headers.get("authorization"), seen.headers.get("x-api-key"))
