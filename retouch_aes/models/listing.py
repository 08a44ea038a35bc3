"""What there is by name: `list_models("*")`, `list_models("timm:*lite*")`."""

import fnmatch

from retouch_aes.errors import RetouchError
from retouch_aes.models.catalogue import bundled, models
from retouch_aes.models.fetched import fetched_weights
from retouch_aes.models.published import TIMM, is_library_name
from retouch_aes.models.pyiqa_metric import PREFIX, is_pyiqa_name, pyiqa_names
from retouch_aes.models.weights import read_header


def list_models(pattern: str = "*") -> list[str]:
    """The names that `load_model` takes and `pattern` fits, sorted.

    Args:
        pattern: With `*` and `?`. Without a library before it: the bundled scores, and backbones whose
            weights were fetched already. With `torchvision:` or `timm:`: whatever that library publishes
            weights for, which `retouch-aes weights fetch` gets; only then is the library imported. With
            `pyiqa:`: its no-reference metrics with a stated range.

    Returns:
        Names, sorted.

    Raises:
        MissingExtraError: The pattern asks for timm or pyiqa, which is not installed.

    Example:
        >>> from retouch_aes.models import list_models
        >>> list_models("aesthetic")
        ['aesthetic']
        >>> list_models("torchvision:mobilenet_v2*")
        ['torchvision:mobilenet_v2']
    """
    if is_library_name(pattern):
        library, _, local = pattern.partition(":")
        found = _of_timm(local) if library == TIMM else _of_torchvision(local)
        return sorted(f"{library}:{name}" for name in found)
    if is_pyiqa_name(pattern):
        return sorted(PREFIX + name for name in pyiqa_names(pattern.removeprefix(PREFIX)))
    here = [*_scores(), *(one.name for one in fetched_weights())]
    return sorted(fnmatch.filter(here, pattern))


def _scores() -> list[str]:
    known = models()
    found = []
    for name, path in bundled().items():
        try:
            if read_header(path).model in known:
                found.append(name)
        except RetouchError:
            continue  # `weights verify` tells what is wrong with it
    return found


def _of_timm(pattern: str) -> list[str]:
    from retouch_aes.models.timm_backbone import timm_models

    return timm_models(pattern)


def _of_torchvision(pattern: str) -> list[str]:
    import torchvision.models

    names: list[str] = torchvision.models.list_models(module=torchvision.models)
    return fnmatch.filter(names, pattern)
