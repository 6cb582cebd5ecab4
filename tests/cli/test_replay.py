"""`cliproxy replay`: what it can't be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_flows import folder, run, said


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--offline", "--to", "openai/gpt-5"], "--offline asks nobody, so it can't be told --to"),
        (["--to", "openai/gpt-5", "--url", "http://a"], "--to starts a gateway of its own"),
        (["--to", "gpt-5"], "--to must be provider/model, such as openai/gpt-5, not 'gpt-5'."),
        (["--to", "openai/m", "--to", "qwen/m"], "the same model of two providers can't be asked at once"),
        (["--config", "none.yaml"], "none.yaml"),
        (["--url", "http://127.0.0.1:9"], "http://127.0.0.1:9 gave no answer"),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    where = folder(tmp_path / "f", said("aa", [{"role": "user", "content": "Hi"}]))
    refused = run("replay", where, *arguments)
    assert refused.exit_code == 2 and told in refused.output, refused.output


@pytest.mark.parametrize("arguments", [["nowhere"], ["nowhere", "--offline"], ["zz", "--from", "f"]])
def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder(tmp_path / "f", said("aa", [{"role": "user", "content": "Hi"}]))
    refused = run("replay", *arguments)
    assert refused.exit_code == 2 and refused.output.startswith("There ")
