"""The command itself: quick, complete, calm."""

import json
import subprocess
import sys

import click
import pytest
import torch
from click.testing import CliRunner

from retouch_aes import __version__
from retouch_aes.cli import failures, main
from retouch_aes.cli.group import COMMANDS
from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.operators import OPERATORS

WITHOUT_TORCH = """
import sys
from retouch_aes.cli import main
sys.argv = ["retouch-aes", *sys.argv[1:]]
try:
    main()
finally:
    heavy = {"torch", "numpy", "PIL", "rich"} & set(sys.modules)
    assert not heavy, heavy
"""


def python(*arguments, **options):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, **options)


def every_command(command=main, name=()):
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            yield from every_command(command.get_command(context, child), (*name, child))


@pytest.mark.parametrize(("name", "command"), list(every_command()), ids=str)
def test_every_command_has_help_with_examples(run, name, command):
    result = run(*name, "--help")
    assert result.exit_code == 0
    assert "Usage: " in result.stdout
    if not isinstance(command, click.Group):
        assert f"retouch-aes {' '.join(name)}" in result.stdout.split("Options:")[0].split("Usage:")[1]


def test_every_option_says_what_it_does():
    for name, command in every_command():
        for param in command.params:
            if isinstance(param, click.Option):
                assert param.help, f"{' '.join(name)} {param.name}"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["retouch", "--help"], 0),
        (["bench", "recovery", "--help"], 0),
        (["retouch", "no such photo.jpg"], 2),
        (["retouch", ".", "--strength", "much"], 2),
    ],
)
def test_help_and_mistakes_load_nothing_heavy(arguments, code):
    done = python("-c", WITHOUT_TORCH, *arguments)
    assert "AssertionError" not in done.stderr
    assert done.returncode == code


def test_version(run):
    assert run("--version").stdout.strip() == f"retouch-aes {__version__}"


def test_nothing_asked_and_nothing_known(run):
    assert run().exit_code == 2
    unknown = run("enhance")
    assert unknown.exit_code == 2
    assert "enhance" in unknown.stderr


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UsageError("expected this"), 2, "Error: expected this\n"),
        (PhotoError("a.jpg: broken"), 1, "Error: a.jpg: broken\n"),
        (PermissionError(13, "Permission denied", "a.jpg"), 1, "Error: a.jpg: Permission denied\n"),
        (
            ZeroDivisionError("oh\nno"),
            1,
            "Error: unexpected error (ZeroDivisionError: oh); please report it.",
        ),
        (KeyboardInterrupt(), 130, "Stopped."),
        (MemoryError(), 1, "Error: not enough memory"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(monkeypatch, error, code, text):
    def command():
        raise error

    monkeypatch.setitem(COMMANDS, "fail", "nowhere")
    monkeypatch.setattr(main, "modules", {})
    main.add_command(click.Command("fail", callback=command))
    try:
        result = CliRunner().invoke(main, ["fail"])
    finally:
        del main.commands["fail"]
    assert result.exit_code == code
    assert text in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_unexpected_error_keeps_its_traceback_when_asked(monkeypatch):
    monkeypatch.setenv(failures.DEBUG, "1")
    with pytest.raises(ZeroDivisionError):
        failures.run(lambda: 1 / 0)


def test_operators_are_listed(run):
    listed = json.loads(run("operators", "--json").stdout)
    assert [operator["name"] for operator in listed] == list(OPERATORS)
    assert all(param["low"] <= param["neutral"] <= param["high"] for o in listed for param in o["params"])
    assert len(run("operators").stdout.splitlines()) == 1 + sum(len(o["params"]) for o in listed)


def test_weights_are_listed_and_verified(run, weights, monkeypatch, tmp_path):
    files = {path.stem: path for path in weights}
    monkeypatch.setattr("retouch_aes.models.bundled", lambda: files)
    listed = json.loads(run("weights", "list", "--json").stdout)
    assert [record["name"] for record in listed] == ["model", "prior"]
    assert listed[0]["card"]["licence"] == "Apache-2.0"
    assert "untrained, for tests" in run("weights", "list").stdout
    assert run("weights", "verify").stdout.count("ok: ") == 2
    damaged = tmp_path / "damaged.safetensors"
    content = bytearray(weights[0].read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    result = run("weights", "verify", damaged, weights[1])
    assert result.exit_code == 1
    assert result.stdout.count("ok: ") == 1
    assert result.stderr.startswith(f"broken: {damaged}")


def test_weights_that_are_not_there(run, monkeypatch):
    monkeypatch.setattr("retouch_aes.models.bundled", dict)
    assert run("weights", "verify").exit_code == 1
    assert run("weights", "list").exit_code == 1


def test_a_real_process_with_stdout_closed_or_full():
    for redirection, code in ((">&-", 0), (">/dev/full", 1), ("| true", 0)):
        shell = f'"{sys.executable}" -m retouch_aes.cli --help {redirection}'
        done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_no_cuda_is_said_plainly(scored, photo, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = scored("score", photo, "--device", "cuda")
    assert result.exit_code == 2
    assert "--device cpu" in result.stderr
