"""Lookup tables of edits: of a recipe, of a network, of pairs of colours.

An edit has a table where it treats every pixel alone (`pointwise`). Whether a function does so is not taken
on trust: `is_pointwise` edits random colours in two orders and looks whether the answers moved with them.

A table from pairs of colours solves, per channel, `min sum_i (T(x_i) - y_i)^2 + w |grad (T - id)|^2` over the
table's values: near colours that occur it follows them, elsewhere it goes on smoothly from them. This is the
regularised lattice regression of Garcia, Arora and Gupta ("Lattice Regression", NIPS 2009), on what is added
to the colour, so that where nothing is known a colour stays as it is.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from retouch_aes.color.resize import proxy
from retouch_aes.enhancers import MeasuredEnhancer, MeasuredFullSize
from retouch_aes.errors import UsageError
from retouch_aes.export.cube import Cube, identity
from retouch_aes.operators import Recipe

SIZES = (17, 33, 49, 65)
HALF_LEVEL = 0.5 / 255
_PROBES = 128
_SAME = 2e-3  # networks of half precision answer a little otherwise in another order
_COLOURS = 65_536
_SMOOTH, _STAY = 0.02, 1e-3
_STEPS = 60

Edit = Callable[[Tensor], Tensor]
"""`(1, 3, H, W)`, sRGB [0, 1] -> the same shape."""


def cube_of_recipe(recipe: Recipe, *, size: int | None = None, title: str = "") -> Cube:
    """The table of a recipe whose steps all treat every pixel alone.

    `size` is the number of points a side, 17 to 65; by default the smallest that stays within half a level
    of 8 bit. `UsageError` names the steps that no table can hold.
    """
    edit = recipe.effective()
    others = [step.operator.name for step in edit.steps if not step.operator.pointwise]
    if others:
        raise UsageError(
            f"no table can hold {', '.join(others)}, which look at more than one pixel; "
            "leave them out, or use a sidecar"
        )
    if not edit.steps:
        return Cube(identity(size or SIZES[0]), title)
    chain, params = edit.parts()
    return cube_of_edit(lambda image: chain.develop(image, params.to(image)), size=size, title=title)


def cube_of_network(
    network: nn.Module, photo: Tensor | None = None, *, size: int | None = None, title: str = ""
) -> Cube:
    """The table of a network that treats every pixel alone.

    A network that measures a photo and then edits every pixel by what it found needs the `photo`
    `(1, 3, H, W)`, sRGB [0, 1], and the table is that photo's. `UsageError` where no table can hold the
    network; `project` finds the nearest one.
    """
    edit: Edit = network.eval()
    if isinstance(network, MeasuredEnhancer) and photo is not None:
        side = network.full_size.side if isinstance(network.full_size, MeasuredFullSize) else None
        with torch.no_grad():
            found = network.measure(photo if side is None else proxy(photo, side))
        measuring = network

        def edit(image: Tensor) -> Tensor:
            return measuring.edit(image, found)

    return cube_of_edit(edit, size=size, title=title)


def cube_of_edit(edit: Edit, *, size: int | None = None, title: str = "") -> Cube:
    """The table of any function that treats every pixel alone. `size` as for `cube_of_recipe`."""
    if size is not None and not SIZES[0] <= size <= SIZES[-1]:
        raise UsageError(f"expected a table of {SIZES[0]} to {SIZES[-1]} points a side, got {size}")
    with torch.no_grad():
        if not is_pointwise(edit):
            raise UsageError("no table can hold this edit: it looks at more than one pixel, or is random")
        for points in SIZES if size is None else (size,):
            cube = Cube(_sampled(edit, points), title)
            error = largest_error(cube, edit)
            if error <= HALF_LEVEL:
                break
    note = f"Largest error of the table on random colours: {255 * error:.2f} levels of 8 bit"
    return Cube(cube.values, title, (note,))


def is_pointwise(edit: Edit) -> bool:
    """Whether `edit` answers the same for a colour wherever it stands and whatever stands around it."""
    generator = torch.Generator().manual_seed(0)
    probes = 0.2 + 0.4 * torch.rand(1, 3, _PROBES // 2, _PROBES, generator=generator)
    order = torch.randperm(probes[0, 0].numel(), generator=generator)
    moved = probes.flatten(2)[:, :, order].reshape_as(probes)
    dark, light = torch.zeros_like(probes), torch.ones_like(probes)
    with torch.no_grad():
        here = edit(torch.cat([probes, dark], dim=2))[:, :, : _PROBES // 2]
        there = edit(torch.cat([moved, light], dim=2))[:, :, : _PROBES // 2]
    return float((here.flatten(2)[:, :, order] - there.flatten(2)).abs().max()) <= _SAME


def largest_error(cube: Cube, edit: Edit) -> float:
    """The largest difference of table and `edit` over random colours, both clipped; in parts of one."""
    generator = torch.Generator().manual_seed(1)
    probes = torch.rand(1, 3, _PROBES, _PROBES, generator=generator)
    with torch.no_grad():
        return float((cube(probes) - edit(probes).clamp(0, 1)).abs().max())


def cube_of_pairs(
    before: Tensor, after: Tensor, *, size: int = 17, title: str = "", notes: Sequence[str] = ()
) -> Cube:
    """The smooth table that leads from the colours `before` to `after`, both `(3, N)`, sRGB [0, 1].

    Where colours contradict each other it takes their mean.
    """
    if before.shape != after.shape or before.ndim != 2 or before.shape[0] != 3:
        got = f"{tuple(before.shape)} and {tuple(after.shape)}"
        raise UsageError(f"expected two sets of colours (3, N) of one size, got {got}")
    corners, shares = _corners(before.clamp(0, 1), size)
    weight = size**3 / max(1, before.shape[1])
    added = (after - before).double()
    target = _spread(corners, shares, added, size**3) * weight
    found = _solve(
        lambda table: _normal(table, corners, shares, weight, size), target.reshape(3, size, size, size)
    )
    return Cube((identity(size) + found).float(), title, tuple(notes))


def _sampled(edit: Edit, size: int) -> Tensor:
    """`edit` on the points of a table: `(3, N, N, N)`."""
    colours = identity(size).reshape(1, 3, size * size, size)
    rows = max(1, _COLOURS // size)
    return torch.cat([edit(part) for part in torch.split(colours, rows, dim=2)], dim=2).reshape(
        3, size, size, size
    )


def _corners(colours: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The eight points around each colour `(3, N)`, as indices `(8, N)`, and their trilinear shares."""
    place = colours.double() * (size - 1)
    low = place.floor().clamp(max=size - 2)
    part = place - low
    indices, shares = [], []
    for corner in range(8):
        up = torch.tensor([(corner >> axis) & 1 for axis in range(3)], dtype=torch.float64)[:, None]
        red, green, blue = (low + up).long()
        indices.append((blue * size + green) * size + red)
        shares.append((up * part + (1 - up) * (1 - part)).prod(dim=0))
    return torch.stack(indices), torch.stack(shares)


def _spread(corners: Tensor, shares: Tensor, values: Tensor, count: int) -> Tensor:
    """The transpose of interpolation: `(3, N)` values onto the points of the table, `(3, count)`."""
    result = values.new_zeros(3, count)
    for index, share in zip(corners, shares, strict=True):
        result.index_add_(1, index, values * share)
    return result


def _normal(table: Tensor, corners: Tensor, shares: Tensor, weight: float, size: int) -> Tensor:
    """The matrix of the least-squares problem times a table `(3, N, N, N)`."""
    flat = table.flatten(1)
    seen = sum(flat[:, index] * share for index, share in zip(corners, shares, strict=True))
    fitted = _spread(corners, shares, torch.as_tensor(seen), size**3).reshape_as(table)
    smooth = torch.zeros_like(table)
    for axis in (1, 2, 3):
        ahead, behind = table.narrow(axis, 1, size - 1), table.narrow(axis, 0, size - 1)
        step = ahead - behind
        smooth.narrow(axis, 1, size - 1).add_(step)
        smooth.narrow(axis, 0, size - 1).sub_(step)
    return weight * fitted + _SMOOTH * (size / 17) ** 2 * smooth + _STAY * table


def _solve(matrix: Edit, target: Tensor) -> Tensor:
    """Conjugate gradients from zero."""
    found, residual = torch.zeros_like(target), target.clone()
    direction, square = residual.clone(), residual.square().sum()
    first = float(square)
    for _ in range(_STEPS):
        if float(square) <= 1e-12 * first or first == 0:
            break
        product = matrix(direction)
        step = square / (direction * product).sum()
        found, residual = found + step * direction, residual - step * product
        last, square = square, residual.square().sum()
        direction = residual + (square / last) * direction
    return found
