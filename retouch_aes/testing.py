"""Checks that any operator, model or enhancer must pass, ours and other people's alike.

Call them from a test; each raises `AssertionError` saying which law does not hold and by how much.
"""

import json
from itertools import product
from typing import Any

import torch
from torch import Tensor

from retouch_aes.enhancers import Enhancer, Hosted, LowResolution, MeasuredFullSize, Tiles, enhance
from retouch_aes.models.model import AestheticModel, mean_score
from retouch_aes.operators.chain import EditChain
from retouch_aes.operators.masks.masked_operator import MaskedOperator
from retouch_aes.operators.operator import Operator, Stats, Tile
from retouch_aes.operators.recipe import Recipe


def check_operator(operator: Operator, *, seed: int = 0) -> None:
    """Check the laws of `Operator`.

    Neutral parameters give the photo back, beyond [0, 1] too; nothing is clipped at 0 or 1, whatever the
    parameters; float64 `gradcheck` to the pixels and the parameters at black, white, mid grey and on a
    random photo; finite gradients in float32; a batch equals its photos one by one; tiles equal the whole;
    pixels of a pointwise operator may change places; a recipe survives JSON.
    """
    generator = torch.Generator().manual_seed(seed)
    photo = smooth_photo(generator, 2, 48, 64)
    _check_neutral(operator, photo)
    _check_unclipped(operator, photo)
    _check_gradients(operator, generator)
    _check_batch(operator, photo, generator)
    _check_tiles(operator, smooth_photo(generator, 1, 96, 128), generator)
    _check_pointwise(operator, photo, generator)
    _check_round_trip(operator, generator)


def check_model(model: AestheticModel, *, seed: int = 0) -> None:
    """Check the laws of `AestheticModel`: scores in [1, 10], any size, batch equals singles, gradients."""
    generator = torch.Generator().manual_seed(seed)
    model.eval()
    for height, width in ((32, 32), (33, 190), (190, 33), (96, 128)):
        photos = smooth_photo(generator, 2, height, width).requires_grad_()
        scores = model(photos)
        assert scores.shape == (2,), f"expected scores (2,), got {tuple(scores.shape)}"
        assert bool(((scores >= 1) & (scores <= 10)).all()), (
            f"expected scores in [1, 10], got {scores.tolist()}"
        )
        (gradient,) = torch.autograd.grad(scores.sum(), photos)
        assert bool(gradient.isfinite().all()), "the gradient to the pixels is not finite"
        assert bool((gradient != 0).any()), "no gradient reaches the pixels"
        with torch.no_grad():
            singles = torch.cat([model(photo[None]) for photo in photos])
            judged, probabilities = model.judgement(photos)
        _close(singles, scores.detach(), 1e-3, "a batch differs from its photos one by one")
        _close(judged, scores.detach(), 1e-4, "the judgement has another score")
        _close(mean_score(probabilities), judged, 1e-2, "the mean of the distribution is not the score")
    assert probabilities.shape == (2, 10), f"expected (2, 10), got {tuple(probabilities.shape)}"
    _close(probabilities.sum(dim=1), torch.ones(2), 1e-4, "the distribution does not sum to one")


def check_enhancer(enhancer: Enhancer, *, seed: int = 0) -> None:
    """Check the laws of `Enhancer`.

    The shape of the photo comes back at any size, finite; a batch equals its photos one by one; gradients
    reach the pixels and, where the network can be trained, its weights; strength 0 gives the photo back, 1
    the network's answer and a half lies between; tiles, strips or the low-resolution way agree with the
    whole as far as they promise; the configuration builds the same network again.
    """
    generator = torch.Generator().manual_seed(seed)
    enhancer.eval()
    for height, width in ((64, 64), (65, 190), (190, 65), (96, 128)):
        photos = smooth_photo(generator, 2, height, width)
        with torch.no_grad():
            after = enhance(enhancer, photos)
            assert after.shape == photos.shape, f"expected {tuple(photos.shape)}, got {tuple(after.shape)}"
            singles = torch.cat([enhance(enhancer, photo[None]) for photo in photos])
            _close(singles, after, 1e-4, "a batch differs from its photos one by one")
    half = enhance(enhancer, photos, strength=0.5)
    assert torch.equal(enhance(enhancer, photos, strength=0), photos), "strength 0 changes the photo"
    between = (half >= torch.minimum(photos, after) - 1e-5) & (half <= torch.maximum(photos, after) + 1e-5)
    assert bool(between.all()), "strength 0.5 does not lie between the photo and the answer"
    _check_learning(enhancer, photos)
    _check_full_size(enhancer, generator)
    if not isinstance(enhancer, Hosted):
        again = type(enhancer).from_config(json.loads(json.dumps(enhancer.config)))
        again.load_state_dict(enhancer.state_dict())
        _close(enhance(again.eval(), photos), after, 1e-6, "from_config(config) builds another network")


def smooth_photo(generator: torch.Generator, batch: int, height: int, width: int) -> Tensor:
    """Random images `(B, 3, H, W)` in [0.05, 0.95] with soft structure, for tests."""
    coarse = torch.rand(batch, 3, 5, 6, generator=generator)
    image = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic")
    fine = torch.rand(batch, 3, height, width, generator=generator)
    return (0.9 * image + 0.1 * fine).clamp(0, 1) * 0.9 + 0.05


def random_params(operator: Operator, batch: int, generator: torch.Generator, reach: float = 0.7) -> Tensor:
    """Parameters `(B, P)` drawn up to `reach` of the way from neutral to the ends of their ranges."""
    chain = EditChain([operator])
    units = (torch.rand(batch, len(chain), generator=generator) * 2 - 1) * reach
    return chain.from_units(units)


def _close(got: Tensor, expected: Tensor, tolerance: float, law: str) -> None:
    error = float((got - expected).abs().max())
    assert error <= tolerance, f"{law}: off by {error:.3g}, allowed {tolerance:g}"


def _check_learning(enhancer: Enhancer, photos: Tensor) -> None:
    weights = [weight for weight in enhancer.parameters() if weight.requires_grad]
    if not weights:
        return
    photos = photos.clone().requires_grad_()
    after, losses = enhancer.learn(photos, photos.detach() ** 0.8)
    assert after.shape == photos.shape, f"learn: expected {tuple(photos.shape)}, got {tuple(after.shape)}"
    (gradient,) = torch.autograd.grad(after.mean(), photos, retain_graph=True)
    assert bool(gradient.isfinite().all()), "the gradient to the pixels is not finite"
    assert bool((gradient != 0).any()), "no gradient reaches the pixels"
    total = torch.stack(list(losses.values())).sum()
    found = [g for g in torch.autograd.grad(total, weights, allow_unused=True) if g is not None]
    assert all(bool(g.isfinite().all()) for g in found), "a gradient to the weights is not finite"
    assert any(bool((g != 0).any()) for g in found), "no gradient reaches the weights"


def _check_full_size(enhancer: Enhancer, generator: torch.Generator) -> None:
    photo = smooth_photo(generator, 1, 160, 224)
    way = enhancer.full_size
    with torch.no_grad():
        if isinstance(way, Tiles):
            least = 3 * way.reach + 1
            side, one = max(96, least), Tiles(4096, 4096, way.reach, framed=way.framed)
            small = way if way.exact else Tiles(side, side, way.reach, framed=way.framed)
            _close(
                enhance(enhancer, photo, full_size=small),
                enhance(enhancer, photo, full_size=way if way.exact else one),
                1e-4,
                "tiles differ from the whole: `reach` is too small",
            )
        elif isinstance(way, MeasuredFullSize):
            measuring: Any = enhancer
            stats = measuring.measure(photo)
            whole, height = measuring.edit(photo, stats), photo.shape[-2]
            strips = [
                measuring.edit(
                    photo[..., top : top + 37, :], Stats(stats.values, Tile(top, 0, *photo.shape[-2:]))
                )
                for top in range(0, height, 37)
            ]
            _close(torch.cat(strips, dim=-2), whole, 1e-4, "strips differ from the whole")
        else:
            whole = enhance(enhancer, photo)
            carried = enhance(enhancer, photo, full_size=LowResolution(112))
            error, change = ((x - whole).abs().mean().item() for x in (carried, photo))
            assert error <= 0.02 + 0.5 * change, (
                f"the low-resolution way is off by {error:.3g} where the network changes {change:.3g}"
            )


def _check_neutral(operator: Operator, photo: Tensor) -> None:
    neutral = torch.tensor([[param.neutral for param in operator.params]])
    edges = torch.cat([photo, torch.zeros_like(photo), torch.ones_like(photo), _beyond(photo)])
    edited = operator.apply(edges, neutral.expand(len(edges), -1), operator.measure(edges.clamp(0, 1)))
    _close(edited, edges, 1e-6, f"{operator.name}: neutral parameters change the photo")


def _check_unclipped(operator: Operator, photo: Tensor) -> None:
    """Values that end at 0 or 1 exactly are clipped: of random ones, one in a million is rounded there."""
    image = _beyond(photo)
    ends = torch.tensor([[param.low for param in operator.params], [param.high for param in operator.params]])
    for params in (ends, ends.flip(0)):
        edited = operator.apply(image, params, operator.measure(photo))
        share = float(((edited == 0) | (edited == 1)).float().mean())
        assert share < 2e-4, (
            f"{operator.name}: {share:.1%} of the values end at exactly 0 or 1; an operator never clips, "
            "the chain ends in one clamp"
        )


def _beyond(photo: Tensor) -> Tensor:
    """The photo with its values spread beyond [0, 1], as an operator before may pass them on."""
    return photo * 1.6 - 0.3


def _check_gradients(operator: Operator, generator: torch.Generator) -> None:
    flat = torch.tensor([0.0, 1.0, 0.5])[:, None, None, None].expand(3, 3, 4, 5)
    small = torch.cat([flat, smooth_photo(generator, 1, 4, 5)]).double().contiguous()
    params = random_params(operator, 4, generator).double()
    stats = operator.measure(small)

    def edit(image: Tensor, values: Tensor) -> Tensor:
        return operator.apply(image, values, stats)

    for to, inputs in (
        ("pixels", (small.clone().requires_grad_(), params)),
        ("parameters", (small, params.clone().requires_grad_())),
    ):
        try:
            torch.autograd.gradcheck(edit, inputs, atol=1e-4, rtol=1e-3)
        except RuntimeError as error:
            raise AssertionError(f"{operator.name}: the gradient to the {to} is wrong: {error}") from error
    single = small.float().requires_grad_()
    values = params.float().requires_grad_()
    gradients = torch.autograd.grad(edit(single, values).sum(), (single, values))
    assert all(bool(g.isfinite().all()) for g in gradients), (
        f"{operator.name}: a float32 gradient is not finite"
    )


def _check_batch(operator: Operator, photo: Tensor, generator: torch.Generator) -> None:
    params = random_params(operator, len(photo), generator)
    together = operator.apply(photo, params, operator.measure(photo))
    for index in range(len(photo)):
        one = slice(index, index + 1)
        alone = operator.apply(photo[one], params[one], operator.measure(photo[one]))
        _close(together[one], alone, 1e-5, f"{operator.name}: a batch differs from its photos one by one")


def _check_tiles(operator: Operator, photo: Tensor, generator: torch.Generator) -> None:
    params = random_params(operator, 1, generator)
    stats = operator.measure(photo)
    whole = operator.apply(photo, params, stats)
    height, width = photo.shape[-2:]
    reach = int(operator.halo * max(height, width)) + 1 if operator.halo else 0
    for top, left in product((0, height // 2), (0, width // 2)):
        bottom, right = top + height // 2, left + width // 2
        outer_top, outer_left = max(0, top - reach), max(0, left - reach)
        piece = photo[:, :, outer_top : bottom + reach, outer_left : right + reach]
        tile = Stats(stats.values, Tile(outer_top, outer_left, height, width))
        edited = operator.apply(piece, params, tile)
        inner = edited[:, :, top - outer_top :, left - outer_left :][:, :, : bottom - top, : right - left]
        _close(
            inner,
            whole[:, :, top:bottom, left:right],
            1e-5,
            f"{operator.name}: tiles differ from the whole (what looks at the whole frame belongs into "
            "`measure`, how far `apply` looks around a pixel is its `halo`)",
        )


def _check_pointwise(operator: Operator, photo: Tensor, generator: torch.Generator) -> None:
    if not operator.pointwise:
        return
    params, stats = random_params(operator, len(photo), generator), operator.measure(photo)
    assert all(value.ndim == 2 for value in stats.values.values()), (
        f"{operator.name}: a pointwise operator measured a map"
    )
    order = torch.randperm(photo[0, 0].numel(), generator=generator)
    shuffled = photo.flatten(2)[:, :, order].view_as(photo)
    expected = operator.apply(photo, params, stats).flatten(2)[:, :, order].view_as(photo)
    edited = operator.apply(shuffled, params, stats)
    _close(edited, expected, 1e-5, f"{operator.name}: a pointwise operator looks at more than its pixel")


def _check_round_trip(operator: Operator, generator: torch.Generator) -> None:
    recipe = Recipe.of(EditChain([operator]), random_params(operator, 1, generator)[0])
    bare = operator.edit if isinstance(operator, MaskedOperator) else operator
    again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())), {bare.name: bare})
    assert again == recipe, f"{operator.name}: a recipe does not survive JSON"
