"""The command line: one file per command; each parses, calls the library and prints.

Nothing here imports PyTorch before a command has its arguments, so `--help` and mistakes answer at once:
heavy imports stand inside the functions of the commands. A new command is a new file and one line in
`group.COMMANDS`.
"""

from retouch_aes.cli.group import main

__all__ = ["main"]
