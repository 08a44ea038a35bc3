"""Every command on the page that reproduces the papers is one that the command line understands."""

import re
import shlex
from pathlib import Path

import click
import pytest

from retouch_aes.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "reproduce.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"`retouch-aes ([^`]*)`", PAGE[PAGE.index("## Commands") : PAGE.index("### PAM's")])


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """A folder with what the commands name; nothing of it is read."""
    monkeypatch.chdir(tmp_path)
    for folder in ("FLICKR-AES", "AADB", "AVA", "REAL-CUR", "PARA", "EVA", "photos", "pam"):
        Path(folder).mkdir()
    for file in ("choices.jsonl", "ratings.csv", "pam/pam.safetensors", "pam/generic.safetensors"):
        Path(file).touch()


def test_the_page_has_a_command_for_every_table():
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_understood(line, unpacked):
    words, command, context = shlex.split(line), main, None
    while isinstance(command, click.Group):
        context = click.Context(command, parent=context, info_name=words[0])
        name, words = words[0], words[1:]
        command = command.get_command(context, name)
        assert command is not None, name
    command.make_context(command.name, words, parent=context)
