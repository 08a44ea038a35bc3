"""One person's taste as one file: what is added to a generic score, and how it came to be.

A safetensors file of less than a megabyte: the tensors of an `Adjustment`, and as text beside them the
generic model it rests on (name, fingerprint), the number and the hash of the answers, metrics, notes and the
date. It holds no photo. The generic weights are not inside: a taste that was learned on another model of this
package than the one given rests on that one (so do tastes of earlier releases, on `aesthetic-compact`); where
it is not at hand, the taste is refused with both fingerprints named.

    taste = load_taste("me.taste")
    model = taste.editing_model(load_model("aesthetic"), image)            # an AestheticModel
    prior = taste.prior(load_prior("edit-prior"))
    [solution] = retouch(image, model, prior=prior, operators=taste.operators)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.devices import device_of
from retouch_aes.errors import RecipeError, RetouchError, UsageError, WeightsError
from retouch_aes.models.catalogue import bundled_model
from retouch_aes.models.edit_prior import EditPrior, NeutralPrior
from retouch_aes.models.files import read_file
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.weights import FORMAT as MODEL_FORMAT
from retouch_aes.models.weights import checksum
from retouch_aes.operators import AUTO, select
from retouch_aes.preferences.variations import STYLE_SLIDERS
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.contract import Taste
from retouch_aes.taste.gp.checks import check_card, check_settings, check_tensors
from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, GPInputs, content_covariance
from retouch_aes.taste.gp.evidence import StyleEvidence, blended_evidence
from retouch_aes.taste.gp.laplace import LaplacePosterior
from retouch_aes.taste.gp.model import Adjustment, PersonalModel
from retouch_aes.taste.gp.prior import PersonalPrior
from retouch_aes.taste.gp.usual_edit import UsualEdit, UsualEditPrior, blended_usual
from retouch_aes.taste.style_features import style_features
from retouch_aes.tensor_files import save_tensors

FORMAT = "retouch_aes.taste"
FORMAT_VERSION = "1"
MOST_POINTS = 700


@dataclass(frozen=True)
class PosteriorKnowledge:
    """How sure a taste is: the pictures that were answered about, and the posterior over them."""

    views: GPInputs
    posterior: LaplacePosterior


@dataclass(frozen=True, eq=False)
class GPTaste(Taste):
    """See the module. `knowledge`, for `GPPairPosterior`, is there on a taste just learned and not stored;
    `usual`, what this person does to most photos, on one learned from edits; `evidence`, how sure the style
    is, on one learned since 0.2."""

    adjustment: Adjustment
    card: TasteCard
    knowledge: PosteriorKnowledge | None = None
    usual: UsualEdit | None = None
    evidence: StyleEvidence | None = None

    @property
    def operators(self) -> tuple[str, ...]:
        """What a retouch to this taste may use: the general operators, those that make a style, and those
        of the usual edit."""
        wanted = {*AUTO, *(name.split(".")[0] for name in STYLE_SLIDERS)}
        if self.usual is not None:
            wanted.update(step.operator.name for step in self.usual.recipe.steps)
        return tuple(operator.name for operator in select(wanted))

    @property
    def counts_from_repair(self) -> bool:
        """See `Taste.counts_from_repair`; a usual edit is a repair itself; older tastes are not sure."""
        return self.usual is None and self.evidence is not None

    @property
    def info(self) -> TasteCard:
        """See `Taste.info`."""
        return self.card

    def ranking_model(self, generic: AestheticModel) -> PersonalModel:
        """See `Taste.ranking_model`; the style of a photo counts by the learned `ranking_share`."""
        return self._bound(generic, across=True)

    def editing_model(self, generic: AestheticModel, image: Tensor | None = None) -> PersonalModel:
        """See `Taste.editing_model`; the style is counted from that of `image`, as in the answers."""
        model = self._bound(generic, across=False)
        return model if image is None else model.about(style_features(image))

    def prior(self, base: EditPrior | None = None) -> PersonalPrior | UsualEditPrior:
        """See `Taste.prior`: what this person usually does, where their edits are known; else the guess of
        `base`, moved to the style that they lean to."""
        if self.usual is not None:
            return UsualEditPrior(self.usual)
        return PersonalPrior(base or NeutralPrior(), self.adjustment, self.evidence)

    def _bound(self, generic: AestheticModel, *, across: bool) -> PersonalModel:
        device = device_of(generic)
        if generic.fingerprint != self.card.fingerprint:
            found = bundled_model(self.card.fingerprint)
            if found is None:
                raise WeightsError(
                    f"this taste was learned on the model {self.card.model!r} with fingerprint "
                    f"{self.card.fingerprint}, got one with {generic.fingerprint}; learn it again from the "
                    "choices, or give the model it was made with"
                )
            generic = found.to(device)
        return PersonalModel(generic, self.adjustment, across=across).eval().to(device)

    def save(self, path: str | Path, *, overwrite: bool = True) -> None:
        """Write the taste, whole or not at all."""
        a = self.adjustment
        tensors = {
            "mean": a.basis.mean.half(),
            "matrix": a.basis.matrix.half(),
            "points": a.points.half(),
            "weights": a.weights.float(),
            "scale": a.scale.float(),
            "line": a.style_linear.float(),
            "bend": a.style_quadratic.float(),
            "pull": a.style_cross.float(),
        }
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
            raise RetouchError("this taste holds numbers that are not finite; learn it again")
        metadata = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "settings": json.dumps(a.settings.to_json(), sort_keys=True),
            "card": json.dumps(self.card.to_json(), sort_keys=True, ensure_ascii=False, allow_nan=False),
            "sha256": checksum(tensors),
        }
        if self.usual is not None:
            metadata["usual"] = json.dumps(self.usual.to_json(), sort_keys=True)
        if self.evidence is not None:
            metadata["evidence"] = json.dumps(self.evidence.to_json())
        with replacing(path, overwrite=overwrite) as temporary:
            save_tensors(tensors, temporary, metadata=metadata)

    @staticmethod
    def load(path: str | Path) -> "GPTaste":
        """The taste stored at `path`, verified. `WeightsError` where there is none or it is damaged."""
        tensors, metadata = read_file(path)
        if metadata.get("format") == MODEL_FORMAT:
            raise WeightsError(
                f"{path} holds a whole model (of `learn --method head` or `paper`), which stands alone and "
                "cannot be blended or compared as an addition to a score; use load_model, or --model"
            )
        if metadata.get("format") != FORMAT:
            raise WeightsError(f"{path} is no taste; `retouch-aes learn` makes one")
        if metadata.get("format_version") != FORMAT_VERSION:
            got = metadata.get("format_version")
            raise WeightsError(
                f"{path} has version {got} of tastes, expected {FORMAT_VERSION}; update retouch_aes"
            )
        if checksum(tensors) != metadata.get("sha256"):
            raise WeightsError(f"{path} is damaged: its checksum does not fit; fetch or learn it again")
        try:
            check_tensors(tensors)
            check_card(said := json.loads(metadata["card"]))
            whole = {name: tensor.float() for name, tensor in tensors.items()}
            basis = FeatureBasis(whole.pop("mean"), whole.pop("matrix"))
            settings = CovarianceSettings.from_json(json.loads(metadata["settings"]))
            check_settings(settings.to_json())
            card = TasteCard.from_json(said)
            style = whole["line"], whole["bend"], whole["pull"]  # their names in files
            rest = whole["points"], whole["weights"], whole["scale"]
            usual = UsualEdit.from_json(json.loads(metadata["usual"])) if "usual" in metadata else None
            sure = (
                StyleEvidence.from_json(json.loads(metadata["evidence"])) if "evidence" in metadata else None
            )
            return GPTaste(Adjustment(basis, *rest, *style, settings), card, usual=usual, evidence=sure)
        except KeyError as error:
            raise WeightsError(f"{path} is a malformed taste: it has no {error}; learn it again") from None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, RecipeError) as error:
            raise WeightsError(f"{path} is a malformed taste: {error}; learn it again") from None


def merge_tastes(tastes: Mapping[str, GPTaste] | list[GPTaste], shares: list[float]) -> GPTaste:
    """A blend: 60 % me, 40 % you. `shares` `(len(tastes),)` are not negative and are scaled to sum to 1.

    What each adds to the generic score is averaged. `UsageError` unless all rest on one model and covariance.
    """
    parts = list(tastes.values()) if isinstance(tastes, Mapping) else list(tastes)
    if len(parts) < 2 or len(shares) != len(parts) or min(shares) < 0 or not 0 < sum(shares) < float("inf"):
        raise UsageError(f"expected two tastes or more and a share for each, got {len(parts)} and {shares}")
    first, weights = parts[0], [share / sum(shares) for share in shares]
    for other in parts[1:]:
        if other.card.fingerprint != first.card.fingerprint:
            got = f"{first.card.fingerprint} and {other.card.fingerprint}"
            raise UsageError(f"expected tastes learned on one model, got fingerprints {got}")
        if not _same_covariance(first.adjustment, other.adjustment):
            raise UsageError("expected tastes with one covariance: learn both again with this version")
    a = [part.adjustment for part in parts]
    points = torch.cat([x.points for x in a])
    alpha = torch.cat([share * x.weights for share, x in zip(weights, a, strict=True)])
    blended = replace(
        a[0],
        points=points,
        weights=alpha,
        scale=_mean([x.scale for x in a], weights),
        style_linear=_mean([x.style_linear for x in a], weights),
        style_quadratic=_mean([x.style_quadratic.clamp(min=0) for x in a], weights),
        style_cross=_mean([x.style_cross.clamp(min=0) for x in a], weights),
    )
    text = ", ".join(f"{100 * share:.0f} %" for share in weights)
    usual = blended_usual([part.usual for part in parts], weights)
    known = usual is not None or not any(part.usual for part in parts)
    lost = () if known else ("without a usual edit, since not each of them has one",)
    card = TasteCard(
        model=first.card.model,
        fingerprint=first.card.fingerprint,
        choices=sum(part.card.choices for part in parts),
        ratings=sum(part.card.ratings for part in parts),
        notes=(f"a blend of {len(parts)} tastes: {text}", *lost),
    )
    sure = blended_evidence([part.evidence for part in parts], weights)
    return GPTaste(compressed(blended), card, usual=usual, evidence=sure)


def compressed(adjustment: Adjustment, most: int = MOST_POINTS) -> Adjustment:
    """The same with at most `most` points: those of the largest weights, refitted to what all said."""
    if len(adjustment.weights) <= most:
        return adjustment
    kept = adjustment.weights.abs().topk(most).indices.sort().values
    points = adjustment.points[kept].double()
    settings = adjustment.settings
    here = content_covariance(points, points, settings)
    there = content_covariance(points, adjustment.points.double(), settings) @ adjustment.weights.double()
    ridge = 1e-4 * settings.content * torch.eye(len(kept), dtype=torch.float64)
    return replace(adjustment, points=points.float(), weights=torch.linalg.solve(here + ridge, there).float())


def _same_covariance(one: Adjustment, other: Adjustment) -> bool:
    return (
        one.settings == other.settings
        and one.basis.matrix.shape == other.basis.matrix.shape
        and torch.equal(one.basis.matrix.half(), other.basis.matrix.half())
        and torch.equal(one.basis.mean.half(), other.basis.mean.half())
    )


def _mean(tensors: list[Tensor], shares: list[float]) -> Tensor:
    return torch.stack([share * tensor for share, tensor in zip(shares, tensors, strict=True)]).sum(0)
