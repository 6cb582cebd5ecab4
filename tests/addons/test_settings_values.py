"""Each reader: what it takes, and what it refuses."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cliproxy.addons import settings_values as values

TAKEN = [
    (values.boolean, "Yes", True),
    (values.boolean, "off", False),
    (values.integer(1, 9), "9", 9),
    (values.seconds, "0.5", 0.5),
    (values.size, "1024", 1024),
    (values.size, "64m", 64 * 1024**2),
    (values.size, "64 MiB", 64 * 1024**2),
    (values.size, "1G", 1024**3),
    (values.size, "2kb", 2048),
    (values.moment, "2030-12-31", datetime(2031, 1, 1, tzinfo=UTC)),
    (values.moment, "2030-12-31 12:00", datetime(2030, 12, 31, 12, tzinfo=UTC)),
    (values.moment, "2030-12-31T12:00:00+00:00", datetime(2030, 12, 31, 12, tzinfo=UTC)),
    (values.path, "a/b", Path("a/b")),
    (values.path, "", None),
    (values.host, "localhost", "localhost"),
    (values.host, "[::1]", "::1"),
    (values.host, "gateway.example.com", "gateway.example.com"),
    (values.base_url, "http://localhost:8000/v1/", "http://localhost:8000/v1"),
    (values.base_url, "https://[::1]:8000", "https://[::1]:8000"),
    (values.state_url, "redis://:pw@localhost:6379/0", "redis://:pw@localhost:6379/0"),
    (values.state_url, "memory:", "memory:"),
    (values.window, "604800", 604800.0),
    (values.state_url, "", ""),
    (values.model_reference, "openai/gpt-5", ("openai", "gpt-5")),
    (values.model_reference, "local/org/model", ("local", "org/model")),
    (values.header_value, " v ", "v"),
]
REFUSED = [
    (values.boolean, "maybe"),
    (values.integer(1, 9), "10"),
    (values.integer(1, 9), "1.5"),
    (values.seconds, "0"),
    (values.seconds, "nan"),
    (values.seconds, "-1"),
    (values.seconds, "inf"),
    (values.size, "0"),
    (values.size, "lots"),
    (values.size, "-1m"),
    (values.moment, "tomorrow"),
    (values.moment, "9999-12-31"),
    (values.path, "a\0b"),
    (values.host, ""),
    (values.host, "a b"),
    (values.host, "300.1.1.1"),
    (values.host, "*"),
    (values.host, "http://localhost"),
    (values.base_url, "foo"),
    (values.base_url, "ftp://example.com"),
    (values.base_url, "http://"),
    (values.base_url, "http://a:99999"),
    (values.base_url, "http://a:port"),
    (values.base_url, "http://a b/"),
    (values.base_url, "http://a/\n"),
    (values.base_url, "http://a/?key=1"),
    (values.base_url, "http://["),
    (values.window, "59"),
    (values.window, "nan"),
    (values.window, "2678401"),
    (values.state_url, "mysql://localhost"),
    (values.model_reference, "gpt-5"),
    (values.model_reference, "openai/"),
    (values.header_value, "a\r\nx: y"),
    (values.header_value, "\u00e9"),
    (values.header_name, "a b"),
    (values.header_name, ""),
    (values.own_name, "a/b"),
    (values.key, " "),
    (values.pattern, "("),
]


@pytest.mark.parametrize("read, text, value", TAKEN)
def test_taken(read: values.Reader, text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize("read, text", REFUSED)
def test_refused(read: values.Reader, text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        read(text)


def test_a_pattern_says_what_is_wrong_but_quotes_nothing() -> None:
    with pytest.raises(values.Refused, match="missing"):
        values.pattern("(")
    with pytest.raises(values.Refused) as refused:
        values.pattern("(?P=hunter2secret)")
    assert "hunter2" not in str(refused.value)
