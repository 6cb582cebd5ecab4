"""The exported test is run by pytest, and passes; on another answer it fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from exported import TEXT, Site

pytest_plugins = ["pytester"]


def export(site: Site, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(pytester.path))
    for number in (0, 1):
        (pytester.path / f"test_{number}.py").write_text(site.export(number, "pytest"))


def test_it_passes(site: Site, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    export(site, pytester, monkeypatch)
    pytester.runpytest_subprocess(f"--cliproxy-flows={site.recordings}").assert_outcomes(passed=2)


def test_it_can_fail(site: Site, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    export(site, pytester, monkeypatch)
    for file in pytester.path.glob("test_*.py"):
        file.write_text(file.read_text().replace(TEXT, "Something else"))
    flows = Path(shutil.copytree(site.recordings, pytester.path / "flows"))
    pytester.runpytest_subprocess(f"--cliproxy-flows={flows}").assert_outcomes(failed=2)
