"""The options for recordings, as the addons are told them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cliproxy.cli.faults import Fault
from cliproxy.cli.replay_options import assignments


def test_the_addons_are_told(tmp_path: Path) -> None:
    (tmp_path / "one.flow").touch()
    assert list(assignments(str(tmp_path), "nearest", "refuse", 0)) == [
        f"cliproxy_replay={tmp_path}",
        "cliproxy_replay_match=nearest",
        "cliproxy_replay_missing=refuse",
        "cliproxy_replay_speed=0",
    ]


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(Fault, match="--replay: there is no folder nowhere"):
        list(assignments("nowhere", "strict", "refuse", 1))


def test_a_folder_without_recordings(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=f"--replay: there are no recordings in {tmp_path}: no file there ends in .flow"):
        list(assignments(str(tmp_path), "strict", "refuse", 1))


def test_it_may_be_missing_where_recordings_are_to_come(tmp_path: Path) -> None:
    assert next(assignments(str(tmp_path / "new"), "strict", "ask", 1)) == f"cliproxy_replay={tmp_path / 'new'}"
