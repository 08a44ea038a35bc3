"""A click group that imports the file of a command only when that command is named, or help is shown."""

from importlib import import_module
from typing import Any

import click

from retouch_aes.cli.local_paths import with_local_paths


class LazyGroup(click.Group):
    """`modules` maps the name of a command to its module, which holds it as `command`."""

    def __init__(self, *args: Any, modules: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = dict(modules or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return [*self.modules, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        if cmd_name not in self.modules:
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_module(self.modules[cmd_name]).command
        return with_local_paths(found)
