"""Examples on disk: renditions are looked at once, by whatever run comes first.

    FOLDER/examples-KEY.safetensors

KEY is a hash of the network that looks, of the photos' paths, sizes and times, of what is made of them and of
the seed, so that nothing stale is used. A thousand photos, seen nine times each, are 90 MB.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.models.weights import checksum
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.prior.examples import PER_CROP, PriorExamples

_VERSION = 1  # of what is made of a photo
_FIELDS = tuple(field.name for field in fields(PriorExamples))


def kept_examples(
    folder: Path | None, key: str, gather: Callable[[], list[PriorExamples]]
) -> list[PriorExamples]:
    """What `gather` gives; from `folder` where it is there already, and into it where not.

    Args:
        folder: Is made where it is missing; None keeps nothing.
        key: Of `examples_key`.
        gather: Looks at the photos.

    Returns:
        Examples, one of each shape. A damaged file is made anew.
    """
    if folder is None:
        return gather()
    path = folder / f"examples-{key}.safetensors"
    try:
        return _parts(load_file(path))
    except (FileNotFoundError, SafetensorError, KeyError):
        examples = gather()
    with replacing(path) as temporary:
        named = {
            f"{number}.{name}": getattr(some, name).contiguous()
            for number, some in enumerate(examples)
            for name in _FIELDS
        }
        save_tensors(named, temporary)
    return examples


def examples_key(prior: LearnedPrior, photos: Sequence[Path], crops: Tensor, what: str, seed: int) -> str:
    """A hash of all that examples depend on: 32 hexadecimal digits.

    Args:
        prior: Whose backbone looks, and whose chain edits.
        photos: The files of the pool.
        crops: Indices in it, as `gather_examples` takes them.
        what: A name for what is made of a crop.
        seed: Of chance.

    Returns:
        The key, the same on every machine with these files at these paths.
    """
    network = checksum(prior.backbone.state_dict())
    states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in photos]
    settings = [_VERSION, PER_CROP, prior.prepare.side, prior.chain.names, what, seed, crops.tolist()]
    text = json.dumps([network, settings, states])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _parts(tensors: dict[str, Tensor]) -> list[PriorExamples]:
    count = 1 + max(int(name.split(".")[0]) for name in tensors)
    return [PriorExamples(*(tensors[f"{number}.{name}"] for name in _FIELDS)) for number in range(count)]
