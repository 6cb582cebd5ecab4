"""What is known to fail before the start."""

import errno
import socket
from pathlib import Path

import pytest

from cliproxy.addons.settings import Settings, Tls
from cliproxy.cli.faults import Fault
from cliproxy.cli.preflight import check_certificate, check_port, check_record, make_folder


def test_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Fault) as fault:
            check_port("127.0.0.1", port)
    assert fault.value.lines == (f"Cannot listen on 127.0.0.1:{port}: another program holds this port.",)
    check_port("127.0.0.1", port)


@pytest.mark.parametrize(
    "number, reason",
    [
        (errno.EACCES, "permission denied; ports below 1024 are for the administrator"),
        (errno.EADDRNOTAVAIL, "this machine has no such address"),
        (errno.EINVAL, "Invalid argument"),
    ],
)
def test_other_reasons(number: int, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "Invalid argument")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(Fault) as fault:
        check_port("127.0.0.1", 80)
    assert fault.value.lines == (f"Cannot listen on 127.0.0.1:80: {reason}.",)


def test_a_host_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Fault, match="Cannot listen on nowhere:1: there is no such host"):
        check_port("nowhere", 1)


def test_certificates(tmp_path: Path) -> None:
    cert, missing = tmp_path / "c.pem", tmp_path / "k.pem"
    cert.write_text("")
    check_certificate(Settings(tls=Tls(False, missing, missing)))
    with pytest.raises(Fault, match="are no pair of a PEM certificate and its unencrypted private key"):
        check_certificate(Settings(tls=Tls(True, cert, cert)))
    with pytest.raises(Fault) as fault:
        check_certificate(Settings(tls=Tls(True, cert, missing)))
    assert fault.value.lines == (f"tls.key-file: {missing} cannot be read: no such file or directory.",)


def test_a_folder(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "a" / "b")
    assert made.is_dir()
    assert make_folder(made) == made
    (tmp_path / "file").write_text("")
    with pytest.raises(Fault) as fault:
        make_folder(tmp_path / "file" / "c")
    assert fault.value.lines == (f"{tmp_path / 'file' / 'c'} cannot be made: not a directory.",)


def test_where_nothing_can_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_record(str(tmp_path / "new" / "flows"))
    assert (tmp_path / "new" / "flows").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(Fault, match="file cannot be made: file exists"):
        check_record(str(tmp_path / "file"))
    monkeypatch.setattr("os.access", lambda *_: False)  # who runs the tests may be allowed everything
    with pytest.raises(Fault, match=f"^--record: {tmp_path} cannot be written to: permission denied"):
        check_record(str(tmp_path))
