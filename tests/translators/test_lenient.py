import pytest

from cliproxy.translators.lenient import count, first_count, flat, items, mapping, text

ODD = [None, True, 1, 1.5, "a", [], ["a"], {}, {"a": 1}, float("nan"), float("inf")]


@pytest.mark.parametrize("value", ODD)
def test_a_value_of_the_wrong_kind_counts_as_absent(value: object) -> None:
    assert mapping(value) == (value if isinstance(value, dict) else {})
    assert items(value) == (value if isinstance(value, list) else [])
    assert text(value) == (value if isinstance(value, str) else "")
    assert isinstance(flat(value), str)


@pytest.mark.parametrize(
    ("value", "expected"), [(3, 3), (3.0, 3), (0, 0), (True, None), ("3", None), (float("nan"), None), (1e400, None)]
)
def test_count(value: object, expected: int | None) -> None:
    """Usage in floats: QuantumNous/new-api#1602."""
    assert count(value) == expected


def test_first_count_takes_zero_for_an_answer() -> None:
    assert first_count({"a": None, "b": 0, "c": 5}, "a", "b", "c") == 0


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), ({"text": "a"}, "a"), ([{"text": "a"}, "b", 3, [["c"]]], "ab"), (None, "")]
)
def test_flat(value: object, expected: str) -> None:
    assert flat(value) == expected
