"""Covariances learned from other people, one file for each generic model, next to this one.

A fitted covariance is a basis for the model's features and settings (`retouch_aes.taste.gp.covariance`), made
by `retouch-aes taste tune` and found by the model's fingerprint. For a model without one, the basis is taken
from the person's own photos and the settings are the defaults; that works less well, and the taste says so.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import WeightsError
from retouch_aes.models.files import read_file
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis
from retouch_aes.tensor_files import save_tensors

_FORMAT = "retouch_aes.kernel 1"
FOLDER = Path(__file__).parent / "covariances"


@dataclass(frozen=True)
class FittedCovariance:
    """A basis, its settings, the fingerprint of the model it is for, and where it comes from."""

    basis: FeatureBasis
    settings: CovarianceSettings
    fingerprint: str
    provenance: str

    def save(self, path: str | Path) -> None:
        """Write it, whole or not at all; the basis in 16 bit."""
        tensors = {"mean": self.basis.mean.half(), "matrix": self.basis.matrix.half().contiguous()}
        metadata = {
            "format": _FORMAT,
            "fingerprint": self.fingerprint,
            "settings": json.dumps(self.settings.to_json(), sort_keys=True),
            "provenance": self.provenance,
        }
        with replacing(path) as temporary:
            save_tensors(tensors, temporary, metadata=metadata)


def read_covariance(path: str | Path) -> FittedCovariance:
    """The covariance stored at `path`. `WeightsError` where there is none."""
    tensors, metadata = read_file(path)
    if metadata.get("format") != _FORMAT:
        raise WeightsError(f"{path} holds no covariance; `retouch-aes taste tune` makes one")
    try:
        basis = FeatureBasis(tensors["mean"].float(), tensors["matrix"].float())
        settings = CovarianceSettings.from_json(json.loads(metadata["settings"]))
        return FittedCovariance(basis, settings, metadata["fingerprint"], metadata["provenance"])
    except (KeyError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} is a malformed covariance ({error!r}); make it again") from None


def find_covariance(fingerprint: str) -> FittedCovariance | None:
    """The covariance for the model with this fingerprint; None where none comes with the package."""
    path = FOLDER / f"{fingerprint}.safetensors"
    return read_covariance(path) if path.is_file() else None


def default_covariance(features: Tensor, fingerprint: str) -> FittedCovariance:
    """The stopgap: a basis from `features` `(M, D)` of a person's own photos, and default settings."""
    half = FeatureBasis.of(features)
    basis = FeatureBasis(half.mean.half().float(), half.matrix.half().float())
    return FittedCovariance(
        basis, CovarianceSettings(), fingerprint, "basis from the person's own photos, default settings"
    )
