"""Which gateway a command goes through: the one that is named or configured, where it answers, or one of its own."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from cliproxy.addons import providers
from cliproxy.addons.settings import ClientKey, Settings
from cliproxy.addons.settings_walk import did_you_mean

from .clients import Place
from .config_option import configured
from .faults import Fault
from .own_gateway import own_gateway

ANY_KEY = "no-key-needed"
"""For a gateway without client keys: most clients want to see one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. `forced`: model → provider, whatever the configuration's own routes say."""

    config: str | None = None
    url: str | None = None
    key: str | None = None
    model: str = ""
    demo: bool = False
    record: str | None = None
    replay: str | None = None
    match: str = "strict"
    missing: str = "refuse"
    speed: int = 1
    forced: tuple[tuple[str, str], ...] = ()


@contextmanager
def reached(wanted: Wanted) -> Iterator[Place]:
    """Raises Fault where no gateway can be reached or started."""
    special = wanted.demo or wanted.record or wanted.replay
    if wanted.url:
        if special:
            raise Fault("--url names a gateway that runs; --demo, --record and --replay start one: leave out either.")
        yield Place(wanted.url.rstrip("/").removesuffix("/v1"), wanted.key or ANY_KEY, wanted.model)
    elif wanted.demo or (wanted.replay and wanted.missing == "refuse" and not wanted.config):
        with own_gateway(*_arguments(wanted, wanted.config)) as url:
            yield Place(url, ANY_KEY, wanted.model)
    else:
        with _configured(wanted, bool(special or wanted.forced)) as place:
            yield place


@contextmanager
def _configured(wanted: Wanted, own: bool) -> Iterator[Place]:
    path, loaded = configured(wanted.config)
    settings = loaded.settings
    key = wanted.key or client_key(settings.auth.api_keys, wanted.model, datetime.now(UTC))
    certificate = str(settings.tls.cert_file) if settings.tls.enabled else ""
    if not own and answers(address(settings), key):
        yield Place(address(settings), key, wanted.model, certificate)
        return
    with _routed(path.resolve(), wanted.forced) as config, own_gateway(*_arguments(wanted, str(config))) as url:
        yield Place(url, key, wanted.model, certificate)


@contextmanager
def _routed(config: Path, forced: Sequence[tuple[str, str]]) -> Iterator[Path]:
    """The configuration with routes that come before its own, in a file that only its owner can read."""
    if not forced:
        yield config
        return
    tree = yaml.safe_load(config.read_text("utf-8")) or {}
    known = (*providers.KINDS, *(tree.get("custom-providers") or {}))
    for model, provider in forced:
        if provider not in known:
            raise Fault(f"--to {provider}/{model}: {provider} is no provider{did_you_mean(provider, known) or '.'}")
    routes = [{"pattern": f"^{re.escape(model)}$", "provider": provider} for model, provider in forced]
    tree["routes"] = [*routes, *(tree.get("routes") or [])]
    descriptor, name = tempfile.mkstemp(suffix=".yaml", prefix="cliproxy-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yaml.safe_dump(tree, file)
        yield Path(name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _arguments(wanted: Wanted, config: str | None) -> Iterator[str]:
    """For `cliproxy run`."""
    if wanted.demo:
        yield "--demo"
    if config:
        yield from ("--config", config)
    if wanted.record:
        yield from ("--record", wanted.record)
    if wanted.replay:
        yield from ("--replay", wanted.replay, "--match", wanted.match)
        yield from ("--missing", wanted.missing, "--speed", str(wanted.speed))


def address(settings: Settings) -> str:
    """Where the configured gateway is reached from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"{'https' if settings.tls.enabled else 'http'}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def client_key(keys: Sequence[ClientKey], model: str, now: datetime) -> str:
    """The first that is valid and may ask for the model. Raises Fault where there are keys, but none is of use."""
    able = [one.key for one in keys if not (one.expires and one.expires <= now) and _may(one, model)]
    if keys and not able:
        what = f" for {model}" if model else ""
        raise Fault(f"No client key of the configuration is valid{what}; give one by --key.")
    return able[0] if able else ANY_KEY


def _may(one: ClientKey, model: str) -> bool:
    return not (model and one.models) or model in one.models


def answers(url: str, key: str) -> bool:
    """Whether a gateway runs there. Raises Fault where one does that doesn't take the key."""
    import httpx  # half a second

    # Whether its certificate is good is for the client to judge; over TLS no secret is said here.
    with httpx.Client(base_url=url, timeout=3, verify=False, trust_env=False) as client:
        try:
            told = client.get("/").json()
            if not str(told.get("name", "")).startswith("cliproxy/"):
                return False
            # Nothing is served by GET there, so it costs nothing; but the key is looked at first.
            plain = url.startswith("http:")
            refused = plain and client.get("/v1/messages", headers={"x-api-key": key}).status_code == 401
        except (httpx.HTTPError, ValueError, AttributeError):
            return False
    if refused:
        raise Fault(f"The gateway at {url} does not take the key of this configuration; give another one by --key.")
    return True
