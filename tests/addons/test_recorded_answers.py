"""Which recorded answer is the one for a request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exchanges import PATHS
from recorded_flows import write

from cliproxy.addons.recorded_answers import Answer, Asked, Library, answers_of, at_provider, parse_asked, read_folder
from cliproxy.addons.settings import ReplaySettings
from cliproxy.addons.settings_problems import ConfigError


def asked(body: Any, format: str = "openai_chat", stream: bool = False, model: str = "m") -> Asked:
    found = parse_asked(PATHS[format], json.dumps({"model": model, "stream": stream, **body}).encode())
    assert found
    return found


def answer(name: str, body: Any, format: str = "openai_chat", stream: bool = False, model: str = "m") -> Answer:
    chunks = ((0.0, name.encode()),)
    return Answer(name, "openai", asked(body, format, stream, model), 200, "application/json", chunks)


def turns(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "first"}, {"role": "user", "content": text}], **more}


RECORDED = [
    answer("plain", turns("a", temperature=1)),
    answer("tools", turns("b", tools=[1])),
    answer("other turn", turns("c", tools=[1])),
    answer("other model", turns("c", tools=[1]), model="n"),
    answer("stream", turns("a"), stream=True),
    answer("anthropic", turns("a"), format="anthropic"),
    answer("input", {"input": "a"}, format="openai_responses"),
    answer("prompt", {"prompt": ["a", "b"]}, format="openai_completions"),
]


def chosen(request: Asked, strict: bool) -> str | None:
    found = Library(RECORDED, strict).take(request)
    return found.name if found else None


@pytest.mark.parametrize(
    "request_, name",
    [
        (asked(turns("a", temperature=1)), "plain"),
        (asked(turns("a", tools=[2])), "plain"),
        (asked(turns("c", tools=[2])), "other turn"),
        (asked(turns("c", tools=[2]), model="n"), "other model"),
        (asked({"messages": [{"role": "user", "content": "c"}]}), "other turn"),
        (asked(turns("nobody said this", tools=[2])), "tools"),
        (asked(turns("nobody said this")), "plain"),
        (asked({}), "plain"),
        (asked(turns("zzz", tools=[1]), stream=True), "stream"),
        (asked({}, "anthropic"), "anthropic"),
        (asked({"input": "b"}, "openai_responses"), "input"),
        (asked({"prompt": ["a", "b"]}, "openai_completions"), "prompt"),
        (asked(turns("a"), "anthropic", stream=True), None),
        (asked(turns("a"), "gemini"), None),
    ],
)
def test_the_nearest_recording_answers(request_: Asked, name: str | None) -> None:
    assert chosen(request_, strict=False) == name


@pytest.mark.parametrize(
    "request_, name",
    [
        (asked(turns("a", temperature=1)), "plain"),
        (asked(turns("a", temperature=1, user="somebody")), "plain"),
        (asked(turns("c", tools=[1]), model="n"), "other model"),
        (asked(turns("a", temperature=2)), None),
        (asked(turns("a", temperature=1), stream=True), None),
        (asked(turns("b", tools=[1]), model="n"), None),
    ],
)
def test_only_the_same_request_has_an_answer(request_: Asked, name: str | None) -> None:
    assert chosen(request_, strict=True) == name


def test_what_was_asked_twice_is_answered_in_the_order_recorded() -> None:
    library = Library([answer("1", turns("a")), answer("other", turns("b")), answer("2", turns("a"))], strict=True)
    given = [library.take(asked(turns("a"))) for _ in range(4)]
    assert [one.name for one in given if one] == ["1", "2", "1", "2"]


def test_the_very_same_bytes_come_before_what_only_counts_the_same() -> None:
    library = Library([answer(day, turns(day)) for day in ("2026-01-01", "2026-01-02")], strict=True)
    for day in ("2026-01-02", "2026-01-02", "2026-01-01"):
        found = library.take(asked(turns(day)))
        assert found and found.name == day
    assert library.find(asked(turns("2027-07-07")))


def test_looking_does_not_count_as_giving() -> None:
    library = Library([answer("1", turns("a")), answer("2", turns("a"))], strict=True)
    assert [one.name for one in (library.find(asked(turns("a"))), library.take(asked(turns("a")))) if one] == ["1", "1"]


def test_what_is_missing_is_told_with_the_nearest_and_what_differs() -> None:
    told = Library(RECORDED, strict=True).missing(asked(turns("b", tools=[1], seed=1), model="n"))
    assert told == (
        "No recording answers this request (n in openai_chat, whole). The nearest is tools, which differs: "
        'model: "m" was recorded, "n" is asked; seed: nothing was recorded, 1 is asked.'
    )
    assert Library([], strict=True).missing(asked({})).endswith("there are none.")
    many = Library([answer("one", {"a": 1, "b": 2, "c": 3, "d": 4})], strict=True).missing(asked({}))
    assert many.endswith("; and more.")


@pytest.mark.parametrize(
    "path, format, model",
    [
        ("/v1/chat/completions", "openai_chat", ""),
        ("/compatible-mode/v1/chat/completions?a=b", "openai_chat", ""),
        ("/v1beta/models/m:generateContent", "gemini", "m"),
        ("/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent", "gemini", "m"),
        ("/anthropic/v1/messages?beta=true", "anthropic", ""),
        ("/v1/messages/count_tokens", "anthropic", ""),
        ("/v1/models/m", None, ""),
        ("/v1/embeddings", None, ""),
        ("/", None, ""),
        ("", None, ""),
    ],
)
def test_a_base_url_may_bring_folders(path: str, format: str | None, model: str) -> None:
    found = at_provider(path)
    assert (found.format.NAME if found else None) == format
    assert (found.model if found else "") == model


# -- reading ------------------------------------------------------------------------------


def test_only_the_providers_side_of_generations_is_read(tmp_path: Path) -> None:
    write(tmp_path / "b.flow", body=b'{"stream":true}')
    write(tmp_path / "below" / "a.flow", url="https://a.test/v1beta/models/m:streamGenerateContent?alt=sse")
    write(tmp_path / "client.flow", side="client")
    write(tmp_path / "models.flow", url="https://a.test/v1/models/m")
    write(tmp_path / "nowhere.flow", url="https://a.test/nowhere")
    (tmp_path / "notes.txt").write_text("no flow")
    assert [(one.asked.format, one.asked.stream, one.asked.model) for one in read_folder(tmp_path)] == [
        ("gemini", True, "m"),
        ("openai_chat", True, ""),
    ]


@pytest.mark.parametrize("body", [b"", b"[1]", b"no json"])
def test_a_recorded_body_that_is_no_object_asks_for_nothing(tmp_path: Path, body: bytes) -> None:
    write(tmp_path / "a.flow", body=body)
    assert [(one.asked.stream, one.asked.plain) for one in read_folder(tmp_path)] == [(False, {})]


def test_an_empty_folder_has_no_recordings(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == []


@pytest.mark.parametrize("missing, refused", [("refuse", True), ("ask", False)])
def test_a_folder_may_be_missing_only_where_the_provider_is_asked(tmp_path: Path, missing: str, refused: bool) -> None:
    replay = ReplaySettings(tmp_path / "none", missing=missing)
    if refused:
        with pytest.raises(ConfigError, match="there is no folder"):
            answers_of(replay)
    else:
        assert answers_of(replay) == []


def test_a_damaged_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_bytes(b"9999:no flow")
    with pytest.raises(ConfigError, match="can't be read"):
        answers_of(ReplaySettings(tmp_path))


def test_fields_that_the_user_ignores_do_not_count(tmp_path: Path) -> None:
    write(tmp_path / "a.flow", body=b'{"model":"m","seed":1}')
    (one,) = answers_of(ReplaySettings(tmp_path, ignore=("seed",)))
    assert (one.asked.plain, one.asked.canonical) == ({"seed": 1}, {})


def test_a_count_is_no_answer_to_a_question(tmp_path: Path) -> None:
    body = {"model": "m", "messages": []}
    write(tmp_path / "a.flow", url="https://a.test/v1/messages/count_tokens", body=json.dumps(body).encode())
    library = Library(answers_of(ReplaySettings(tmp_path)), strict=False)
    assert library.find(asked({"messages": []}, "anthropic")) is None
    counted = parse_asked("/v1/messages/count_tokens", json.dumps(body).encode())
    assert counted and library.find(counted)
