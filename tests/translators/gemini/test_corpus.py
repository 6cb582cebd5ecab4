"""Recorded Gemini and Vertex traffic through the format: requests there and back, answers as google-genai reads them.

A few hundred small records by default; all of gemini-generate and gemini-stream with CORPUS=all.

What a request's round trip may change, and nothing else (see `_canonical`): snake_case to camelCase; nulls, empty
objects and `thought: false` away; one content or part alone to a list; neighbouring turns of one role to one turn,
results first in it, in the order of the calls, and never in a model's; neighbouring plain texts or thoughts of the
model to one; empty texts away; the role of the system instruction away; OpenAPI schemas to JSON Schema; base64 to its
standard alphabet; the signature bypass on or off; thinkingBudget to thinkingLevel from Gemini 3 on; a JSON text in
`output` to the JSON; defaults (`language`, `mimeType`, `args`) filled in; `responseModalities: ["TEXT"]`, `text/plain`
and a function calling mode without any tool away.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cliproxy.translators import collect, gemini, ir, thinking
from cliproxy.translators.gemini.schemas import json_schema, wants_openapi
from cliproxy.translators.gemini.seals import open_seal, standard
from cliproxy.translators.gemini.words import camel, generation, levels

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
GAPS = Path(__file__).with_name("known_gaps.txt")
WIRES = ("gemini-generate", "gemini-stream")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no recordings at {CORPUS}")


def _records() -> Iterator[dict[str, Any]]:
    gaps = {line.split()[0] for line in GAPS.read_text().splitlines() if line and not line.startswith("#")}
    for name in WIRES if os.environ.get("CORPUS") == "all" else ("core",):
        path = CORPUS / f"{name}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    if record["wire"] in WIRES and record["id"] not in gaps:
                        yield record


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    found = list(_records())
    assert found
    return found


# -- requests ---------------------------------------------------------------------------


def test_requests_round_trip(records: list[dict[str, Any]]) -> None:
    failures = {}
    for record in records:
        body = record.get("request_json")
        if not record["has_request"] or not isinstance(body, dict):
            continue
        request = gemini.parse_request(body, record["url_path"])
        rendered = gemini.render_request(request)
        want, got = _canonical(body, request.model), _canonical(rendered, request.model)
        if want != got:
            failures[record["id"]] = _difference(want, got)
        again = gemini.parse_request(rendered, gemini.endpoint(request))
        if _meaning(again) != _meaning(request):
            failures[record["id"]] = "read again: " + _difference(_meaning(request), _meaning(again))
    assert not failures, f"{len(failures)}: " + "\n".join(f"{id} {why}" for id, why in list(failures.items())[:20])


def _meaning(request: ir.Request) -> Any:
    """Without empty texts and ids that the parser made from the places of parts, which a round trip may move."""
    subset = wants_openapi(request.model)
    messages: list[Any] = []
    for message in request.messages:
        kept = [part for part in message.parts if part != ir.Text("")]
        if kept and message.role == "tool" and messages and messages[-1][0] == "tool":
            messages[-1][1].extend(kept)
        elif kept:
            messages.append((message.role, kept, message.extra))
    for role, kept, _ in messages:
        if role == "tool":
            kept.sort(key=lambda part: repr(part.parts))
    text = repr(
        (messages, request.tools, request.tool_choice, request.max_tokens, not subset and request.response_format)
    )
    text = re.sub(r"(call|code)_\d+_\d+", "minted", text)
    return re.sub(r"Opaque\(format='gemini'[^)]*\)", "sealed", text)


def _canonical(body: Any, model: str) -> Any:
    body = _object(body)
    body.pop("model", None)
    config = _config(_object(body.pop("generationConfig", {})), model)
    calling = _object(body.pop("toolConfig", {}))
    tools = [tool for one in _list(body.pop("tools", [])) for tool in _tools(one)]
    if not tools:
        calling.pop("functionCallingConfig", None)
    else:
        calling.setdefault("includeServerSideToolInvocations", True)
    system = body.pop("systemInstruction", None)
    return _clean(
        body
        | {
            "system": _parts(system if isinstance(system, str) else _object(system).get("parts")) if system else 0,
            "contents": _contents(body.pop("contents", []), model),
            "config": config,
            "tools": tools,
            "calling": _calling(calling),
        }
    )


def _object(value: Any) -> dict[str, Any]:
    return {key: one for key, one in camel(value).items() if one is not None} if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: clean for key, one in value.items() if (clean := _clean(one)) not in (None, {}, [], 0, False)}
    return [_clean(one) for one in value] if isinstance(value, list) else value


def _config(config: dict[str, Any], model: str) -> dict[str, Any]:
    if config.get("responseModalities") == ["TEXT"]:
        config.pop("responseModalities")
    if config.get("responseMimeType") == "text/plain":
        config.pop("responseMimeType")
    schema = config.pop("responseJsonSchema", None) or json_schema(config.pop("responseSchema", None))
    if schema:
        config |= {"responseMimeType": "application/json", "schema": schema}
    config["thinkingConfig"] = asked = _object(config.get("thinkingConfig"))
    if generation(model) >= 3 and asked.get("thinkingBudget") is not None:
        effort = thinking.effort_of(ir.Thinking(budget=asked.pop("thinkingBudget")))
        asked["thinkingLevel"] = thinking.nearest(effort, levels(model)) if effort else None
    if isinstance(asked.get("thinkingLevel"), str):
        asked["thinkingLevel"] = asked["thinkingLevel"].lower()
    if "thinkingBudget" in asked:
        asked["thinkingBudget"] += 10**6  # 0 says something here
    return config


def _tools(tool: Any) -> Iterator[Any]:
    for key, value in _object(tool).items():
        if key != "functionDeclarations":
            yield {key: value or "on"}
            continue
        for declaration in _list(value):
            fields = _object(declaration)
            schema = fields.pop("parametersJsonSchema", None) or json_schema(fields.pop("parameters", None))
            yield fields | {"description": fields.get("description") or None, "schema": schema}


def _calling(config: dict[str, Any]) -> dict[str, Any]:
    calling = _object(config.get("functionCallingConfig"))
    if isinstance(calling.get("mode"), str):
        calling["mode"] = calling["mode"].upper()
    return config | {"functionCallingConfig": calling}


def _contents(value: Any, model: str) -> list[Any]:
    turns: list[Any] = []
    for one in _list(value):
        content = _object(one) if isinstance(one, dict) else {"parts": one}
        role = "model" if content.pop("role", "user") == "model" else "user"
        for part in _parts(content.pop("parts", [])):
            part_role = "user" if "functionResponse" in part else role
            if turns and turns[-1]["role"] == part_role:
                turns[-1]["parts"].append(part)
            else:
                turns.append({"role": part_role, "parts": [part], **content})
    for turn in turns:
        results = [part for part in turn["parts"] if "functionResponse" in part]
        if turn["role"] == "user":
            results.sort(key=lambda part: json.dumps(part, sort_keys=True))
            turn["parts"] = results + [part for part in turn["parts"] if "functionResponse" not in part]
        turn["parts"] = _joined(turn["parts"])
    return [turn for turn in turns if turn["parts"]]


def _parts(value: Any) -> list[Any]:
    return [part for one in _list(value or []) if (part := _part({"text": one} if isinstance(one, str) else one))]


def _part(wire: dict[str, Any]) -> Any:
    part = {key: value for key, value in _object(wire).items() if value is not False}
    signature = part.pop("thoughtSignature", None)
    if signature and open_seal(signature):
        part["sealed"] = signature
    if part.get("text") == "":
        part.pop("text")
    if "functionCall" in part:
        part["functionCall"] = {"args": {}, **_object(part["functionCall"])}
    if "functionResponse" in part:
        part["functionResponse"] = _response(_object(part["functionResponse"]))
    if "executableCode" in part:
        part["executableCode"] = {"language": "PYTHON", **_object(part["executableCode"])}
    for key in ("inlineData", "fileData"):
        if key in part:
            part[key] = _file(part[key])
    return part if set(part) != {"thought"} else None


def _file(wire: Any) -> dict[str, Any]:
    file = _object(wire)
    if "data" in file:
        file["data"] = standard(file["data"])
    file.pop("mimeType", None) if not _object(wire).get("mimeType") else None
    return file


def _response(result: dict[str, Any]) -> dict[str, Any]:
    response = result.get("response") or {}
    if list(response) in (["output"], ["error"]) and isinstance(next(iter(response.values())), str):
        text = next(iter(response.values()))
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, dict):
            response = value if "output" in response else {"error": value}
    parts = [_part(one) for one in _list(result.pop("parts", []))]
    return result | {"response": json.loads(json.dumps(response)), "parts": parts}


def _joined(parts: list[Any]) -> list[Any]:
    out: list[Any] = []
    for part in parts:
        joins = out and set(part) <= {"text", "thought"} and set(out[-1]) == set(part)
        if joins:
            out[-1] = {**part, "text": out[-1]["text"] + part["text"]}
        else:
            out.append(part)
    return out


def _difference(want: Any, got: Any, path: str = "") -> str:
    if isinstance(want, dict) and isinstance(got, dict):
        for key in want.keys() | got.keys():
            if want.get(key) != got.get(key):
                return _difference(want.get(key), got.get(key), f"{path}.{key}")
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for index, (one, other) in enumerate(zip(want, got, strict=True)):
            if one != other:
                return _difference(one, other, f"{path}[{index}]")
    return f"{path}: {str(want)[:300]} became {str(got)[:300]}"


# -- answers ----------------------------------------------------------------------------


def _answer(record: dict[str, Any]) -> bytes:
    return str(record["response_body"]).encode("utf-8", "surrogatepass")


def test_whole_answers(records: list[dict[str, Any]], judge: Any, context: Callable[..., ir.Context]) -> None:
    failures = {}
    for record in records:
        if record["is_stream"] or record["status"] != 200:
            continue
        response = collect.collect(gemini.parse_response(json.loads(record["response_body"])))
        if response.error:
            failures[record["id"]] = repr(response.error)
            continue
        verdict = judge.verdict(judge.whole(gemini.render_response(response, context())))
        if why := _disagreement(response, verdict):
            failures[record["id"]] = why
        streamed = collect.collect(_stream_of(record))
        if streamed.finish and streamed != response:
            failures[record["id"]] = "as a stream it is another answer"
    assert not failures, f"{len(failures)}: " + "\n".join(f"{id} {why}" for id, why in list(failures.items())[:20])


def _stream_of(record: dict[str, Any]) -> Iterator[ir.Event]:
    decoder, parser = gemini.Decoder(), gemini.StreamParser()
    for sent in [*decoder.feed(_answer(record)), *decoder.close()]:
        yield from parser.feed(sent)
    yield from parser.close()


def test_streamed_answers(
    records: list[dict[str, Any]], judge: Any, read: Callable[..., list[ir.Event]], render: Callable[..., bytes]
) -> None:
    failures = {}
    for record in records:
        if not record["is_stream"]:
            continue
        events = read(_answer(record))
        cuts = (7, 37) if len(record["response_body"]) < 50_000 else (997,)
        if any(read(_answer(record), size) != events for size in cuts):
            failures[record["id"]] = "another cut, other events"
        response = collect.collect(events)
        if response.error:
            if '"error"' not in record["response_body"] or response.error.status == 502:
                failures[record["id"]] = repr(response.error)
            with pytest.raises(judge.errors.APIError, match=re.escape(response.error.message)):
                judge.stream(render(events))
            continue
        verdict = judge.verdict(judge.stream(render(events)))
        if why := _disagreement(response, verdict):
            failures[record["id"]] = why
        if json.loads(render(events, json_array=True)) == []:
            failures[record["id"]] = "the array is empty"
    assert not failures, f"{len(failures)}: " + "\n".join(f"{id} {why}" for id, why in list(failures.items())[:20])


_REASONS = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY", "error": "OTHER"}


def _disagreement(response: ir.Response, verdict: Any) -> str:
    assert response.finish
    text = "".join(part.text for part in response.parts if isinstance(part, ir.Text))
    thoughts = "".join(part.text for part in response.parts if isinstance(part, ir.Reasoning))
    calls = [(part.name, json.loads(part.arguments)) for part in response.parts if isinstance(part, ir.ToolCall)]
    usage = response.finish.usage or ir.Usage()
    written = None if usage.output is None else usage.output - (usage.reasoning or 0)
    want = (text, thoughts, calls, _REASONS[response.finish.reason])
    counts = (usage.input, written, usage.reasoning, usage.cache_read)
    if want != tuple(verdict[:4]):
        return f"{str(want)[:300]} is read as {str(verdict[:4])[:300]}"
    return "" if counts == verdict.usage else f"usage {counts} is read as {verdict.usage}"


def test_recorded_answers_keep_what_google_said(records: list[dict[str, Any]], judge: Any) -> None:
    """The SDK reads the provider's own bytes and our rendering of them alike."""
    failures = {}
    for record in records:
        if record["is_stream"] or record["status"] != 200 or "int" in record["url_path"].partition("?")[2]:
            continue
        body = json.loads(record["response_body"])
        theirs = judge.verdict(judge.whole(body))
        response = collect.collect(gemini.parse_response(body))
        ours = judge.verdict(judge.whole(gemini.render_response(response, ir.Context("x", 0, ir.Request("m")))))
        if theirs[:3] != ours[:3] or theirs.usage[2:] != ours.usage[2:]:
            failures[record["id"]] = f"{str(theirs)[:300]} became {str(ours)[:300]}"
    assert not failures, f"{len(failures)}: " + "\n".join(f"{id} {why}" for id, why in list(failures.items())[:20])


# -- errors -----------------------------------------------------------------------------


def test_errors(records: list[dict[str, Any]], judge: Any) -> None:
    for record in records:
        if record["status"] == 200:
            continue
        error = gemini.parse_error(record["status"], json.loads(record["response_body"]))
        assert error.message and error.type, record["id"]
        with pytest.raises(judge.errors.APIError) as raised:
            judge.whole(gemini.render_error(error), error.status)
        assert raised.value.message == error.message
        assert (raised.value.code, raised.value.status) == (error.status, error.type)


def test_reported_errors() -> None:
    """Shapes that nobody has recorded, as users reported them."""
    with (CORPUS / "reported_errors.jsonl").open() as lines:
        for record in (json.loads(line) for line in lines):
            if record["wire"] in WIRES and record["status"] != 200:
                error = gemini.parse_error(record["status"], json.loads(record["response_body"]))
                assert error.message and error.type == ("UNAVAILABLE" if error.status == 503 else "RESOURCE_EXHAUSTED")
