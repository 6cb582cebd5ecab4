"""`cliproxy models`."""

from pathlib import Path

from click.testing import CliRunner

from cliproxy.cli.main import main


def test_models_and_their_providers(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        "openai: {api-key: sk-test, models: [gpt-5]}\ncustom-providers: {l: {base-url: 'http://a', models: [x]}}"
    )
    result = CliRunner().invoke(main, ["models", "-c", str(path)])
    assert result.output == "x      l\ngpt-5  openai\n"


def test_none(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("")
    result = CliRunner().invoke(main, ["models", "-c", str(path)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No model can be reached: no provider is configured; `cliproxy check` says why.\n"
