"""A folder of results as a batch leaves it, made without a search: the tests say what was proposed."""

from pathlib import Path

from made_pictures import picture

from retouch_aes.batch.manifest import NAME, Manifest, place_from
from retouch_aes.batch.result_settings import ResultSettings
from retouch_aes.batch.results import sha256_of
from retouch_aes.editing.render import develop
from retouch_aes.operators import OPERATORS, Recipe, Step
from retouch_aes.photo import read

WARM = "white_balance.temperature"
LIGHT = "exposure.ev"


def recipe_of(ev: float, mired: float) -> Recipe:
    """Light and warmth, the two sliders that the tests move."""
    steps = (
        Step(OPERATORS["white_balance"], (mired, 0.0)),
        Step(OPERATORS["exposure"], (ev,)),
    )
    return Recipe(steps, 224)


def made_run(folder: Path, recipes: list[Recipe], height: int = 48, width: int = 72) -> Path:
    """Photos under `in` and their results under `out`, with its manifest; returns `out`."""
    source, out = folder / "in", folder / "out"
    for place in (source, out):
        place.mkdir()
    settings = ResultSettings(quality=90)
    with Manifest(out / NAME, "tests") as manifest:
        manifest.add("", "run", **settings.to_json())
        for seed, recipe in enumerate(recipes):
            photo, output = source / f"{seed:02d}.jpg", out / f"{seed:02d}.jpg"
            picture(seed, height, width).save(photo, quality=95)
            settings.write(develop(read(photo), recipe), photo, output, overwrite=False)
            manifest.add(
                output.name,
                "done",
                content=sha256_of(photo),
                made=sha256_of(output),
                size=output.stat().st_size,
                outcome="edited",
                reason="",
                score_before=5.0,
                score_after=5.5,
                recipe=recipe.to_json(),
                photo=place_from(out, photo),
            )
    return out
