"""Options that may stand without a value, such as `--fast`: click takes the next word for it; we say so."""

from pathlib import Path
from typing import Any

import click


class OptionalValue(click.Option):
    """`--name` or `--name VALUE`. A value that is a photo or a folder given by mistake is refused.

    `suffixes` are those of the files that may be meant, lower case; without them any path may.
    """

    def __init__(self, *args: Any, suffixes: tuple[str, ...] = (), **kwargs: Any) -> None:
        kwargs["is_flag"] = False
        super().__init__(*args, **kwargs)
        self.suffixes = suffixes

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """See click; what cannot be the value, but is there on the disk, was meant as something else."""
        there = isinstance(value, str) and value != self.flag_value and Path(value).exists()
        if there and self.suffixes and Path(str(value)).suffix.lower() not in self.suffixes:
            raise click.BadParameter(self.took(value), ctx, self)
        try:
            return super().type_cast_value(ctx, value)
        except click.BadParameter:
            if there:
                raise click.BadParameter(self.took(value), ctx, self) from None
            raise

    def took(self, value: object) -> str:
        """The sentence for a value that was meant as something else."""
        return (
            f"{value} was taken as the value of {self.opts[-1]}; put {self.opts[-1]} last on the line, or "
            "another option or -- behind it."
        )


def explained(error: click.UsageError) -> click.UsageError:
    """`error`, or one that names the option that swallowed what is missing."""
    if not isinstance(error, click.MissingParameter) or error.ctx is None:
        return error
    for param in error.ctx.command.params:
        value = error.ctx.params.get(param.name or "")
        if isinstance(param, OptionalValue) and value not in (None, param.flag_value):
            return click.UsageError(param.took(value), error.ctx)
    return error
