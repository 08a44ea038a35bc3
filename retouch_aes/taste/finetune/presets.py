"""`learn --preset`: Zhang et al.'s pipeline from a person's choices and a folder of AVA, all of it.

    zhang          VGG16 sees the rated photos once (features of length 1, kept as a pool); the 50 nearest of
                   every personal photo; VGG16 with attention by EMD at a fixed rate, then the pairs by the
                   hinge with halving; all layers, as printed
    zhang-laptop   the generic score is the start and sees the photos; a linear offset on its features learns
                   both stages, held to it, and stops by photos left out (`taste.finetune.anchored`)

VGG16's features are the means of its last map, max-pooled, `(512,)`; the paper says "normalized feature
vectors" and no more. What a pool costs is paid once: other people find it again by the names of its photos.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from retouch_aes.datasets import RatedDataset
from retouch_aes.errors import UsageError
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbones import pretrained_backbone
from retouch_aes.models.catalogue import load_model
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.files import read_metadata
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.published import is_library_name
from retouch_aes.models.torchvision_backbone import TorchvisionBackbone
from retouch_aes.models.weights import ModelCard
from retouch_aes.optim.run_folder import begin_run
from retouch_aes.preferences.answers import Answer
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.finetune.learn import learn_anchored, learn_finetuned
from retouch_aes.taste.finetune.taste import FinetunedTaste
from retouch_aes.taste.finetune.training import PRINTED, FinetuneSchedule
from retouch_aes.taste.rated_pool import RatedPool, build_pool

PRESETS: dict[str, FinetuneSchedule | None] = {"zhang": PRINTED, "zhang-laptop": None}
"""The schedule of the networks' training; the offset has none."""
VGG16 = "torchvision:vgg16"
NETWORK_SIDE = 224


@dataclass(frozen=True, eq=False)
class PresetNetworks:
    """`seer` finds similar photos; `start` is trained, None where an offset to `seer` is learned."""

    seer: AestheticModel
    start: AestheticModel | None
    card: ModelCard | None = None


def zhang_networks(backbone: str | Path, device: torch.device | str, seed: int = 0) -> PresetNetworks:
    """What the preset `zhang` needs of `backbone`, on `device`.

    `backbone` is `torchvision:NAME` or `timm:NAME` out of the cache, a file of torchvision's VGG16, or a
    weight file of ours with a backbone. `WeightsError` where it is not there or does not fit.
    """
    body = _body(str(backbone))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        start = EMDAttention(body, side=NETWORK_SIDE).to(device)
        seer = PooledScorer(body)
    nn.init.zeros_(
        seer.head.get_parameter("weight")
    )  # so that it is the one that `pool build --model NAME` sees with
    card = ModelCard("that of the backbone's weights", f"the backbone {body.name}")
    return PresetNetworks(seer.to(device).eval().requires_grad_(False), start.eval(), card)


def _body(backbone: str) -> Backbone:
    if is_library_name(backbone):
        return pretrained_backbone(backbone)
    if "format" not in read_metadata(backbone):
        plain = TorchvisionBackbone("vgg16")
        plain.load_torchvision(backbone)
        return plain
    found = getattr(load_model(backbone), "backbone", None)
    if not isinstance(found, Backbone):
        raise UsageError(f"{backbone}: expected a model on a backbone, or the weights of VGG16")
    return found


def pool_folder(root: Path, rated: RatedDataset, seer: AestheticModel) -> Path:
    """The folder under `root` of the pool of these photos as `seer` sees them."""
    names = json.dumps([str(photo.resolve()) for photo in rated.photos])
    digest = hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return root / f"{rated.name}-{digest}-{seer.fingerprint}"


def learn_preset(
    answers: Iterable[Answer],
    photos: str | Path,
    preset: str,
    networks: PresetNetworks,
    *,
    rated: RatedDataset | None = None,
    pools: Path | None = None,
    pool: RatedPool | None = None,
    folder: Path | None = None,
    cache: str | Path | None = None,
    progress: Progress | None = None,
    failed: Callable[[Path, Exception], None] | None = None,
) -> FinetunedTaste:
    """Learn a person's model by `preset`, one of `PRESETS`.

    Args:
        answers: Choices and ratings of photos under the folder `photos`.
        photos: See above.
        preset: `zhang` or `zhang-laptop`.
        networks: Of `zhang_networks`; for `zhang-laptop` the generic score as `seer` and no start.
        rated: Photos rated by others, such as AVA; seen once into a pool under `pools`.
        pools: Where pools are kept; needed with `rated`.
        pool: One that was built before, instead of `rated`.
        folder: Where a stopped training of networks goes on; None keeps nothing.
        cache: Where personal photos that were seen are kept.
        progress: Called as `progress(stage, done, of)`.
        failed: Told of rated photos that cannot be read; they are left out.

    Returns:
        The taste, on the device of `networks`.

    Raises:
        UsageError: An unknown preset, `zhang` without rated photos, a folder of another run, or answers that
            say nothing.
    """
    answers = tuple(answers)
    if preset not in PRESETS:
        raise UsageError(f"expected a preset among {', '.join(PRESETS)}, got {preset!r}")
    schedule = PRESETS[preset]
    if pool is None and rated is not None:
        if pools is None:
            raise UsageError("expected a folder to keep the pool of rated photos in, got none")
        where = pool_folder(pools, rated, networks.seer)
        table = rated.histograms()
        pool = build_pool(rated.photos, table, networks.seer, where, progress=progress, failed=failed)
    if pool is None and schedule is not None:
        raise UsageError(f"the preset {preset} learns from rated photos first: give AVA, or a pool")
    seen = FeatureCache(networks.seer, photos, cache=cache)
    if schedule is None:
        return learn_anchored(answers, seen, pool=pool, generic_card=networks.card, progress=progress)
    if folder is not None:
        said = hashlib.sha256(repr(answers).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        begun = (networks.start or networks.seer).fingerprint
        of_pool = None if pool is None else [pool.fingerprint, len(pool)]
        begin_run(
            folder,
            {"preset": preset, **asdict(schedule), "answers": said, "start": begun, "pool": of_pool},
        )
    return learn_finetuned(
        answers,
        seen,
        schedule,
        pool=pool,
        generic_card=networks.card,
        progress=progress,
        start=networks.start,
        folder=folder,
    )
