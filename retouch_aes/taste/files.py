"""`load_taste`: the taste in a file, whichever way it was learned; `taste_from_pretrained`: in a folder."""

from pathlib import Path

from retouch_aes.models import holds_model
from retouch_aes.models.hub import resolve
from retouch_aes.taste.contract import TASTE_FILE, Taste
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


def taste_from_pretrained(folder_or_repository: str | Path, *, revision: str | None = None) -> Taste:
    """The taste of a folder that `Taste.save_pretrained` wrote, or of a repository `USER/NAME` on the hub.

    Args:
        folder_or_repository: A folder that exists, else the name of a repository, which is fetched.
        revision: Its commit, tag or branch.

    Raises:
        MissingExtraError: A repository is named, and huggingface_hub is not installed.
        WeightsError: No such folder or repository, no network, or a damaged file.
    """
    return load_taste(resolve(folder_or_repository, TASTE_FILE, revision=revision))
