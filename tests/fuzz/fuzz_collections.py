"""The manifest of a collection: lines with recipes, frames and settings, and what reads it again."""

import json
import shutil
from pathlib import Path
from random import Random

from click.testing import CliRunner
from mutating import mutated, spoilt_json
from PIL import Image

from retouch_aes import OPERATORS, Framing, Recipe, Step
from retouch_aes.batch import Manifest
from retouch_aes.batch.made import read_made
from retouch_aes.batch.manifest import NAME
from retouch_aes.batch.result_settings import ResultSettings
from retouch_aes.cli import main
from retouch_aes.errors import RetouchError


class CollectionFuzz:
    """A folder of results in `folder`; a case is a manifest that is a little wrong."""

    def __init__(self, folder: Path) -> None:
        self._made = folder / "collection"
        self._made.mkdir(exist_ok=True)
        recipe = Recipe(
            (Step(OPERATORS["exposure"], (0.5,)),), 224, Framing(angle=2.0, width=0.9, height=0.8)
        )
        (self._made / NAME).unlink(missing_ok=True)
        with Manifest(self._made / NAME, "settings") as manifest:
            manifest.add("", "run", **ResultSettings().to_json())
            for name in ("a.jpg", "b.jpg"):
                Image.new("RGB", (48, 32), (90, 60, 40)).save(self._made / name)
                manifest.add(name, "begun")
                about = {"photo": f"../{name}", "recipe": recipe.to_json(), "made": "ab", "outcome": "edited"}
                manifest.add(name, "done", score_before=5.0, score_after=5.5, **about)
        self._whole = (self._made / NAME).read_bytes()

    def make(self, random: Random) -> tuple[str, bytes]:
        """A manifest with a line or some bytes spoilt."""
        if random.random() < 0.3:
            return ".jsonl", mutated(self._whole, random)
        lines = self._whole.splitlines()
        at = random.randrange(len(lines))
        lines[at] = spoilt_json(lines[at], random)
        return ".jsonl", b"\n".join(lines) + b"\n"

    def check(self, path: Path, _: Random) -> str:
        """Read the results, then go on with the run."""
        shutil.copy(path, self._made / NAME)
        try:
            read_made(self._made)
            with Manifest(self._made / NAME, "settings") as manifest:
                known = [manifest.done(name) is not None for name in ("a.jpg", "b.jpg")]
                manifest.add("c.jpg", "begun")
            with Manifest(self._made / NAME, "settings") as manifest:
                if [manifest.done(name) is not None for name in ("a.jpg", "b.jpg")] != known:
                    return "lost"
                if not manifest.ours("c.jpg"):
                    return "lost"
        except RetouchError as error:
            return "refused" if str(error) else "traceback"
        return "fine"


class RecordsFuzz:
    """What `--json` wrote, a little wrong, as `report` and `review` take it."""

    def __init__(self, folder: Path) -> None:
        self._page = folder / "page.html"
        photo, recipe = folder / "recorded.png", Recipe((Step(OPERATORS["exposure"], (0.5,)),), 224)
        Image.new("RGB", (48, 32), (90, 60, 40)).save(photo)
        pair = {"before": 0.1, "after": 0.2}
        certificate = {"second_scorer": {"name": "x", **pair}, "counterfactual": {"text": "brighter"}}
        certificate |= {"clipped_white": pair, "clipped_black": pair}
        scores = {"score_before": 5.0, "score_after": 5.5}
        about = {"path": str(photo), "output": str(photo), "outcome": "edited", "recipe": recipe.to_json()}
        self._whole = json.dumps([{**about, **scores, "certificate": certificate, "error": ""}]).encode()

    def make(self, random: Random) -> tuple[str, bytes]:
        """Records with a node or some bytes spoilt."""
        return ".json", (spoilt_json if random.random() < 0.8 else mutated)(self._whole, random)

    def check(self, path: Path, _: Random) -> str:
        """Ask for the page, and for what a review would show."""
        done = CliRunner().invoke(main, ["report", str(path), "-o", str(self._page), "--overwrite"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if "unexpected error" in done.stderr:
            return "traceback"
        try:
            read_made(path)
        except RetouchError as error:
            return "refused" if str(error) else "traceback"
        return "refused" if done.exit_code else "fine"
