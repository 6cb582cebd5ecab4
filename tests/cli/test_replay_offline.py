"""`cliproxy replay --offline`: a gate for upgrades."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kept_flows import as_today, folder, run, said, streamed, told
from recorded_exchanges import refused, translated

from cliproxy.addons import recordings
from cliproxy.addons.recordings import Recorded
from cliproxy.translators import wire

TURN = [{"role": "user", "content": "Hi"}]


def reordered(one: Recorded, **more: object) -> Recorded:
    """As another version might have sent it: other bytes, and what `more` says."""
    last = one.attempts[-1]
    sent = last.request.copy()
    sent.data.content = wire.dumps({**dict(reversed(recordings.body(sent).items())), **more})
    return replace(one, attempts=(*one.attempts[:-1], replace(last, request=sent)))


def test_no_difference(tmp_path: Path) -> None:
    where = folder(tmp_path, said("aa", TURN), streamed(), as_today(translated()), refused())
    done = run("replay", where, "--offline")
    assert done.exit_code == 0
    assert done.output == "4 exchanges: no difference (6 sides equal byte by byte, 1 skipped).\n"


def test_other_bytes_are_a_difference_unless_the_meaning_is_compared(tmp_path: Path) -> None:
    where = folder(tmp_path, reordered(as_today(translated())))
    done = run("replay", "1a2b", "--from", where, "--offline")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "1a2b3c4d  request: the same in other bytes",
        "1 exchange: 1 difference (1 sides equal byte by byte, 1 sides equal in meaning only).",
    ]
    assert run("replay", where, "--offline", "--by", "meaning").exit_code == 0


def test_another_meaning_is_always_one(tmp_path: Path) -> None:
    where = folder(tmp_path, reordered(as_today(translated()), temperature=0.5))
    assert run("replay", where, "--offline", "--by", "meaning").exit_code == 1
    (one,) = told("replay", where, "--offline", code=1)
    assert one["different"] and one["sides"][0]["told"] == ["temperature: 0.5 was recorded, nothing today"]
