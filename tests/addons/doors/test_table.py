"""Which name leads to which entrance."""

from __future__ import annotations

from cliproxy.addons.doors.chatgpt import CHATGPT
from cliproxy.addons.doors.door import PLAIN
from cliproxy.addons.doors.table import DOORS, door
from cliproxy.addons.doors.vertex import VERTEX
from cliproxy.addons.providers import ACCOUNT_DOORS, KINDS


def test_a_name_leads_to_its_entrance() -> None:
    assert (door("chatgpt"), door("vertex"), door("vertex-account")) == (CHATGPT, VERTEX, VERTEX)
    assert door("openai") is door("") is door("claude") is PLAIN


def test_each_entrance_is_that_of_a_provider_or_of_its_accounts() -> None:
    assert DOORS.keys() <= {*KINDS, *ACCOUNT_DOORS}
