"""What is told of a field is what the translation does with it: shown on translations of our own making."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import carrying, ir
from cliproxy.translators.carrying import Fate, Translated, added, differences, edited, fates, label


def toy(body: ir.Json) -> Translated:
    """Renames `a`, halves `b`, loses `c`, needs `role` to be user or model, ignores `z`."""
    if "b" in body and not isinstance(body["b"], int):
        raise ir.BadRequest("b must be a number")
    turns = []
    for turn in body.get("turns", []):
        if turn.get("role") not in ("user", "model"):
            raise ir.BadRequest("role must be user or model")
        turns.append({"who": turn["role"], "said": [{"text": turn.get("text", "")}]})
    sent: dict[str, Any] = {"fixed": 1, "contents": turns}
    sent |= {"alpha": body["a"]} if "a" in body else {}
    sent |= {"settings": {"half": body["b"] // 2}} if "b" in body else {}
    understood = {name: value for name, value in body.items() if name != "z"}
    return Translated(sent, understood, frozenset({"c"} if "c" in body else ()))


BODY = {
    "a": {"x": 1}, "b": 10, "c": "gone", "z": 0, "stream": True,
    "turns": [{"role": "user", "text": "hi"}, {"role": "model", "text": "yes"}, {"role": "user", "text": "bye"}],
}  # fmt: skip


def told(body: ir.Json = BODY, **more: Any) -> dict[str, Fate]:
    return {fate.path: fate for fate in fates(body, toy, **more)}


def test_what_only_changes_its_place_is_the_same() -> None:
    fate = told()["a"]
    assert (fate.to, fate.same, fate.value) == (("alpha",), True, {"x": 1})


def test_what_changes_its_value_is_told_with_both() -> None:
    fate = told()["b"]
    assert (fate.to, fate.same, fate.value, fate.became) == (("settings.half",), False, 10, 5)


def test_what_is_lost_is_told_by_the_loss_that_it_causes() -> None:
    fate = told()["c"]
    assert (fate.to, fate.lost, fate.read) == ((), ("c",), True)


def test_what_is_read_and_not_sent_differs_from_what_is_not_read() -> None:
    found = told()
    assert (found["stream"].read, found["z"].read) == (True, False)
    assert found["stream"].to == found["z"].to == ()


def test_the_elements_of_a_list_are_told_by_their_kind() -> None:
    found = told()
    assert found["turns[user].text"] == Fate("turns[user].text", ("contents[].said[].text",), "hi", "hi", True, count=2)
    assert found["turns[model].text"].count == 1
    assert found["turns[user].role"].needed and not found["turns[user].text"].needed


def test_what_comes_from_no_field_was_added() -> None:
    assert added(toy(BODY).sent, list(told().values())) == ["fixed", "contents[].who"]


def test_a_request_that_is_too_large_says_what_was_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "TRIALS", 2)
    found = told()
    assert [name for name, fate in found.items() if fate.looked] == ["a", "b"]
    assert not found["c"].looked
    monkeypatch.setattr(carrying, "TRIALS", 400)
    assert not any(fate.looked for fate in told(size=carrying.BYTES * 2).values())


def test_a_request_that_can_not_be_translated_says_so() -> None:
    with pytest.raises(ir.BadRequest, match="b must be a number"):
        told({"b": "x"})


def test_an_id_that_must_fit_another_is_found_by_its_value() -> None:
    def paired(body: ir.Json) -> Translated:
        calls = body.get("calls") or [{}]
        if calls[0].get("id") is None or calls[0]["id"] != body.get("answer"):
            raise ir.BadRequest("no such call")
        return Translated({"tool_calls": [{"id": calls[0]["id"]}], "for": body["answer"]}, body, frozenset())

    found = {fate.path: fate for fate in fates({"calls": [{"id": "call_12"}], "answer": "call_12"}, paired)}
    assert found["calls[].id"].to == ("tool_calls[].id", "for") and found["calls[].id"].same


@pytest.mark.parametrize(
    "one, other, paths",
    [
        ({"a": 1, "b": 2}, {"a": 1}, [("b",)]),
        ({"a": 1}, {"a": 1, "b": 2}, [("b",)]),
        ([1, 2, 3], [1, 3], [(1,)]),
        ([1, 3], [1, 2, 3], [()]),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}], [(1, "a")]),
        ({"input_schema": {"a": 1}}, {"input_schema": {"a": 2}}, [("input_schema",)]),
        ({"a": 1}, [], [()]),
        ({"a": [1]}, {"a": [1]}, []),
    ],
)
def test_differences_are_told_by_their_place(one: Any, other: Any, paths: list[Any]) -> None:
    assert list(differences(one, other)) == paths


def test_a_trial_leaves_the_request_as_it_was() -> None:
    body: Any = {"a": [{"b": 1, "c": 2}]}
    assert edited(body, ("a", 0, "b"), None) == {"a": [{"c": 2}]}
    assert edited(body, ("a", 0, "b"), 9) == {"a": [{"b": 9, "c": 2}]}
    assert body == {"a": [{"b": 1, "c": 2}]}


@pytest.mark.parametrize(
    "element, kind",
    [
        ({"type": "text", "text": "x"}, "text"),
        ({"role": "user"}, "user"),
        ({"inlineData": {"data": ""}}, "inlineData"),
        ({"name": "get", "input_schema": {}}, ""),
        ("plain", ""),
    ],
)
def test_an_element_is_known_by_its_kind(element: Any, kind: str) -> None:
    assert label({"list": [element]}, ("list", 0)) == f"list[{kind}]"
