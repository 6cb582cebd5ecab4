"""`cliproxy init`: a config.yaml to begin with, with a client key that only this machine knows."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from .faults import Fault
from .generate_key import new_key

TEMPLATE = Path(__file__).with_name("config.example.yaml")
SAMPLE_KEY = "sk-your-api-key-here"


@click.command()
@click.argument("path", default="config.yaml", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(path: Path, force: bool) -> None:
    """Write a config.yaml with a new client key.

    PATH is where to; ./config.yaml if it isn't given. The file holds every option there is. Only you can read
    the file, as it holds a key.
    """
    try:
        write(path, contents(new_key()), force)
    except FileExistsError:
        raise Fault(f"{path} is there already; --force overwrites it.") from None
    except OSError as error:
        raise Fault(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}.") from None
    click.echo(f"Wrote {path} with a new client key (auth.api-keys): your programs show it to the gateway.")
    click.echo("Next: export OPENAI_API_KEY=… (or another provider's key, see the file), then `cliproxy run`.")


def contents(key: str) -> str:
    return TEMPLATE.read_text("utf-8").replace(f'- "{SAMPLE_KEY}"', f'- "{key}"')


def write(path: Path, text: str, force: bool) -> None:
    """All of the file or nothing, and never readable by others, not even for a moment."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    scratch = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if force:
            scratch.replace(path)
        else:
            _put_new(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def _put_new(scratch: Path, path: Path) -> None:
    """Raises FileExistsError also when the file came about in the meantime."""
    try:
        os.link(scratch, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError from None
        scratch.replace(path)
