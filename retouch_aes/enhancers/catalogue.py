"""The enhancers by short name, and `load_enhancer`: from a name, a class or a file to a network.

Another package adds an enhancer by an entry point: group `retouch_aes.enhancers`, name = its short name,
value = the class.
"""

from pathlib import Path

from retouch_aes.enhancers.aod_net import AODNet
from retouch_aes.enhancers.csrnet import CSRNet
from retouch_aes.enhancers.deep_upe import DeepUPE
from retouch_aes.enhancers.distort_recover import DistortRecover
from retouch_aes.enhancers.enhancer import Enhancer
from retouch_aes.enhancers.gcanet import GCANet
from retouch_aes.enhancers.hosted import Hosted, host_class
from retouch_aes.enhancers.lut3d import AdaptiveLUT
from retouch_aes.enhancers.multi_model_fusion import MultiModelFusion
from retouch_aes.enhancers.onnx import host_onnx
from retouch_aes.enhancers.programs import host_program
from retouch_aes.enhancers.zero_dce import ZeroDCE
from retouch_aes.enhancers.zero_dce_plus import ZeroDCEPlus
from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models.files import load_into, read_metadata, read_tensors
from retouch_aes.models.weights import load_network, read_header, verify
from retouch_aes.plugins import load_plugins, subclass_of

ENHANCERS: dict[str, type[Enhancer]] = {
    kind.short_name: kind
    for kind in (
        ZeroDCE,
        ZeroDCEPlus,
        DeepUPE,
        AdaptiveLUT,
        CSRNet,
        DistortRecover,
        AODNet,
        GCANet,
        MultiModelFusion,
    )
}
TRAINED = ".safetensors"


def enhancers() -> dict[str, type[Enhancer]]:
    """Our enhancers and those of other installed packages, by short name. Ours cannot be replaced."""
    return ENHANCERS | load_plugins("enhancers", subclass_of(Enhancer), ENHANCERS)  # type: ignore[type-abstract]


def load_enhancer(spec: str | Path, weights: str | Path | None = None, *, trust: bool = False) -> Enhancer:
    """An enhancement network, ours or another's.

    Args:
        spec: A short name, which needs `weights`; `pkg.module:Class`; or a file that says by itself what it
            is: a trained enhancer, TorchScript, ExportedProgram or ONNX.
        weights: For a short name a file of `train enhancer` or the authors' published one; for a class a
            state_dict or a file of `train enhancer`.
        trust: An ExportedProgram (`.pt2`) is code and is read with this only; TorchScript, code too, gives a
            `ProgramWarning`.

    Returns:
        The network, on the CPU, in evaluation mode.

    Raises:
        UsageError: `spec` means nothing, or its weights are missing or too many.
        WeightsError: A missing or damaged file, or one for another network.

    Examples:
        >>> from retouch_aes import load_enhancer
        >>> load_enhancer("zero-dce")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        retouch_aes.errors.UsageError: zero-dce comes without weights: ...
    """
    text, known = str(spec), enhancers()
    if text in known:
        if weights is None:
            raise UsageError(
                f"{text} comes without weights: give the authors' file or one of your own training "
                "as --enhancer-weights FILE"
            )
        return _named(known[text], Path(weights))
    path = Path(text)
    if path.is_file():
        if weights is not None:
            raise UsageError(f"{path} is a whole network; leave --enhancer-weights out")
        return _from_file(path, known, trust)
    if ":" in text:
        if weights is not None and _is_ours(Path(weights)):
            return _trained_elsewhere(text, Path(weights))
        return host_class(text, weights)
    names = ", ".join(known) or "none"
    raise UsageError(f"{text!r} is neither a file, nor pkg.module:Class, nor one of the enhancers: {names}")


def _named(kind: type[Enhancer], weights: Path) -> Enhancer:
    if not weights.exists():
        raise WeightsError(f"{weights} does not exist")
    if _is_ours(weights):
        return load_network(weights, {kind.short_name: kind})
    return kind.from_published(weights).eval()


def _from_file(path: Path, known: dict[str, type[Enhancer]], trust: bool) -> Enhancer:
    if path.suffix == TRAINED:
        header = read_header(path)
        if header.model == Hosted.short_name:
            source = header.config.get("source")
            raise UsageError(
                f"{path} holds weights for {source}; use --enhancer {source} --enhancer-weights {path}"
            )
        return load_network(path, known)
    return host_onnx(path) if path.suffix == ".onnx" else host_program(path, trust=trust)


def _is_ours(path: Path) -> bool:
    return path.suffix == TRAINED and path.is_file() and read_metadata(path).get("format") == "retouch_aes"


def _trained_elsewhere(source: str, path: Path) -> Hosted:
    """A class from elsewhere with the weights that `train enhancer` gave it."""
    header = verify(path)
    if header.model != Hosted.short_name or header.config.get("source") != source:
        of = header.config.get("source", header.model)
        raise WeightsError(f"{path} was trained for {of}, not for {source}")
    hosted = host_class(source)
    load_into(hosted, {name: tensor.float() for name, tensor in read_tensors(path).items()}, path)
    return hosted.eval()
