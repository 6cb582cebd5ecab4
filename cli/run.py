"""`cliproxy run`, `web` and `console`: the gateway under mitmdump, mitmweb or mitmproxy."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from cliproxy.addons import worker
from cliproxy.addons.settings import LOG_LEVELS, STATE_FOLDER, Settings, is_loopback
from cliproxy.addons.settings_values import host as read_host

from . import login, preflight, replay_options, workers
from .addons_path import gateway_script
from .config_option import config_option, configured
from .faults import Fault


@dataclass(frozen=True, slots=True)
class Program:
    """One of mitmproxy's programs; `options` are set for it, with the log level in place of `{level}`."""

    name: str
    options: tuple[str, ...]


MITMDUMP = Program("mitmdump", ("flow_detail=0", "termlog_verbosity={level}"))
MITMWEB = Program("mitmweb", ("termlog_verbosity={level}",))
MITMPROXY = Program("mitmproxy", ("console_eventlog_verbosity={level}",))


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line asks for; None is what the configuration says."""

    config: str | None
    host: str | None
    port: int | None
    log_level: str | None
    enable_oauth: bool
    demo: bool
    record: str | None
    replay: str | None
    match: str
    missing: str
    speed: int
    keep_flows: int | None
    workers: int
    assigned: tuple[str, ...]
    extra: tuple[str, ...]


_OPTIONS = (
    config_option,
    click.option("--host", help="The address to listen on. Default: as configured, else 127.0.0.1."),
    click.option(
        "-p",
        "--port",
        type=click.IntRange(0, 65535),
        help="The port to listen on; 0 takes a free one. Default: as configured, else 8317.",
    ),
    click.option("--log-level", type=click.Choice(LOG_LEVELS), help="How much is logged. Default: as configured."),
    click.option("--enable-oauth", is_flag=True, help="Offer to sign in with the accounts that are missing."),
    click.option("--demo", is_flag=True, help="Answer from recordings: no configuration, key or network is needed."),
    click.option("--record", metavar="DIR", help="Record every exchange to this folder, without the credentials."),
    *replay_options.REPLAY_OPTIONS,
    click.option("--set", "assigned", metavar="NAME=VALUE", multiple=True, help="Set an option of mitmproxy."),
    click.argument("extra", nargs=-1, type=click.UNPROCESSED, metavar="[MITMPROXY OPTIONS]"),
)


def _options(program: Program) -> Sequence[Callable[[Any], Any]]:
    """Those of one program are hidden with the others, and refused there in words of our own."""
    alone = program is MITMDUMP
    told = "So many flows stay in view; older ones go. Default: 1000."
    keep_flows = click.option("--keep-flows", type=click.IntRange(1), hidden=alone, help=told)
    told = "Processes that share the port, one a core. Default: 1."
    workers = click.option("--workers", type=click.IntRange(1, 64), default=1, hidden=not alone, help=told)
    return (*_OPTIONS[:-2], keep_flows, workers, *_OPTIONS[-2:])


def _command(name: str, program: Program) -> Callable[[Callable[[], None]], click.Command]:
    """The command `name`, with the function's docstring for its help."""

    def decorate(described: Callable[[], None]) -> click.Command:
        def start(**options: Any) -> None:
            launch(program, Start(**options))

        start.__doc__ = described.__doc__
        decorated: Callable[..., None] = start
        for option in reversed(_options(program)):
            decorated = option(decorated)
        return click.command(name, context_settings={"ignore_unknown_options": True})(decorated)

    return decorate


@_command("run", MITMDUMP)
def run() -> None:
    """Start the gateway.

    Options that are not listed here go to mitmdump: `cliproxy run -w traffic.flow` keeps the traffic in a file.

    \b
    Examples:
      cliproxy run --demo
      cliproxy run --config config.yaml --log-level debug
    """


@_command("web", MITMWEB)
def web() -> None:
    """Start the gateway, with the traffic in your browser.

    Options that are not listed here go to mitmweb: `cliproxy web --no-web-open-browser`.
    """


@_command("console", MITMPROXY)
def console() -> None:
    """Start the gateway, with the traffic in this terminal.

    Options that are not listed here go to mitmproxy.
    """


def launch(program: Program, start: Start) -> None:
    """Check all that can be checked, so that faults are told fast and plainly; then let mitmproxy run."""
    path, settings = _settings(start)
    host, port = _address(start, settings)
    preflight.check_certificate(settings)
    if start.record:
        preflight.check_record(start.record)
    preflight.check_port(host, port, shared=worker.number() > 0)
    start = _offered(start, settings)
    if start.keep_flows and program is MITMDUMP:
        raise Fault("--keep-flows is for `cliproxy web` and `console`: `run` keeps no flow in view.")
    if start.workers > 1:
        if program is not MITMDUMP:
            raise Fault("--workers is for `cliproxy run`: one view shows the traffic of one process.")
        sys.exit(
            workers.supervise(host, port, start.workers, settings.shutdown_timeout, partial(again, start, path, host))
        )
    confdir = preflight.make_folder(Path.home() / STATE_FOLDER / "mitmproxy")
    level = start.log_level or settings.logging.level
    given = arguments(program, start, path, f"{host}:{port}", confdir, level)
    if level != "debug":  # its own talk of connections would drown the gateway's
        logging.getLogger("mitmproxy").setLevel(logging.WARNING)
        logging.getLogger("mitmproxy.tools.web").setLevel(logging.INFO)  # says where the browser finds it
    sys.argv = [program.name, *given]  # its own advice about options is taken from there
    _main(program)(given)


def _offered(start: Start, settings: Settings) -> Start:
    """With a terminal the missing accounts are asked for now; else the gateway offers them while it runs."""
    if not start.enable_oauth or not sys.stdin.isatty():
        return start
    login.offer(settings)
    return replace(start, enable_oauth=False)


def again(start: Start, path: Path | None, host: str, port: int) -> list[str]:
    """The command line of one of the workers."""
    words = [sys.executable, "-m", "cliproxy.cli", "run", "--host", host, "--port", str(port)]
    words += ["--config", str(path)] if path else [] if start.replay else ["--demo"]
    words += ["--replay", start.replay] if start.replay else []
    words += ["--match", start.match, "--missing", start.missing, "--speed", str(start.speed)]
    words += ["--log-level", start.log_level] if start.log_level else []
    words += ["--record", start.record] if start.record else []
    words += ["--enable-oauth"] if start.enable_oauth else []
    return [*words, *(word for one in start.assigned for word in ("--set", one)), *start.extra]


def _settings(start: Start) -> tuple[Path | None, Settings]:
    if start.enable_oauth and (start.demo or (start.replay and start.missing == "refuse")):
        raise Fault("Recordings answer without any account; leave out --enable-oauth.")
    if start.demo and start.replay:
        raise Fault("--demo brings its own recordings; leave out --replay or --demo.")
    if not start.demo and not (start.replay and start.missing == "refuse" and not start.config):
        path, loaded = configured(start.config)
        return path.resolve(), loaded.settings
    if start.config:
        raise Fault("--demo brings its own configuration; leave out --config or --demo.")
    return None, Settings()


def _address(start: Start, settings: Settings) -> tuple[str, int]:
    """Where to listen. The command line must not open what the configuration could not."""
    try:
        host = settings.host if start.host is None else read_host(start.host)
    except ValueError:
        raise Fault(f"--host must be a host name or an IP address, not {start.host!r}.") from None
    if not is_loopback(host) and not settings.auth.api_keys:
        raise Fault(f"--host {host} is open to other machines, but there is no client key; use 127.0.0.1.")
    bound = "127.0.0.1" if host.lower() == "localhost" else host
    return bound, settings.port if start.port is None else start.port


def arguments(program: Program, start: Start, path: Path | None, listen: str, confdir: Path, level: str) -> list[str]:
    """What the program is started with. It opens no port itself: the addons do, once they are all in place."""
    assigned = ["server=false", "connection_strategy=lazy", f"confdir={confdir}", f"cliproxy_listen={listen}"]
    assigned += [option.format(level=level) for option in program.options]
    assigned += _gateway_options(start, path)
    assigned += start.assigned
    sets = [word for assignment in assigned for word in ("--set", assignment)]
    return ["-s", str(gateway_script()), *sets, *start.extra]


def _gateway_options(start: Start, path: Path | None) -> Iterator[str]:
    if start.demo:
        yield "cliproxy_demo=true"
    if path:
        yield f"cliproxy_config={path}"
    if start.replay:
        yield from replay_options.assignments(start.replay, start.match, start.missing, start.speed)
    if start.log_level:
        yield f"cliproxy_log_level={start.log_level}"
    if start.keep_flows:
        yield f"cliproxy_keep_flows={start.keep_flows}"
    if start.record:
        yield f"cliproxy_record={Path(start.record).expanduser().resolve()}"
    if start.enable_oauth:
        yield "cliproxy_enable_oauth=true"


def _main(program: Program) -> Callable[[list[str]], object]:
    from mitmproxy.tools import main  # half of the start-up time: only when all else is well

    found: Callable[[list[str]], object] = getattr(main, program.name)
    return found
