"""Paths of a command lie here: an address (`s3://bucket/x`) is refused, not made a folder of that name."""

import re
from functools import cache, partial
from typing import Any

import click

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")  # of a path: two slashes have become one


@cache
def with_local_paths(command: click.Command) -> click.Command:
    """`command`, none of whose plain paths may be an address. Types of its own, as `PathOrAddress`, may."""
    for param in command.params:
        if type(param.type) is click.Path:
            param.callback = partial(_local, param.callback)
    return command


def _local(callback: Any, ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    for one in value if isinstance(value, tuple) else (value,):
        address = None if one is None else _ADDRESS.match(str(one))
        if address is not None:
            told = f"{address[1]}://{str(one)[address.end() :]}"
            raise click.BadParameter(
                f"expected a path here, and {told} is an address; mount it, or copy from and to it.",
                ctx,
                param,
            )
    return value if callback is None else callback(ctx, param, value)
