"""The files of one edit for other programs: sidecars under the name of the original, and a table.

A developer finds its sidecar by the photo's name, so that of `IMG_1.jpg` is `IMG_1.xmp` (Adobe) or
`IMG_1.jpg.pp3` (RawTherapee). What a sidecar cannot say goes into `IMG_1.residual.cube`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.errors import UsageError
from retouch_aes.export.camera_raw import xmp_sidecar_of
from retouch_aes.export.cube_of import cube_of_recipe
from retouch_aes.export.pp3 import pp3_of
from retouch_aes.export.sidecar import Sidecar
from retouch_aes.export.star_reading import has_raw_twin, is_raw
from retouch_aes.operators import Recipe

KINDS = ("xmp", "pp3")


@dataclass(frozen=True)
class EditFiles:
    """Where the edit of `photo` goes: `sidecars` by kind, and `table`, a `.cube` file, or None."""

    photo: Path
    sidecars: tuple[tuple[str, Path], ...] = ()
    table: Path | None = None

    @staticmethod
    def of(photo: Path, folder: Path, kinds: Iterable[str], table: Path | None = None) -> "EditFiles":
        """The files of `photo` in `folder`, for each of `kinds`, "xmp" or "pp3".

        Beside a camera RAW file of the same name the photo's own is `NAME.EXT.xmp`.
        """
        stem = photo.name if has_raw_twin(photo) else photo.stem
        names = {"xmp": f"{stem}.xmp", "pp3": f"{photo.name}.pp3"}
        unknown = [kind for kind in kinds if kind not in names]
        if unknown:
            raise UsageError(f"expected sidecars among {', '.join(KINDS)}, got {unknown[0]!r}")
        return EditFiles(photo, tuple((kind, folder / names[kind]) for kind in dict.fromkeys(kinds)), table)

    @property
    def targets(self) -> tuple[Path, ...]:
        """Every file that is always written."""
        return tuple(path for _, path in self.sidecars) + (() if self.table is None else (self.table,))

    def write(
        self, recipe: Recipe, *, size: tuple[int, int] | None = None, overwrite: bool = False
    ) -> tuple[str, ...]:
        """Write them; what they only come close to, or leave out, is returned, a line each.

        `size` is the photo's height and width in pixels, for what depends on it.
        """
        notes: list[str] = []
        for kind, path in self.sidecars:
            sidecar = self._sidecar(kind, recipe, size)
            sidecar.save(path, overwrite=overwrite)
            notes += [f"{kind}: {note}" for note in sidecar.notes]
            left = sidecar.residual_cube()
            if left is not None:
                left.save(path.with_name(f"{self.photo.stem}.residual.cube"), overwrite=overwrite)
        if self.table is not None:
            part, others = pointwise_part(recipe)
            cube_of_recipe(part, title=self.photo.stem).save(self.table, overwrite=overwrite)
            notes += [f"cube: {name} is not in it: it looks at more than one pixel" for name in others]
        return tuple(notes)

    def _sidecar(self, kind: str, recipe: Recipe, size: tuple[int, int] | None) -> Sidecar:
        if kind == "pp3":
            return pp3_of(recipe, size=size)
        return xmp_sidecar_of(recipe, raw=is_raw(self.photo), size=size)


def pointwise_part(recipe: Recipe) -> tuple[Recipe, Sequence[str]]:
    """The steps that a table can hold, and the names of the others."""
    steps = recipe.effective().steps
    kept = tuple(step for step in steps if step.operator.pointwise)
    return Recipe(kept), [step.operator.name for step in steps if not step.operator.pointwise]
