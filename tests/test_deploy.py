"""The files under deploy/ say what the code does: paths, port, times, and a configuration that is valid."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import parse
from cliproxy.cli.main import main

DEPLOY = Path(__file__).parents[1] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["cliproxy"]
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
UNIT = (DEPLOY / "cliproxy.service").read_text()
CONTAINER = OBJECTS[1]["spec"]["template"]["spec"]["containers"][0]


def test_the_image_holds_all_that_the_package_is_made_of() -> None:
    project = (DEPLOY.parent / "pyproject.toml").read_text()
    folders = set(re.findall(r'^"cliproxy\.\w+" = "(\w+)"', project, re.MULTILINE))
    assert folders and folders <= set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))


@pytest.mark.parametrize(
    "line", re.findall(r"^(?:CMD|ExecStart=.*?bin/cliproxy) ?(.*)$", DOCKERFILE + UNIT, re.MULTILINE)
)
def test_the_commands_are_commands(line: str) -> None:
    words = yaml.safe_load(line) if line.startswith("[") else shlex.split(line)
    if words[0] != "run":  # the health check is no command of ours
        assert words[0] == "python"
        return
    context = main.commands["run"].make_context("run", words[1:])
    assert not context.params["extra"]


def test_the_configuration_in_kubernetes_is_valid_and_shared() -> None:
    environ = {each["name"]: f"sk-test-{each['name']}" for each in CONTAINER["env"]}
    settings = parse(OBJECTS[0]["data"]["config.yaml"], environ).settings
    assert settings.auth.api_keys[0].key == "sk-test-CLIENT_KEY"
    assert settings.providers["openai"].credentials and settings.remote_management.secret_key
    valkey = {each["metadata"]["name"] for each in OBJECTS if each["kind"] == "Service"}
    assert settings.state.url.partition("//")[2].partition(":")[0] in valkey


def test_ports_and_probes() -> None:
    assert CONTAINER["ports"] == [{"containerPort": Settings().port}]
    assert f"EXPOSE {Settings().port}\n" in DOCKERFILE
    assert CONTAINER["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": Settings().port}
    assert COMPOSE["ports"] == [f"127.0.0.1:{Settings().port}:{Settings().port}"]


def test_nobody_is_killed_before_open_answers_may_have_finished() -> None:
    pod = OBJECTS[1]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    unit = int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0])
    compose = int(COMPOSE["stop_grace_period"].removesuffix("s"))
    assert min(pod, unit, compose) > Settings().shutdown_timeout
