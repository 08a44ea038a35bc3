"""The files of `pretrained/`: tensors and a model card in one safetensors file.

Safetensors carries text beside its tensors. Here that text holds all that is needed to rebuild the network
and to judge it: the format, the kind of network with its version and configuration (JSON), licence,
provenance, data, metrics, and a sha256 over the tensors in the order of their names. Any `nn.Module` with
`short_name`, `version`, `config` and `from_config` can be stored. Weights may be stored in 16 bit; they are
loaded as float32.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import RetouchError, UsageError, WeightsError
from retouch_aes.models.files import first_line, load_into, read_file, read_metadata
from retouch_aes.tensor_files import save_tensors

FORMAT = "retouch_aes"
FORMAT_VERSION = "1"
DTYPES = {"float16": torch.float16, "float32": torch.float32}


class Storable(Protocol):
    """A network that can be stored: it can say how it was built."""

    short_name: ClassVar[str]
    version: ClassVar[int]

    @property
    def config(self) -> Mapping[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        ...

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The network that `config` describes."""
        ...


@runtime_checkable
class Dependent(Protocol):
    """A network that rests on weights which are not in its file."""

    def check_loaded(self, path: str | Path) -> None:
        """`WeightsError` where what it rests on here is not what the file at `path` was made on."""
        ...


N = TypeVar("N", bound=nn.Module)


@dataclass(frozen=True)
class ModelCard:
    """What a person should know of a weight file before using it."""

    licence: str
    provenance: str
    data: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    created: str = field(default_factory=lambda: datetime.datetime.now(datetime.UTC).date().isoformat())


@dataclass(frozen=True)
class ModelHeader:
    """What the program should know: kind of network, how to build it, how to check it; and the card."""

    model: str
    version: int
    config: Mapping[str, Any]
    dtype: str
    sha256: str
    card: ModelCard


def save_model(
    path: str | Path, model: nn.Module, card: ModelCard, *, dtype: str = "float32", overwrite: bool = True
) -> None:
    """Write `model`, a `Storable` network, and its `card`, whole or not at all; `dtype` float16 or 32."""
    missing = [
        name for name in ("short_name", "version", "config", "from_config") if not hasattr(model, name)
    ]
    if missing:
        raise UsageError(f"{type(model).__name__} cannot be stored: it has no {', '.join(missing)}")
    if dtype not in DTYPES:
        raise UsageError(f"expected the dtype {' or '.join(DTYPES)}, got {dtype!r}")
    if not card.licence.strip() or not card.provenance.strip():
        raise UsageError("expected a card with a licence and a provenance, got empty text")
    tensors = {name: _stored(tensor, DTYPES[dtype]) for name, tensor in model.state_dict().items()}
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "model": str(model.short_name),
        "version": str(model.version),
        "config": json.dumps(dict(model.config), sort_keys=True),  # type: ignore[arg-type]
        "dtype": dtype,
        "sha256": checksum(tensors),
        "card": json.dumps(asdict(card), sort_keys=True, ensure_ascii=False, allow_nan=False),
    }
    with replacing(path, overwrite=overwrite) as temporary:
        save_tensors(tensors, temporary, metadata=metadata)


def read_header(path: str | Path) -> ModelHeader:
    """The header of a weight file, its tensors unread. `WeightsError` if there is none or it is malformed."""
    return _header(read_metadata(path), path)


def holds_model(path: str | Path) -> bool:
    """Whether the file at `path` holds a network with its card; `WeightsError` where it is no tensor file."""
    return read_metadata(path).get("format") == FORMAT


def read_card(path: str | Path) -> ModelCard:
    """The card of a weight file: licence, provenance, data, metrics, date."""
    return read_header(path).card


def verify(path: str | Path) -> ModelHeader:
    """Recompute the checksum of a weight file. `WeightsError` where it differs; the header where it holds."""
    return _read_verified(path)[1]


def load_network(path: str | Path, kinds: Mapping[str, type[N]]) -> N:
    """The network stored at `path`, verified, in float32 and evaluation mode, on the CPU.

    `kinds` maps short names to the classes that are acceptable here. `WeightsError` if the file holds
    another kind, or another version of it, or if names, shapes or the checksum do not fit.
    """
    tensors, header = _read_verified(path)
    if header.model not in kinds:
        expected = " or ".join(sorted(kinds))
        raise WeightsError(f"{path} holds the network {header.model!r}, expected {expected}")
    kind: Any = kinds[header.model]
    if header.version != kind.version:
        raise WeightsError(
            f"{path} was made for version {header.version} of {header.model}, installed is {kind.version}; "
            "install the release that the file came with, or train it again"
        )
    try:
        with _Unstarted(len(tensors) + _OF_TRUNK):
            network: N = kind.from_config(dict(header.config))
    except WeightsError as error:  # what it rests on is missing
        raise WeightsError(f"{path}: {error}") from None
    except (TypeError, ValueError, KeyError, AttributeError, RetouchError, *_UNFIT) as error:
        raise WeightsError(
            f"{path}: {header.model} cannot be built from {str(dict(header.config))[:200]}: "
            f"{first_line(error)}"
        ) from None
    load_into(network, tensors, path)
    loaded: object = network.eval()
    if isinstance(loaded, Dependent):
        loaded.check_loaded(path)
    return network


_UNFIT = (RuntimeError, ArithmeticError, IndexError, MemoryError)
"""What a constructor may meet besides, given numbers that nobody chose: negative, huge, zero."""


_OF_TRUNK = 10_000
"""Parameters that a network may have beside those of its file: those of a trunk that is installed."""


class _Unstarted(TorchFunctionMode):
    """Parameters are not filled: to draw what is replaced at once takes longer than to read the file.

    More than `most` are too many for the file, whatever its config says: `WeightsError`.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        filled = args[0] if args else (kwargs or {}).get("tensor")
        fills = (
            func in (Tensor.normal_, Tensor.uniform_) or getattr(func, "__module__", "") == "torch.nn.init"
        )
        if fills and isinstance(filled, nn.Parameter):
            self._left -= 1
            if self._left < 0:
                raise WeightsError("its config asks for far more layers than the file holds; get it again")
            return filled
        return func(*args, **(kwargs or {}))


def checksum(tensors: Mapping[str, Tensor]) -> str:
    """The sha256 of names, types, shapes and bytes of `tensors`, in the order of their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        plain = tensor.detach().cpu().contiguous()
        digest.update(plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b"")
    return digest.hexdigest()


def _stored(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    tensor = tensor.detach().cpu()
    if not tensor.is_floating_point():
        return tensor.contiguous()
    stored = tensor.to(dtype).contiguous()
    if not _all_finite(stored):
        raise UsageError(f"expected finite weights, got some that are not, or too large for {dtype}")
    return stored


def _all_finite(tensor: Tensor) -> bool:
    """By its sum in float64, which is as finite as its least finite value: no copy, a tenth of the time."""
    return bool(torch.isfinite(tensor.sum(dtype=torch.float64)))


def _read_verified(path: str | Path) -> tuple[dict[str, Tensor], ModelHeader]:
    tensors, metadata = read_file(path)
    header = _header(metadata, path)
    if (found := checksum(tensors)) != header.sha256:
        raise WeightsError(
            f"{path} is damaged: its checksum is {found[:12]}, expected {header.sha256[:12]}; get it again"
        )
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not _all_finite(tensor):
            raise WeightsError(
                f"{path}: expected finite weights, got some in {name} that are not; get it again"
            )
    return tensors, header


def _checked_card(card: Any) -> dict[str, Any]:
    """The arguments of a `ModelCard` in its JSON; `TypeError` where it holds something else."""
    text = [card[name] for name in ("licence", "provenance", "created") if name in card]
    metrics = card.get("metrics", {})
    numbers = all(isinstance(one, int | float) and abs(one) < 1e15 for one in metrics.values())
    if not all(isinstance(one, str) for one in (*text, *card["data"], *metrics)) or not numbers:
        raise TypeError("a card holds texts, and numbers as metrics")
    return {**card, "data": tuple(card["data"])}


def _header(metadata: Mapping[str, str], path: str | Path) -> ModelHeader:
    if metadata.get("format") != FORMAT:
        raise WeightsError(f"{path} holds tensors, but was not written by retouch_aes: it has no model card")
    if metadata.get("format_version") != FORMAT_VERSION:
        got = metadata.get("format_version")
        raise WeightsError(
            f"{path} has version {got} of the file format, expected {FORMAT_VERSION}; update retouch_aes"
        )
    try:
        card = _checked_card(json.loads(metadata["card"]))
        return ModelHeader(
            model=metadata["model"],
            version=int(metadata["version"]),
            config=dict(json.loads(metadata["config"])),
            dtype=metadata["dtype"],
            sha256=metadata["sha256"],
            card=ModelCard(**card),
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise WeightsError(f"{path} has a malformed header ({error!r}); get the file again") from None
