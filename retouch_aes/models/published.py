"""Where a library publishes the weights of a backbone: address, hash, licence. Nothing is fetched here but,
for timm's hub, a small list of files with their hashes.

A name is `torchvision:NAME` or `timm:NAME`, with the weights' tag after a dot where there are several:
`torchvision:mobilenet_v2.imagenet1k_v1`, `timm:resnet18.a1_in1k`. Without a tag the library's default is
meant.
"""

import http.client
import json
import os
import re
from dataclasses import dataclass
from typing import Any

from retouch_aes.errors import MissingExtraError, UsageError, WeightsError
from retouch_aes.models.download import open_url, unreachable

TIMM, TORCHVISION = "timm", "torchvision"
LIBRARIES = (TORCHVISION, TIMM)
HUB = "https://huggingface.co"
_FILES = ("model.safetensors", "pytorch_model.bin")
_MOST_BYTES = 1 << 24


@dataclass(frozen=True)
class PublishedWeights:
    """A file of weights: the whole `name` with its tag, `url`, `file` name, `sha256` (or its beginning),
    `size` in bytes where known, and what its publisher says of the `licence`.
    """

    name: str
    url: str
    file: str
    sha256: str
    size: int | None = None
    licence: str = "not stated"


def is_library_name(name: str) -> bool:
    """Whether `name` has the form `torchvision:NAME` or `timm:NAME`."""
    return name.partition(":")[0] in LIBRARIES and ":" in name


def split_name(name: str) -> tuple[str, str]:
    """Library and the name there. `UsageError` for any other form."""
    library, _, local = name.partition(":")
    if library not in LIBRARIES or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", local):
        raise UsageError(f"expected torchvision:NAME or timm:NAME, got {name!r}")
    return library, local


def full_name(name: str) -> str:
    """`name` with its tag. `UsageError` where the library has no such model, or no weights for it."""
    library, local = split_name(name)
    if library == TORCHVISION:
        return f"{TORCHVISION}:{local.partition('.')[0]}.{torchvision_weights(local).name.lower()}"
    found = timm_weights(local)
    return f"{TIMM}:{found.architecture}" + (f".{found.tag}" if found.tag else "")


def published(name: str) -> PublishedWeights:
    """Where the weights of `name` lie. For timm this asks its hub; `WeightsError` where it cannot."""
    library, local = split_name(name)
    if library == TORCHVISION:
        weights = torchvision_weights(local)
        file = str(weights.url).rsplit("/", 1)[-1]
        return PublishedWeights(full_name(name), weights.url, file, _hash_in(file), None, _TORCHVISION_TERMS)
    cfg, whole = timm_weights(local), full_name(name)
    if cfg.hf_hub_id:
        return _on_hub(whole, cfg.hf_hub_id, cfg.hf_hub_filename, cfg.license or "not stated")
    file = str(cfg.url).rsplit("/", 1)[-1]
    return PublishedWeights(whole, cfg.url, file, _hash_in(file), None, cfg.license or "not stated")


_TORCHVISION_TERMS = "code BSD-3-Clause; torchvision states no licence for weights trained on ImageNet"


def torchvision_weights(local: str) -> Any:
    """torchvision's `WeightsEnum` member for `NAME` or `NAME.TAG`. `UsageError` for others."""
    from torchvision.models import get_model_weights

    name, _, tag = local.partition(".")
    try:
        known = get_model_weights(name)
    except ValueError:
        raise UsageError(
            f"torchvision has no model {name!r}; list_models('torchvision:*') names them"
        ) from None
    if not tag:
        return known["DEFAULT"]
    found = next((one for one in known if one.name.lower() == tag.lower()), None)
    if found is None:
        tags = ", ".join(one.name.lower() for one in known)
        raise UsageError(f"torchvision has no weights {tag!r} of {name}; there are: {tags}")
    return found


def timm_weights(local: str) -> Any:
    """timm's `PretrainedCfg` for `NAME` or `NAME.TAG`. `UsageError` for others, or without weights."""
    found = timm_about(local)
    if found is None or not (found.hf_hub_id or found.url):
        raise UsageError(f"timm publishes no weights {local!r}; there are: {_timm_tags(local)}")
    return found


def timm_about(local: str) -> Any:
    """What timm states of `NAME` or `NAME.TAG`, or None; `UsageError` for a name that it has not."""
    timm = import_timm()
    name = local.partition(".")[0]
    if not timm.is_model(name):
        raise UsageError(f"timm has no model {name!r}; list_models('timm:*') names them")
    try:
        return timm.models.get_pretrained_cfg(local)
    except RuntimeError:
        raise UsageError(f"timm publishes no weights {local!r}; there are: {_timm_tags(local)}") from None


def _timm_tags(local: str) -> str:
    names = import_timm().list_models(f"{local.partition('.')[0]}.*", pretrained=True)
    return ", ".join(names) or "none"


def import_timm() -> Any:
    """The package timm, which takes seconds to import; `MissingExtraError` with the install line."""
    try:
        import timm
    except ImportError:
        raise MissingExtraError("a backbone of timm", "timm") from None
    return timm


def elsewhere(name: str) -> str:
    """What can be done without a network."""
    return f"or fetch it elsewhere and give it with: retouch-aes weights fetch {name} --from FILE"


def hub() -> str:
    """The address of the hub; `HF_ENDPOINT` names a mirror, as for huggingface_hub."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB


def _on_hub(name: str, repository: str, file: str | None, licence: str) -> PublishedWeights:
    """Commit and hash as the hub states them, so that one state of the repository is fetched and checked."""
    address = f"{hub()}/api/models/{repository}?blobs=true"
    try:
        with open_url(address) as answer:
            about = json.loads(answer.read(_MOST_BYTES))
        entries = {str(entry["rfilename"]): entry for entry in about["siblings"]}
        chosen = next(entries[name] for name in (file, *_FILES) if name in entries)
        stored = chosen["lfs"]
        url = f"{hub()}/{repository}/resolve/{about['sha']}/{chosen['rfilename']}"
        sha256, size = str(stored["sha256"]).lower(), int(stored["size"])
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(f"{unreachable(address, error)}; {elsewhere(name)}") from None
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise WeightsError(f"{address} does not list weights with their hashes ({error!r})") from None
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise WeightsError(f"{address} states no sha256 of {chosen['rfilename']}; it was not fetched")
    return PublishedWeights(name, url, str(chosen["rfilename"]).rsplit("/", 1)[-1], sha256, size, licence)


def _hash_in(file: str) -> str:
    """The beginning of the sha256 that torch's convention puts into a file name: `name-0123abcd.pth`."""
    found = re.search(r"-([0-9a-f]{8,64})\.[a-z]+$", file)
    if found is None:
        raise WeightsError(f"{file} is published without a hash, so it cannot be checked; it was not fetched")
    return found[1]
