"""Folders and hub repositories with our models and tastes: `save_pretrained`, `from_pretrained`.

    FOLDER/model.safetensors  or  taste.safetensors      the file as `save_model` or `Taste.save` writes it
    FOLDER/README.md                                     its card in words

A folder is uploaded with `hf upload USER/NAME FOLDER`; `from_pretrained("USER/NAME")` fetches it again by
huggingface_hub (the extra `[hub]`), only when such a name is given. Nothing of a repository is ever run.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import MissingExtraError, WeightsError
from retouch_aes.models.catalogue import models
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.weights import ModelCard, load_network, save_model

MODEL_FILE = "model.safetensors"
_REPOSITORY = r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*"


def save_pretrained(
    model: nn.Module, folder: str | Path, card: ModelCard, *, dtype: str = "float32", overwrite: bool = False
) -> Path:
    """Write `model` and its `card` into `folder`, which is made where it is missing; the weights' path.

    Args:
        model: Any network that `save_model` takes.
        folder: Where the two files are to lie.
        card: Licence, provenance, data, metrics.
        dtype: float16 or float32.
        overwrite: Replace files that are there.

    Returns:
        The path of the weights.

    Raises:
        RetouchError: Files are there, and `overwrite` is not given.

    Examples:
        >>> from retouch_aes import from_pretrained, load_model, save_pretrained
        >>> from retouch_aes.models import ModelCard
        >>> card = ModelCard("Apache-2.0", "a copy of the bundled score")
        >>> path = save_pretrained(load_model("aesthetic"), "mine", card, dtype="float16")
        >>> from_pretrained("mine").training
        False
    """
    path = Path(folder) / MODEL_FILE
    readme = model_readme(str(getattr(model, "short_name", "model")), card)
    with beside_readme(path.parent, readme, overwrite=overwrite):
        save_model(path, model, card, dtype=dtype, overwrite=overwrite)
    return path


def from_pretrained(folder_or_repository: str | Path, *, revision: str | None = None) -> AestheticModel:
    """The aesthetic model of a folder that `save_pretrained` wrote, or of a hub repository `USER/NAME`.

    Args:
        folder_or_repository: A folder that exists, else the name of a repository.
        revision: Its commit, tag or branch.

    Returns:
        The model: verified, float32, in evaluation mode, on the CPU.

    Raises:
        MissingExtraError: A repository is named, and huggingface_hub is not installed.
        WeightsError: No such folder or repository, no network, or a damaged file.

    Examples:
        >>> from retouch_aes import from_pretrained
        >>> from_pretrained("neither/there/nor")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        retouch_aes.errors.WeightsError: ...
    """
    return load_network(resolve(folder_or_repository, MODEL_FILE, revision=revision), models())


def resolve(folder_or_repository: str | Path, file: str, *, revision: str | None = None) -> Path:
    """Where `file` of a folder or of a hub repository lies on this machine, fetched where it must be."""
    folder, name = Path(folder_or_repository), str(folder_or_repository)
    if folder.is_dir():
        if not (folder / file).is_file():
            raise WeightsError(f"{folder} holds no {file}; `save_pretrained` writes one")
        return folder / file
    if not re.fullmatch(_REPOSITORY, name):
        raise WeightsError(f"{name} is neither a folder nor a repository USER/NAME of the hub")
    try:
        import huggingface_hub
    except ImportError:
        raise MissingExtraError(f"fetching {name} from the hub", "hub") from None
    unreached: Exception | None = None
    try:  # once: offline, the download itself would ask six times, for half a minute
        huggingface_hub.get_hf_file_metadata(huggingface_hub.hf_hub_url(name, file, revision=revision))
    except Exception as error:  # huggingface_hub raises those of three HTTP libraries
        unreached = error
    try:
        found = huggingface_hub.hf_hub_download(
            name, file, revision=revision, library_name="retouch_aes", local_files_only=unreached is not None
        )
        return Path(found)
    except Exception as error:
        reason = (str(unreached or error).strip().splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"cannot fetch {file} of {name} from the hub: {reason}") from None


@contextmanager
def beside_readme(folder: Path, text: str, *, overwrite: bool) -> Iterator[None]:
    """The page that the hub shows of a repository, put beside what the block writes into `folder`.

    A page that is there and may not be replaced is refused before the block; a block that fails leaves none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "README.md", overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")
        yield


def model_readme(kind: str, card: ModelCard) -> str:
    """A model's card as Markdown with the hub's fields at its top."""
    metrics = [f"| {name} | {value:g} |" for name, value in card.metrics.items()]
    table = ["", "| metric | value |", "|---|---|", *metrics] if metrics else []
    return "\n".join(
        [
            *front_matter(card.licence),
            f"# An aesthetic model ({kind}) of retouch_aes",
            "",
            f"Licence: {card.licence}",
            "",
            card.provenance,
            "",
            f"Data: {'; '.join(card.data) or 'not stated'}. Made on {card.created}.",
            *table,
            "",
            "```python",
            "from retouch_aes import from_pretrained",
            "",
            'model = from_pretrained("USER/NAME")  # (B, 3, H, W) sRGB [0, 1] -> scores (B,) in [1, 10]',
            "```",
            "",
        ]
    )


def front_matter(licence: str) -> list[str]:
    """What the hub reads at the top of the page; a licence that is no plain identifier is `other`."""
    plain = licence.lower() if re.fullmatch(r"[A-Za-z0-9.-]+", licence) else "other"
    return ["---", "library_name: retouch_aes", f"license: {plain}", "tags: [image-aesthetics]", "---", ""]
