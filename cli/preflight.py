"""What can be known to fail before mitmproxy is started: the port, the certificate, the state folder."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from cliproxy.addons import certificate
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_problems import ConfigError

from .faults import Fault

_REASONS = {
    errno.EADDRINUSE: "another program holds this port",
    errno.EACCES: "permission denied; ports below 1024 are for the administrator",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


def check_port(host: str, port: int, shared: bool = False) -> None:
    """Raises Fault unless the gateway could listen there now. `shared`: beside other workers."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise Fault(f"Cannot listen on {host}:{port}: there is no such host.") from None
    for family, kind, protocol, _, address in found:
        try:
            with socket.socket(family, kind, protocol) as trial:
                if os.name == "posix":  # as asyncio will; on Windows it would share a port that is taken
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if shared:
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                trial.bind(address)
        except OSError as error:
            reason = _REASONS.get(error.errno or 0, error.strerror or "unknown reason")
            raise Fault(f"Cannot listen on {host}:{port}: {reason}.") from None


def check_certificate(settings: Settings) -> None:
    """Raises Fault when TLS is on and its files can't be read, or are no pair."""
    if not settings.tls.enabled:
        return
    for option, path in (("cert-file", settings.tls.cert_file), ("key-file", settings.tls.key_file)):
        if path:
            _check_readable(f"tls.{option}", path)
    try:
        certificate.read(settings.tls)
    except ConfigError as fault:
        raise Fault(*fault.errors) from None


def _check_readable(option: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise Fault(f"{option}: {path} cannot be read: {(error.strerror or 'unknown reason').lower()}.") from None


def check_record(folder: str) -> None:
    """Raises Fault when nothing can be recorded there: that is known before the first exchange is lost."""
    path = make_folder(Path(folder).expanduser().resolve())
    if not os.access(path, os.W_OK | os.X_OK):
        raise Fault(f"--record: {path} cannot be written to: permission denied.")


def make_folder(path: Path) -> Path:
    """The folder, for this user only where it is new. Raises Fault when it can't be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"{path} cannot be made: {(error.strerror or 'unknown reason').lower()}.") from None
    return path
