"""`cliproxy exec`: which gateway, which key, and how the client is run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from running import gateway

from cliproxy.cli.clients import Launch
from cliproxy.cli.exec import ended_by_signals, environment
from cliproxy.cli.faults import Fault
from cliproxy.cli.main import main
from cliproxy.cli.place import answers

SHOW = "import json,os;print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('OPENAI_')}))"


def cliproxy(home: Path, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [sys.executable, "-m", "cliproxy.cli", "exec", *arguments],
        capture_output=True, text=True, timeout=60, cwd=home, env={**environ, "HOME": str(home)}, **more,
    )  # fmt: skip


# -- which gateway ------------------------------------------------------------------------


def test_a_gateway_is_started_for_the_time_of_the_client(tmp_path: Path) -> None:
    ask = (
        "import httpx,os;r=httpx.get(os.environ['OPENAI_BASE_URL']+'/models');print(r.status_code);raise SystemExit(7)"
    )
    done = cliproxy(tmp_path, "--demo", "--", sys.executable, "-c", ask)
    assert (done.stdout, done.returncode) == ("200\n", 7)


def test_a_running_gateway_is_used_with_its_first_key(tmp_path: Path) -> None:
    with gateway({}) as running:
        config = f"port: {running.url.rpartition(':')[2]}\nauth: {{api-keys: [sk-test-client-key]}}\n"
        (tmp_path / "config.yaml").write_text(config)
        told = json.loads(cliproxy(tmp_path, "--", sys.executable, "-c", SHOW).stdout)
        assert told["OPENAI_BASE_URL"] == f"{running.url}/v1" and told["OPENAI_API_KEY"] == "sk-test-client-key"
        with pytest.raises(Fault, match="does not take the key"):
            answers(running.url, "sk-test-wrong")
    assert not answers(running.url, "sk-test-client-key")


def test_the_configuration_has_no_gateway_yet(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("port: 9\nauth: {api-keys: [sk-test-client-key]}\n")
    told = json.loads(cliproxy(tmp_path, "--model", "gpt-5", "--", sys.executable, "-c", SHOW).stdout)
    assert told["OPENAI_API_KEY"] == "sk-test-client-key" and told["OPENAI_MODEL"] == "gpt-5"
    assert not told["OPENAI_BASE_URL"].endswith(":9/v1")


def test_one_may_be_named(tmp_path: Path) -> None:
    told = cliproxy(tmp_path, "--url", "http://gw.test/v1/", "--key", "sk-test-k", "--", sys.executable, "-c", SHOW)
    assert json.loads(told.stdout)["OPENAI_BASE_URL"] == "http://gw.test/v1"
    assert json.loads(told.stdout)["OPENAI_API_KEY"] == "sk-test-k"


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--", "no-such-client"], "no-such-client is not found: install it, or give its path."),
        (["--url", "http://a", "--demo", "--", sys.executable], "--url names a gateway that runs"),
        (["--demo", "--replay", ".", "--", sys.executable], "--demo brings its own recordings"),
        (["--config", "none.yaml", "--", sys.executable], "none.yaml"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_is_told_in_a_sentence(arguments: list[str], told: str) -> None:
    refused = CliRunner().invoke(main, ["exec", *arguments])
    assert refused.exit_code == 2 and told in refused.output


# -- the client ---------------------------------------------------------------------------


def test_the_clients_environment(tmp_path: Path) -> None:
    added = Launch({"A": "new", "GONE": "x"}, (), ("GONE", "ELSEWHERE"), {"SETTINGS": "{}"})
    made = environment({"A": "old", "ELSEWHERE": "y", "KEPT": "z", "no_proxy": "a.test"}, added, tmp_path)
    settings = Path(made.pop("SETTINGS"))
    assert settings.parent == tmp_path and settings.read_text() == "{}"
    assert made == {
        "A": "new",
        "KEPT": "z",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "a.test,127.0.0.1,localhost",
    }


PATIENT = """
import signal, sys, time
def end(number, frame):
    print("told", number, flush=True); sys.exit(5)
signal.signal(signal.SIGTERM, end); signal.signal(signal.SIGINT, end)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_the_client_and_its_code_comes_back(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "cliproxy.cli", "exec", "--demo", "--", sys.executable, "-c", PATIENT]
    environ = {**os.environ, "HOME": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environ)
    assert process.stdout and process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(number)
    assert process.stdout.read() == f"told {int(number)}\n"
    process.stdout.close()
    assert process.wait(20) == 5


def test_before_the_client_runs_a_signal_ends_it_in_good_order() -> None:
    before, cleaned = signal.getsignal(signal.SIGTERM), False
    with pytest.raises(SystemExit) as ended:
        try:
            with ended_by_signals():
                signal.raise_signal(signal.SIGTERM)
        finally:
            cleaned = True
    assert (ended.value.code, cleaned, signal.getsignal(signal.SIGTERM)) == (143, True, before)


def test_a_client_that_a_signal_ended(tmp_path: Path) -> None:
    kill = "import os,signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert cliproxy(tmp_path, "--demo", "--", sys.executable, "-c", kill).returncode == 137


def test_nothing_is_left_in_the_users_folder(tmp_path: Path) -> None:
    cliproxy(tmp_path, "--demo", "--", sys.executable, "-c", "")
    assert [path.name for path in (tmp_path / ".cli-proxy-api").iterdir()] == ["mitmproxy"]
