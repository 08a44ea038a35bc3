"""Paths of a command lie here: an address (`s3://bucket/x`) is refused, not made a folder of that name."""

import re
from functools import cache, partial
from typing import Any

import click

from retouch_aes.remote.other_names import is_address


@cache
def with_local_paths(command: click.Command) -> click.Command:
    """`command`, none of whose plain paths may be an address. Types of its own, as `PathOrAddress`, may."""
    for param in command.params:
        if type(param.type) is click.Path:
            param.callback = partial(_local, param.callback)
    return command


def not_an_address(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Refuse an address where only a path will do."""
    for one in value if isinstance(value, tuple) else (value,):
        text = re.sub(":/+", "://", str(one), count=1)  # in a path two slashes have become one
        if is_address(text):
            raise click.BadParameter(
                f"expected a path here, and {text} is an address; mount it, or copy from and to it.",
                ctx,
                param,
            )
    return value


def _local(callback: Any, ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    not_an_address(ctx, param, value)
    return value if callback is None else callback(ctx, param, value)
