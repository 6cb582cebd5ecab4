"""The management API of a running gateway: every curl as it is written, and schemathesis as its judge."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import provider, whole
from wires import CHAT_REQUEST, CHAT_USAGE, chat

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs/management.md", ROOT.parent / "shared/documentation.md")
CURL = re.compile(r"```bash\n(curl [^`]*?:8317/(?:v0/management|metrics)[^`]*)```")
SECRET = "YOUR_MANAGEMENT_KEY"
"""As the pages have it: the curls need no other change than the port."""
AUTH = {"x-management-key": SECRET}
FILE = """\
# the comment at the top
auth: {api-keys: [%s]}
openai:
  base-url: %s/v1  # scripted
  api-key: "${TEST_OPENAI_KEY}"
logging:
  level: info   # how much
oauth:  # whoever is asked for codes and tokens, it is nobody out there
  openai: {device-authorization-url: "http://127.0.0.1:9/device", token-url: "http://127.0.0.1:9/token"}
  qwen: {device-authorization-url: "http://127.0.0.1:9/device", token-url: "http://127.0.0.1:9/token"}
  anthropic: {token-url: "http://127.0.0.1:9/token"}
"""


def curls() -> list[str]:
    found = [block for page in PAGES if page.exists() for block in CURL.findall(page.read_text())]
    return list(dict.fromkeys(found))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Gateway]:
    environ = {"MANAGEMENT_PASSWORD": SECRET, "TEST_OPENAI_KEY": "sk-test-from-environment"}
    with provider(chat()) as upstream, gateway({}, environ=environ) as running:
        path = running.home / "config.yaml"
        path.write_text(FILE % (KEY, upstream.url))
        assert httpx.post(f"{running.url}/v0/management/reload", headers=AUTH).status_code == 200
        yield running


def ask(one: Gateway, **more: Any) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    answer = httpx.post(f"{one.url}/v1/chat/completions", json={**CHAT_REQUEST, **more}, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text


def get(one: Gateway, path: str, **query: Any) -> Any:
    answer = httpx.get(f"{one.url}/v0/management/{path}", params=query, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(one: Gateway, patch: Any) -> httpx.Response:
    return httpx.put(f"{one.url}/v0/management/config", json=patch, headers=AUTH)


# -- as it is documented -----------------------------------------------------------------


def test_every_curl_of_the_documentation(site: Gateway) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    ask(site)
    found = curls()
    assert len(found) >= 12
    for block in found:
        command = block.replace(":8317", ":" + site.url.rpartition(":")[2])
        command = command.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        if "metrics" not in block and "csv" not in block:
            assert json.loads(done.stdout)


def test_the_documented_shapes(site: Gateway) -> None:
    ask(site)
    usage = get(site, "usage")
    assert usage["total_requests"] == 1
    assert usage["requests_by_provider"] == {"openai": 1}
    assert usage["tokens_used"] == {
        "prompt": CHAT_USAGE["prompt_tokens"],
        "completion": CHAT_USAGE["completion_tokens"],
    }
    health = httpx.get(f"{site.url}/v0/management/health").json()
    assert health["status"] == "healthy" and isinstance(health["uptime"], int)
    assert health["providers"] == {"openai": "connected"}


@pytest.mark.parametrize(
    "which",
    [
        ("--exclude-path-regex", "/config|/oauth/"),
        # What fits the schema may still be no good configuration, and no provider that can be signed in at.
        ("--include-path-regex", "/config|/oauth/", "--exclude-checks", "positive_data_acceptance"),
    ],
    ids=["all", "config and oauth"],
)
def test_schemathesis_finds_no_breach(site: Gateway, which: tuple[str, ...]) -> None:
    ask(site)
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{site.url}/v0/management/openapi.json"]
    options = ["--header", f"X-Management-Key: {SECRET}", "--checks", "all", "--max-examples", "20", "--seed", "1"]
    done = subprocess.run([*command, *options, *which], capture_output=True, text=True, cwd=site.home, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "Traceback" not in site.log()


# -- configuration -----------------------------------------------------------------------


def test_a_change_is_in_force_at_once_and_the_file_keeps_its_face(site: Gateway) -> None:
    before = (site.home / "config.yaml").read_text()
    assert put(site, {"logging": {"level": "debug"}, "strict": True}).json()["status"] == "ok"
    after = (site.home / "config.yaml").read_text()
    assert after == before.replace("level: info ", "level: debug") + "strict: true\n"
    shown = get(site, "config")
    assert (shown["logging"]["level"], shown["strict"]) == ("debug", True)
    assert shown["openai"]["api-key"] == "${TEST_OPENAI_KEY}"
    assert shown["auth"]["api-keys"] == ["[redacted]"]
    assert put(site, shown).status_code == 200
    assert "${TEST_OPENAI_KEY}" in (site.home / "config.yaml").read_text() and KEY in after
    ask(site)


@pytest.mark.parametrize(
    "patch, said",
    [
        ({"logging": {"level": "loud"}}, "logging.level"),
        ({"port": "many", "strict": 5}, "port"),
        ({"auth": {"api-keys": []}, "host": "0.0.0.0"}, "host"),
        ({"tls": {"enabled": True, "cert-file": "no.pem", "key-file": "no.key"}}, "no pair"),
        ({"logging": {"file": "/proc/nowhere/log"}}, "logging.file"),
        ({"nothing": None}, "'nothing' is no option"),
        ({"webhooks": [{"url": "[redacted]"}]}, "webhooks"),
    ],
)
def test_what_is_wrong_changes_nothing(site: Gateway, patch: Any, said: str) -> None:
    path, shown = site.home / "config.yaml", get(site, "config")
    before = path.read_bytes()
    answer = put(site, patch)
    assert answer.status_code == 400 and said in answer.text, answer.text
    assert path.read_bytes() == before and get(site, "config") == shown
    ask(site)


def test_what_needs_a_restart_is_named(site: Gateway) -> None:
    answer = put(site, {"port": 12345}).json()
    assert answer["restart_required"] == ["port was changed: that takes effect when the gateway is started again."]


def test_reload_tells_what_is_wrong(site: Gateway) -> None:
    (site.home / "config.yaml").write_text("port: many\n")
    answer = httpx.post(f"{site.url}/v0/management/reload", headers=AUTH)
    assert answer.status_code == 400 and "config.yaml:1: port" in answer.json()["error"]["message"]
    ask(site)


# -- what happened -----------------------------------------------------------------------


def test_flows_can_be_filtered_and_paged(site: Gateway) -> None:
    for model in ("gpt-a", "gpt-b", "gpt-a"):
        ask(site, model=model)
    found = get(site, "flows", model="gpt-a", limit=1)
    assert (found["total"], len(found["data"])) == (2, 1)
    line = found["data"][0]
    assert (line["provider"], line["account"], line["status"], line["input_tokens"]) == ("openai", "openai-1", 200, 9)
    second = get(site, "flows", model="gpt-a", limit=1, offset=1)["data"][0]
    assert second["time"] < line["time"]
    assert get(site, "flows", status=500) == {"total": 0, "data": []}
    assert httpx.delete(f"{site.url}/v0/management/logs", headers=AUTH).status_code == 200
    assert get(site, "flows") == {"total": 0, "data": []}
    assert get(site, "usage")["total_requests"] == 3


def test_usage_as_a_table(site: Gateway) -> None:
    ask(site, model="gpt-5")
    text = httpx.get(f"{site.url}/v0/management/usage.csv?by=client", headers=AUTH).text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["client"], row["requests"], row["input"], row["unpriced"]) == ("key-1", "1", "9", "0")
    assert float(row["cost_usd"]) > 0


def test_metrics_for_prometheus(site: Gateway) -> None:
    ask(site)
    text = httpx.get(f"{site.url}/metrics", headers={"authorization": f"Bearer {SECRET}"}).text
    assert 'cliproxy_requests_total{provider="openai",model="gpt-test",status="200"} 1\n' in text
    assert text == httpx.get(f"{site.url}/v0/management/metrics", headers=AUTH).text or "uptime" in text
    assert httpx.get(f"{site.url}/metrics").status_code == 401


# -- who may ask -------------------------------------------------------------------------


def test_five_wrong_keys_and_the_address_is_locked_out(site: Gateway) -> None:
    url = f"{site.url}/v0/management/usage"
    statuses = [httpx.get(url, headers={"x-management-key": f"wrong-{n}"}).status_code for n in range(5)]
    assert statuses == [401, 401, 401, 401, 429]
    locked = httpx.get(url, headers=AUTH)
    assert locked.status_code == 429 and 1700 < int(locked.headers["retry-after"]) <= 1800
    assert httpx.get(f"{site.url}/v0/management/health").status_code == 200
    ask(site)


def test_a_client_key_opens_nothing_here_and_the_management_key_nothing_there(site: Gateway) -> None:
    assert httpx.get(f"{site.url}/v0/management/usage", headers={"authorization": f"Bearer {KEY}"}).status_code == 401
    asked = httpx.post(
        f"{site.url}/v1/chat/completions", json=CHAT_REQUEST, headers={"authorization": f"Bearer {SECRET}"}
    )
    assert asked.status_code == 401


def test_off_until_there_is_a_key() -> None:
    with gateway({}) as running:
        answer = httpx.get(f"{running.url}/v0/management/usage", headers={"x-management-key": ""})
        assert answer.status_code == 404 and "is off" in answer.text
        assert httpx.get(f"{running.url}/v0/management/health").status_code == 200


# -- accounts ----------------------------------------------------------------------------


def change(one: Gateway, account: str, **body: Any) -> Any:
    answer = httpx.patch(f"{one.url}/v0/management/accounts/{account}", json=body, headers=AUTH, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def settled(one: Gateway, state: str) -> None:
    """All workers say so: what one of them has just said itself it believes for two seconds more."""
    deadline, agreed = time.monotonic() + 30, 0
    while agreed < 10:
        assert time.monotonic() < deadline
        agreed = agreed + 1 if get(one, "accounts")["data"][0]["state"] == state else 0


def health(one: Gateway) -> Any:
    return httpx.get(f"{one.url}/v0/management/health", timeout=20).json()


def test_accounts_rest_are_disabled_and_reset_for_all_workers() -> None:
    empty = whole({"error": {"message": "out of credit"}}, 402, headers={"retry-after": "600"})
    with provider(empty, chat()) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"}}
        with gateway(config, "--workers", "2", environ={"MANAGEMENT_PASSWORD": SECRET}) as one:
            assert health(one)["providers"] == {"openai": "connected"}
            headers = {"authorization": f"Bearer {KEY}"}
            url = f"{one.url}/v1/chat/completions"
            assert httpx.post(url, json=CHAT_REQUEST, headers=headers, timeout=20).status_code == 402
            for _ in range(6):  # each may meet the other worker
                (account,) = get(one, "accounts")["data"]
                assert (account["account"], account["state"], account["kind"]) == ("openai-1", "resting", "key")
                assert health(one) | {"uptime": 0} == {
                    "status": "degraded", "uptime": 0, "providers": {"openai": "resting"}
                }  # fmt: skip
                assert httpx.post(url, json=CHAT_REQUEST, headers=headers, timeout=20).status_code == 429
            assert len(upstream.seen) == 1
            change(one, "openai-1", reset=True)
            settled(one, "ready")
            ask(one)
            change(one, "openai-1", disabled=True)
            settled(one, "disabled")
            for _ in range(6):
                assert httpx.post(url, json=CHAT_REQUEST, headers=headers, timeout=20).status_code in (429, 503)
            assert health(one)["providers"] == {"openai": "disabled"}
            change(one, "openai-1", disabled=False)
            settled(one, "ready")
            ask(one)
            text = httpx.get(f"{one.url}/metrics", headers=AUTH).text
            assert 'cliproxy_account_able{account="openai-1",provider="openai",state="ready"} 1\n' in text


def test_a_key_can_not_be_signed_out_and_an_account_can(tmp_path: Path) -> None:
    (tmp_path / "openai_token.json").write_text(json.dumps({"access_token": "sk-test-token", "email": "a@example.com"}))
    config = {"auth": {"api-keys": [KEY], "dir": str(tmp_path)}, "anthropic": {"api-key": "sk-test-a"}}
    with gateway(config, environ={"MANAGEMENT_PASSWORD": SECRET}) as one:
        found = {each["account"]: each for each in get(one, "accounts")["data"]}
        assert found["openai-account"]["who"] == "a@example.com" and found["anthropic-1"]["kind"] == "key"
        assert change(one, "openai-account", disabled=True)["state"] == "disabled"
        assert json.loads((tmp_path / "openai_token.json").read_text())["disabled"] is True
        assert change(one, "openai-account", disabled=False)["state"] == "ready"
        url = f"{one.url}/v0/management/accounts"
        assert httpx.delete(f"{url}/anthropic-1", headers=AUTH).status_code == 409
        assert httpx.delete(f"{url}/nobody", headers=AUTH).status_code == 404
        assert httpx.delete(f"{url}/openai-account", headers=AUTH).json() == {
            "status": "ok",
            "removed": "openai-account",
        }
        assert not (tmp_path / "openai_token.json").exists()
        assert [each["account"] for each in get(one, "accounts")["data"]] == ["anthropic-1"]
