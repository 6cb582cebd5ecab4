"""The makers' SDKs as clients in every format, each as one function: what they read of an answer, in one shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from running import KEY
from wires import TEXT

type Said = tuple[str, int | None, int | None]
"""Text, and the tokens in and out."""
type Client = Callable[[str, str, bool], Said]
"""URL of the gateway, model, stream."""

SAID: Said = (TEXT, 9, 2)
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
ASK: Any = [{"role": "user", "content": "Hi"}]


def _openai(url: str) -> Any:
    import openai

    return openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=20)


def _anthropic(url: str) -> Any:
    import anthropic

    return anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0, timeout=20)


def _google(url: str) -> Any:
    from google import genai

    return genai.Client(api_key=KEY, http_options={"base_url": url})


def chat(url: str, model: str, stream: bool) -> Said:
    create = _openai(url).chat.completions.create
    if not stream:
        answer = create(model=model, messages=ASK)
        return answer.choices[0].message.content, answer.usage.prompt_tokens, answer.usage.completion_tokens
    chunks = list(create(model=model, messages=ASK, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    return text, chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens


def completions(url: str, model: str, stream: bool) -> Said:
    create = _openai(url).completions.create
    if not stream:
        answer = create(model=model, prompt="Hi")
        return answer.choices[0].text, answer.usage.prompt_tokens, answer.usage.completion_tokens
    chunks = list(create(model=model, prompt="Hi", stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    return text, chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens


def responses(url: str, model: str, stream: bool) -> Said:
    client = _openai(url)
    if stream:
        with client.responses.stream(model=model, input="Hi") as events:
            for _ in events:
                pass
            answer = events.get_final_response()
    else:
        answer = client.responses.create(model=model, input="Hi")
    return answer.output_text, answer.usage.input_tokens, answer.usage.output_tokens


def messages(url: str, model: str, stream: bool) -> Said:
    client = _anthropic(url)
    if stream:
        with client.messages.stream(model=model, max_tokens=99, messages=ASK) as events:
            answer = events.get_final_message()
    else:
        answer = client.messages.create(model=model, max_tokens=99, messages=ASK)
    return answer.content[0].text, answer.usage.input_tokens, answer.usage.output_tokens


def contents(url: str, model: str, stream: bool) -> Said:
    client = _google(url)
    if stream:
        chunks = list(client.models.generate_content_stream(model=model, contents="Hi"))
    else:
        chunks = [client.models.generate_content(model=model, contents="Hi")]
    usage = chunks[-1].usage_metadata
    return "".join(chunk.text or "" for chunk in chunks), usage.prompt_token_count, usage.candidates_token_count


CLIENTS: list[Client] = [chat, completions, responses, messages, contents]


# -- a tool, called and answered -----------------------------------------------------------

type Called = tuple[str, Any, str]
"""The tool's name, its arguments, and what is said once it has answered."""


def chat_tool(url: str, model: str) -> Called:
    create = _openai(url).chat.completions.create
    tools = [{"type": "function", "function": {"name": "look", "description": "Look.", "parameters": SCHEMA}}]
    first = create(model=model, messages=ASK, tools=tools).choices[0].message
    (call,) = first.tool_calls
    result = {"role": "tool", "tool_call_id": call.id, "content": "blue"}
    second = create(model=model, messages=[*ASK, first.model_dump(exclude_none=True), result], tools=tools)
    return call.function.name, json.loads(call.function.arguments), second.choices[0].message.content


def responses_tool(url: str, model: str) -> Called:
    create = _openai(url).responses.create
    tools = [{"type": "function", "name": "look", "description": "Look.", "parameters": SCHEMA, "strict": False}]
    first = create(model=model, input="Hi", tools=tools)
    (call,) = [item for item in first.output if item.type == "function_call"]
    history = [*ASK, call.model_dump(exclude_none=True)]
    history.append({"type": "function_call_output", "call_id": call.call_id, "output": "blue"})
    return call.name, json.loads(call.arguments), create(model=model, input=history, tools=tools).output_text


def messages_tool(url: str, model: str) -> Called:
    create = _anthropic(url).messages.create
    ask = {
        "model": model,
        "max_tokens": 99,
        "tools": [{"name": "look", "description": "Look.", "input_schema": SCHEMA}],
    }
    first = create(messages=ASK, **ask)
    (call,) = [block for block in first.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "blue"}
    history = [*ASK, {"role": "assistant", "content": [block.to_dict() for block in first.content]}]
    second = create(messages=[*history, {"role": "user", "content": [result]}], **ask)
    return call.name, call.input, second.content[0].text


def contents_tool(url: str, model: str) -> Called:
    from google.genai import types

    declaration = types.FunctionDeclaration(name="look", description="Look.", parameters_json_schema=SCHEMA)
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declaration])],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    client = _google(url)
    generate = client.models.generate_content
    asked = types.Content(role="user", parts=[types.Part(text="Hi")])
    first = generate(model=model, contents=[asked], config=config)
    (call,) = first.function_calls
    part = types.Part.from_function_response(name="look", response={"result": "blue"})
    part.function_response.id = call.id
    told = types.Content(role="user", parts=[part])
    second = generate(model=model, contents=[asked, first.candidates[0].content, told], config=config)
    return call.name, call.args, second.text


calls_tool = [chat_tool, responses_tool, messages_tool, contents_tool]


def asked_tool(body: Any) -> bool:
    """Whether a request of any format shows the tool, its call and its answer."""
    text = json.dumps(body)
    return text.count('"look"') >= 2 and "blue" in text and "sky" in text
