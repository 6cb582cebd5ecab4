"""What a request's body may be where it is made of flags."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.addons.management.call import Call, Fault


def test_flags() -> None:
    assert Call(body={"disabled": False}).flags("disabled", "reset") == {"disabled": False}


@pytest.mark.parametrize(
    "body, said",
    [
        ({}, "nothing to do; it may have: disabled, reset"),
        ({"disabled": 1}, "disabled: must be true or false"),
        ({"disabled": None}, "disabled: must be true or false"),
        ({"off": True}, "'off': there is no such field; there are: disabled, reset"),
    ],
)
def test_what_is_none(body: Any, said: str) -> None:
    with pytest.raises(Fault, match=said) as fault:
        Call(body=body).flags("disabled", "reset")
    assert fault.value.status == 400
