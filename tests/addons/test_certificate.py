"""The gateway's own certificate, made ready for mitmproxy."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest
from mitmproxy.certs import CertStore

from cliproxy.addons.certificate import pair
from cliproxy.addons.settings import Tls
from cliproxy.addons.settings_problems import ConfigError


def made(folder: Path, name: str) -> Tls:
    """A certificate with its key, in two files of their own."""
    CertStore.create_store(folder, name, 2048)
    both = (folder / f"{name}-ca.pem").read_text()
    start = both.index("-----BEGIN CERTIFICATE")
    key, cert = folder / f"{name}.key", folder / f"{name}.crt"
    key.write_text(both[:start])
    cert.write_text(both[start:])
    return Tls(True, cert, key)


def test_key_and_certificate_become_one_file_for_its_owner_alone(tmp_path: Path) -> None:
    tls = made(tmp_path, "a")
    path = pair(tls, tmp_path)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pair(tls, tmp_path) == path, "a second start writes it anew"


def test_what_does_not_fit_together_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    one, other = made(tmp_path, "a"), made(tmp_path, "b")
    noise = tmp_path / "noise"
    noise.write_text("no certificate")
    for tls in (
        Tls(True, one.cert_file, other.key_file),
        Tls(True, noise, one.key_file),
        Tls(True, one.cert_file, tmp_path / "missing"),
    ):
        with pytest.raises(ConfigError, match="are no pair of a PEM certificate and its unencrypted private key"):
            pair(tls, tmp_path)
    assert not (tmp_path / "gateway-tls.pem").exists()
