"""`load_taste`: the taste in a file, whichever way it was learned."""

from pathlib import Path

from retouch_aes.models import holds_model
from retouch_aes.taste.contract import Taste
from retouch_aes.taste.finetune.taste import FinetunedTaste
from retouch_aes.taste.gp.taste import GPTaste


def load_taste(path: str | Path) -> Taste:
    """The taste stored at `path`, verified, on the CPU.

    Args:
        path: A file that `learn` or `retouch-aes learn` wrote, by any of their methods.

    Returns:
        A `GPTaste`, or a `FinetunedTaste` where the file holds a model of its own.

    Raises:
        WeightsError: There is no such file, it is damaged, or it holds something else.

    Examples:
        >>> from retouch_aes import load_taste
        >>> load_taste("nobody.taste")
        Traceback (most recent call last):
        ...
        retouch_aes.errors.WeightsError: nobody.taste does not exist or is no file
    """
    return FinetunedTaste.load(path) if holds_model(path) else GPTaste.load(path)
