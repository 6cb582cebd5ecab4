"""Where a conversation is at home."""

from __future__ import annotations

import pytest

from cliproxy.addons.responses.turn import Turn


@pytest.mark.parametrize("home, elsewhere", [("", False), ("openai", False), ("other", True)])
def test_what_was_said_with_another_provider_was_said_elsewhere(home: str, elsewhere: bool) -> None:
    assert Turn("a", keep=True, home=home).elsewhere("openai") is elsewhere
