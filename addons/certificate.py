"""The gateway's own TLS certificate, in the one file that mitmproxy wants it in."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from .settings import Tls
from .settings_problems import ConfigError


def read(tls: Tls) -> bytes:
    """Key and certificate chain. Raises `ConfigError` when they don't fit together."""
    assert tls.cert_file and tls.key_file
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.cert_file, tls.key_file, _no_password)
        return tls.key_file.read_bytes() + b"\n" + tls.cert_file.read_bytes()
    except (ValueError, OSError):
        files = f"{tls.cert_file} and {tls.key_file}"
        raise ConfigError([f"tls: {files} are no pair of a PEM certificate and its unencrypted private key."]) from None


def pair(tls: Tls, folder: Path) -> Path:
    """A file with both, for its owner alone. Raises `ConfigError` as `read` does."""
    both = read(tls)
    path = folder / "gateway-tls.pem"
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(both)
    return path


def _no_password() -> str:
    """OpenSSL would ask for one in the terminal."""
    return ""
