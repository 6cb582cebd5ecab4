"""Which recordings are meant, and what is said where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kept_flows import folder, run, said
from recorded_exchanges import translated

from cliproxy.cli.faults import Fault
from cliproxy.cli.flows.sources import default_folder, exchange, exchanges, files, table

TURN = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return folder(tmp_path / "flows", said("aa11", TURN), said("aa22", TURN, began=5))


def test_a_folder_a_file_and_the_newest(two: Path) -> None:
    assert [one.id for one in exchanges(str(two))] == ["aa11", "aa22"]
    (first, _) = files(str(two))
    assert [one.id for one in exchanges(str(first))] == ["aa11"]
    assert exchange("last", str(two)).id == "aa22"
    assert exchange(str(first), None).id == "aa11"
    assert exchange("aa2", str(two)).id == "aa22"


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["show", "aa", "--from", "flows"], "aa is the beginning of several ids in flows: aa11, aa22."),
        (["show", "bb", "--from", "flows"], "There is no exchange bb in flows; `cliproxy flows list` names those"),
        (["list", "nowhere"], "There are no recordings at nowhere: no such file or folder."),
        (["list", "empty"], "There are no recordings in empty: no file there ends in .flow."),
        (["list", "broken.flow"], "broken.flow is no recording that can be read"),
        (["list"], "record with `cliproxy run --record DIR`, or name a file or folder."),
        (["tree", "broken.flow"], "broken.flow is no recording that can be read"),
        (["audit", "broken.flow"], "broken.flow is no recording that can be read"),
        (["redact", "broken.flow", "--into", "out"], "broken.flow is no recording that can be read"),
        (["diff", "aa11", "bb", "--from", "flows"], "There is no exchange bb"),
        (["export", "aa11", "--from", "flows", "--to", "word"], "'word' is not one of"),
        (["bundle", "last", "--from", "nowhere"], "There are no recordings at nowhere"),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    two: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(two.parent)
    monkeypatch.setenv("HOME", str(two.parent))
    Path("empty").mkdir()
    Path("broken.flow").write_bytes(b"9999:no flow")
    refused = run("flows", *arguments)
    assert refused.exit_code == 2 and told in refused.output.replace("\n", " ")
    assert len(refused.output.strip().splitlines()) == 1 or "Usage" in refused.output


def test_the_folder_of_the_configuration_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delitem(os.environ, "CONFIG_FILE", raising=False)
    assert default_folder() == tmp_path / ".cli-proxy-api" / "flows"
    Path("config.yaml").write_text("record: mine")
    assert default_folder() == Path("mine")


def test_a_damaged_file_among_good_ones(two: Path) -> None:
    (two / "zz.flow").write_bytes(b"9999:no flow")
    with pytest.raises(Fault, match=r"zz\.flow is no recording"):
        list(exchanges(str(two)))


def test_columns_are_even() -> None:
    assert table([["a", "1"], ["bbb", "22"]], frozenset({1})) == "a     1\nbbb  22"
    assert table([]) == ""


def test_an_exchange_of_several_flows_is_one(tmp_path: Path) -> None:
    assert [one.id for one in exchanges(str(folder(tmp_path, translated())))] == ["1a2b3c4d"]
