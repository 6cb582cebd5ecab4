"""`cliproxy flows stalls`: silences are ascribed to the one who was silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kept_flows import folder, run, said, told
from recorded_exchanges import FACTS, translated

from cliproxy.addons.recordings import Recorded
from cliproxy.cli.flows.stalls import stalls

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
BEGAN = FACTS["began"]


def silent() -> Recorded:
    """3 s in the gateway, 5 s before the first byte, 7 s in the middle."""
    one = said("aa", [USER])
    (tried,) = one.attempts
    content = tried.chunks[0][1]
    chunks = ((5.0, content[:9]), (5.5, content[9:20]), (12.5, content[20:]))
    return replace(one, attempts=(replace(tried, began=BEGAN + 3, chunks=chunks),))


def test_who_was_silent_how_long() -> None:
    found = [(one.who, round(one.seconds, 3), round(one.at, 3), one.what) for one in stalls([silent()], 2)]
    assert found == [
        ("gateway", 3.0, 0.0, "before attempt 1"),
        ("provider", 5.0, 3.0, "before its first byte"),
        ("provider", 7.0, 8.5, "in the middle of its answer"),
    ]


def test_the_client_between_two_turns() -> None:
    turns = [said("aa", [USER]), said("bb", [USER, ANSWER, USER], 11)]
    (one,) = stalls(turns, 2)
    assert (one.who, round(one.seconds, 3), one.id, one.what) == ("client", 10.0, "bb", "before it went on from aa")


def test_between_attempts_it_is_the_gateway() -> None:
    one = translated()
    late = replace(one, attempts=(one.attempts[0], replace(one.attempts[1], began=BEGAN + 4.25)))
    (found,) = [stall for stall in stalls([late], 2) if stall.who == "gateway"]
    assert (round(found.seconds, 3), round(found.at, 3), found.what) == (4.0, 0.25, "before attempt 2")


def test_the_longest_first_and_the_sums(tmp_path: Path) -> None:
    where = folder(tmp_path, silent())
    assert [one["seconds"] for one in told("flows", "stalls", where)] == [7.0, 5.0, 3.0]
    lines = run("flows", "stalls", where).output.splitlines()
    assert lines[1].startswith("provider") and lines[-1] == "Together: provider 12.0 s, gateway 3.0 s."
    assert run("flows", "stalls", where, "--over", "60").output == "Nobody was silent for more than 60 s.\n"
