"""The aesthetic models by short name, the weight files that come with the package, and `load_model`.

Another package adds a model by an entry point: group `retouch_aes.models`, name = its short name, value =
the class.
"""

from importlib.metadata import entry_points
from pathlib import Path

from retouch_aes.errors import WeightsError
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.nima import NIMA
from retouch_aes.models.weights import load_network

MODELS: dict[str, type[AestheticModel]] = {kind.short_name: kind for kind in (EMDAttention, NIMA)}
GROUP = "retouch_aes.models"


def models() -> dict[str, type[AestheticModel]]:
    """Our models and those of other installed packages, by short name. Ours cannot be replaced."""
    others = {point.name: point.load() for point in entry_points(group=GROUP) if point.name not in MODELS}
    return MODELS | others


def bundled() -> dict[str, Path]:
    """The weight files of this installation, by file name without ending."""
    package = Path(__file__).parents[1]
    folders = (package / "pretrained", package.parent / "pretrained")
    folder = next((f for f in folders if f.is_dir()), None)
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))} if folder else {}


def find_weights(path_or_name: str | Path) -> Path:
    """The file that a bundled name or a path means. `WeightsError` with the bundled names otherwise."""
    files = bundled()
    if str(path_or_name) in files:
        return files[str(path_or_name)]
    path = Path(path_or_name)
    if not path.is_file():
        names = ", ".join(files) or "none"
        raise WeightsError(f"{path_or_name} is neither a weight file nor a bundled one (there are: {names})")
    return path


def load_model(path_or_name: str | Path) -> AestheticModel:
    """The aesthetic model of a file or bundled name.

    Args:
        path_or_name: A bundled name, such as "aesthetic", or a weight file of this package.

    Returns:
        The model: verified by its checksum, float32, in evaluation mode, on the CPU.

    Raises:
        WeightsError: No such file or name, a damaged file, or one for another kind of network.

    Examples:
        >>> import torch
        >>> from retouch_aes import load_model
        >>> model = load_model("aesthetic")
        >>> tuple(model(torch.rand(2, 3, 64, 96)).shape)
        (2,)
    """
    return load_network(find_weights(path_or_name), models())
