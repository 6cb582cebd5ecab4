"""The log: text or JSON, in a file of the owner alone, and never with a secret in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from mitmproxy.test import taddons

from cliproxy.addons import rotating
from cliproxy.addons.logs import Logs
from cliproxy.addons.redact import MARK, Redactor
from cliproxy.addons.settings import Logging

SECRET = "sk-test-secret-value"
LOG = logging.getLogger("cliproxy.test")


@pytest.fixture
def one() -> Iterator[Logs]:
    with taddons.context():
        made = Logs()
        yield made
        made.done()


def use(one: Logs, path: Path | None, form: str = "text") -> None:
    one.write_to(Logging(file=path, format=form), Redactor([SECRET]))


def test_message_arguments_and_traceback_are_redacted(one: Logs, tmp_path: Path) -> None:
    path = tmp_path / "below" / "gateway.log"
    use(one, path)
    LOG.warning("a key %s in the message", SECRET)
    try:
        raise ValueError(f"key {SECRET}")
    except ValueError:
        LOG.exception("it failed")
    text = path.read_text()
    assert SECRET not in text and text.count(MARK) >= 2
    assert "ValueError: key [redacted]" in text and "it failed" in text


def test_a_record_that_can_not_be_formatted_is_redacted_too(
    one: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use(one, tmp_path / "gateway.log")
    LOG.warning("too few %s %s", SECRET)
    assert SECRET not in (tmp_path / "gateway.log").read_text() + capsys.readouterr().err


def test_json(one: Logs, tmp_path: Path) -> None:
    path = tmp_path / "gateway.log"
    use(one, path, "json")
    LOG.warning("two\nlines")
    line = json.loads(path.read_text())
    assert line["level"] == "warning" and line["message"] == "two\nlines" and line["logger"] == "cliproxy.test"
    assert line["time"].endswith("+00:00")


def test_the_file_is_the_owners_and_rotates(one: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "FILE_BYTES", 1000)
    path = tmp_path / "gateway.log"
    use(one, path)
    for number in range(200):
        LOG.warning("line %d", number)
    files = one.paths()
    assert len(files) == rotating.FILES == len(list(tmp_path.glob("gateway.log*")))
    assert all(file.stat().st_mode & 0o777 == 0o600 and file.stat().st_size <= 1000 for file in files)
    assert "line 199" in path.read_text()
    one.clear()
    assert one.paths() == [path] and path.read_text() == ""
    LOG.warning("after")
    assert "after" in path.read_text()


def test_another_file_and_back(one: Logs, tmp_path: Path) -> None:
    first, second = tmp_path / "1.log", tmp_path / "2.log"
    use(one, first)
    LOG.warning("one")
    use(one, second)
    LOG.warning("two")
    use(one, None)
    LOG.warning("three")
    assert "two" not in first.read_text() and "two" in second.read_text()
    assert "three" not in first.read_text() + second.read_text()


def test_a_file_that_can_not_be_opened_changes_nothing(one: Logs, tmp_path: Path) -> None:
    use(one, tmp_path / "1.log")
    with pytest.raises(OSError):
        use(one, tmp_path)
    LOG.warning("still here")
    assert "still here" in (tmp_path / "1.log").read_text()
