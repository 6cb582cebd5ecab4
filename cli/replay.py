"""`cliproxy replay`: recorded requests once more: as they were, on other models, or with today's code alone."""

from __future__ import annotations

import click

from .config_option import config_option
from .faults import Fault
from .place import Wanted


@click.command("replay")
@click.argument("source", metavar="FILE|DIR|ID")
@click.option("--from", "path", metavar="FILE|DIR", help="Where an ID is recorded. Default: see `cliproxy flows -h`.")
@config_option
@click.option(
    "--to",
    "targets",
    metavar="PROVIDER/MODEL",
    multiple=True,
    help="Ask this model instead, side by side with the recorded answer. May be given several times.",
)
@click.option("--offline", is_flag=True, help="Ask nobody: compare what today's code makes of it. 1 where it differs.")
@click.option(
    "--by",
    type=click.Choice(["bytes", "meaning"]),
    default="bytes",
    help="With --offline: what counts as a difference. Default: bytes.",
)
@click.option("--url", help="Where the gateway is. Default: as configured; one is started if none answers there.")
@click.option("--key", help="The client key to show. Default: the first one in the configuration.")
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of text.")
def replay(
    source: str,
    path: str | None,
    config: str | None,
    targets: tuple[str, ...],
    offline: bool,
    by: str,
    url: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Send recorded requests again.

    Through the gateway of the configuration, which is started if it doesn't run. With --offline nothing is sent: the
    recorded request is translated with today's code, and the recorded answer too; an upgrade that changes either is
    seen before it is installed. A folder is taken whole.

    \b
    Examples:
      cliproxy replay last
      cliproxy replay 1a2b3c4d --to openai/gpt-5-mini --to anthropic/claude-haiku-4-5
      cliproxy replay flows/mine --offline
    """
    if targets and url:
        raise Fault("--to starts a gateway of its own, with routes to these models; leave out --url or --to.")
    if offline and targets:
        raise Fault("--offline asks nobody, so it can't be told --to: leave out one of them.")
    if offline:
        from .replay_offline import run_offline

        run_offline(source, path, by, as_json)
    else:
        from .replay_again import run_again

        run_again(source, path, Wanted(config=config, url=url, key=key), targets, as_json)
