from __future__ import annotations

import pytest
from scripted import Answer, provider, whole

from cliproxy.addons.accounts.code_assist import TRIES, project
from cliproxy.addons.accounts.token_endpoint import Unreachable, client


async def asked(*answers: Answer, wanted: str = "") -> tuple[str, list[tuple[str, object]]]:
    async def no_sleep(seconds: float) -> None: ...

    with provider(*answers) as one:
        async with client() as http:
            found = await project(http, "sk-test-a", wanted, one.url, no_sleep)
    assert {seen.headers["authorization"] for seen in one.seen} == {"Bearer sk-test-a"}
    return found, [(seen.path, seen.json) for seen in one.seen]


async def test_an_account_has_a_project_already() -> None:
    found, seen = await asked(whole({"cloudaicompanionProject": "p-1", "currentTier": {"id": "free-tier"}}))
    assert (found, [path for path, _ in seen]) == ("p-1", ["/v1internal:loadCodeAssist"])


async def test_a_new_account_is_given_one() -> None:
    tiers = {"allowedTiers": [{"id": "standard-tier"}, {"id": "free-tier", "isDefault": True}]}
    ready = {"done": True, "response": {"cloudaicompanionProject": {"id": "p-2"}}}
    found, seen = await asked(whole(tiers), whole({"done": False}), whole(ready))
    assert found == "p-2"
    assert [path for path, _ in seen] == ["/v1internal:loadCodeAssist"] + 2 * ["/v1internal:onboardUser"]
    assert isinstance(seen[1][1], dict) and seen[1][1]["tierId"] == "free-tier"


async def test_the_users_own_project_is_taken() -> None:
    found, seen = await asked(whole({}), wanted="mine")
    assert found == "mine"
    assert isinstance(seen[0][1], dict) and seen[0][1]["cloudaicompanionProject"] == "mine"


@pytest.mark.parametrize(
    "answers, told",
    [
        ([whole({}), whole({"done": True, "response": {}})], "gives this account no project"),
        ([whole({}), *[whole({"done": False})] * TRIES], "gives this account no project"),
        ([whole({"error": {}}, 403)], "status 403"),
        ([whole(b"<html>")], "gave no answer"),
    ],
)
async def test_no_project_is_told(answers: list[Answer], told: str) -> None:
    with pytest.raises(Unreachable, match=told):
        await asked(*answers)
