"""The aesthetic models by short name, the weight files that come with the package, and `load_model`.

Another package adds a model by an entry point: group `retouch_aes.models`, name = its short name, value =
the class.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from retouch_aes.errors import WeightsError
from retouch_aes.models.anchored_score import AnchoredScore
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.fetched import find_fetched
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.nima import NIMA
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.published import is_library_name
from retouch_aes.models.pyiqa_metric import LICENCE, is_pyiqa_name, load_pyiqa, pyiqa_provenance
from retouch_aes.models.traits_scorer import TraitsScorer
from retouch_aes.models.trunk_score import TrunkScore
from retouch_aes.models.weights import ModelCard, load_network, read_card, read_header
from retouch_aes.plugins import load_plugins, subclass_of

MODELS: dict[str, type[AestheticModel]] = {
    kind.short_name: kind
    for kind in (AnchoredScore, EMDAttention, NIMA, PooledScorer, TraitsScorer, TrunkScore)
}


def models() -> dict[str, type[AestheticModel]]:
    """Our models and those of other installed packages, by short name. Ours cannot be replaced."""
    # AestheticModel is abstract, and mypy wants concrete classes where a type is asked for
    return MODELS | load_plugins("models", subclass_of(AestheticModel), MODELS)  # type: ignore[type-abstract]


def bundled() -> dict[str, Path]:
    """The weight files of this installation, by file name without ending."""
    package = Path(__file__).parents[1]
    folders = (package / "pretrained", package.parent / "pretrained")
    folder = next((f for f in folders if f.is_dir()), None)
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))} if folder else {}


def find_weights(path_or_name: str | Path) -> Path:
    """The file that a bundled name, a path, or `timm:NAME` or `torchvision:NAME` means.

    `WeightsError` with the bundled names, or the line that fetches the weights, otherwise.
    """
    if is_library_name(str(path_or_name)):
        return find_fetched(str(path_or_name)).path
    if is_pyiqa_name(str(path_or_name)):
        raise WeightsError(
            f"{path_or_name} is a metric of pyiqa, which keeps its own weights: there is no file"
        )
    files = bundled()
    if str(path_or_name) in files:
        return files[str(path_or_name)]
    path = Path(path_or_name)
    if not path.is_file():
        names = ", ".join(files) or "none"
        raise WeightsError(f"{path_or_name} is neither a weight file nor a bundled one (there are: {names})")
    return path


def card_of(path_or_name: str | Path) -> ModelCard:
    """The card of what `load_model` takes; of another library's backbone what its publisher states."""
    if is_library_name(str(path_or_name)):
        found = find_fetched(str(path_or_name))
        return ModelCard(found.licence, f"the published weights {found.name} ({found.url})")
    if is_pyiqa_name(str(path_or_name)):
        return ModelCard(LICENCE, pyiqa_provenance(str(path_or_name)))
    return read_card(find_weights(path_or_name))


def weights_digest(path_or_name: str | Path) -> str:
    """A sha256 of the file that `find_weights` finds; of a metric of pyiqa its fingerprint."""
    if is_pyiqa_name(str(path_or_name)):
        return load_pyiqa(str(path_or_name)).fingerprint
    return hashlib.sha256(find_weights(path_or_name).read_bytes()).hexdigest()


def load_model(path_or_name: str | Path) -> AestheticModel:
    """An aesthetic model of a file or name.

    Args:
        path_or_name: A bundled name (`list_models()`), a weight file, or `timm:NAME` or `torchvision:NAME`:
            then a `PooledScorer` on that backbone with its published weights from the user's cache, whose
            head knows nothing yet. Or `pyiqa:NAME`, a no-reference metric of pyiqa (the extra `[pyiqa]`),
            or `pyiqa:NAME@LOW..HIGH` with the values that are bad and good.

    Returns:
        The model: verified, float32, in evaluation mode, on the CPU.

    Raises:
        WeightsError: No such file or name, a damaged file, one for another kind of network, or weights that
            were not fetched yet.
        MissingExtraError: timm or pyiqa is needed and not installed.

    Examples:
        >>> import torch
        >>> from retouch_aes import load_model
        >>> model = load_model("aesthetic")
        >>> tuple(model(torch.rand(2, 3, 64, 96)).shape)
        (2,)
    """
    if is_library_name(str(path_or_name)):
        return PooledScorer.pretrained(str(path_or_name))
    if is_pyiqa_name(str(path_or_name)):
        return load_pyiqa(str(path_or_name))
    path = find_weights(path_or_name)
    ours = read_header(path).model in MODELS  # then no other package has to be imported
    return load_network(path, MODELS if ours else models())


@lru_cache(maxsize=2)
def bundled_model(fingerprint: str) -> AestheticModel | None:
    """The bundled aesthetic model with this fingerprint, frozen; None where there is none.

    It is the same module every time. Scores whose trunk was not fetched are passed by.
    """
    for path in bundled().values():
        if read_header(path).model in models():
            try:
                model = load_model(path)
            except WeightsError:
                continue
            if model.fingerprint == fingerprint:
                return model.requires_grad_(False)
    return None
