"""Paths of a command lie here: an address (`s3://bucket/x`) is refused, not made a folder of that name."""

from functools import cache
from typing import Any, NoReturn

import click

from retouch_aes.remote.other_names import is_address
from retouch_aes.remote.store import local_path


class LocalPath(click.Path):
    """A path, as `click.Path`; `file://` is one, any other address is refused before it is looked for."""

    @staticmethod
    def like(kind: click.Path) -> "LocalPath":
        """What `kind` asks of a path, asked of one that lies here."""
        made = LocalPath()
        vars(made).update(vars(kind))
        return made

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType`."""
        if is_address(value):
            value = str(local_path(value) or _refuse(ctx, param, value))
        return super().convert(value, param, ctx)


@cache
def with_local_paths(command: click.Command) -> click.Command:
    """`command`, none of whose plain paths may be an address. Types of its own, as `PathOrAddress`, may."""
    for param in command.params:
        if type(param.type) is click.Path:
            param.type = LocalPath.like(param.type)
    return command


def not_an_address(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Refuse an address where only a path will do."""
    return _refuse(ctx, param, value) if is_address(value) else value


def _refuse(ctx: click.Context | None, param: click.Parameter | None, address: str) -> NoReturn:
    raise click.BadParameter(
        f"expected a path here, and {address} is an address; mount it, or copy from and to it.", ctx, param
    )
