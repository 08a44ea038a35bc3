"""A night's work in Python: a folder of photos, one of them broken; a run that can be stopped and resumed.

    python demos/04_batch_in_python.py [FOLDER]

What is done is not done again: the recipe is saved last, so a photo with a recipe is finished. Run it twice
and see. A photo that cannot be read is reported, and the next one begins.
"""

import sys
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_sample_images

from retouch_aes import Retoucher, RetouchError, find_photos, write


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output") / "04_batch"
    inbox, outbox = folder / "in", folder / "out"
    make_inbox(inbox)

    retoucher = Retoucher.load()
    done = skipped = 0
    broken: list[str] = []
    for path in find_photos(inbox):
        relative = path.relative_to(inbox)
        recipe = (outbox / relative).with_suffix(".json")
        if recipe.exists():
            skipped += 1
            continue
        try:
            print(f"{relative}: {retouched(path, outbox / relative, recipe, retoucher)}")
            done += 1
        except RetouchError as error:  # every error of the library; it says what to do
            print(f"{relative}: failed")
            broken.append(str(error))

    print(f"\n{done} done, {skipped} done before, {len(broken)} failed; results in {outbox}")
    for reason in broken:
        print(f"    {reason}")


def retouched(path: Path, target: Path, recipe: Path, retoucher: Retoucher) -> str:
    """Retouch one photo; files are written whole or not at all."""
    done = retoucher(path)
    solution = done.solution
    write(done.photo, target, overwrite=True)
    done.recipe.save(recipe)
    return f"{solution.outcome}, score {solution.score_before:.2f} -> {solution.score_after:.2f}"


def make_inbox(inbox: Path) -> None:
    """Some photos in a tree of folders, and one that was cut short on its way."""
    temple, flower = (Image.fromarray(pixels).resize((320, 213)) for pixels in load_sample_images().images)
    for path, picture in (("china/temple.jpg", temple), ("flowers/dahlia.jpg", flower)):
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        picture.save(inbox / path, quality=95)
    dark = flower.point(lambda value: value // 3)
    dark.save(inbox / "flowers" / "too dark.png")
    (inbox / "broken.jpg").write_bytes((inbox / "china" / "temple.jpg").read_bytes()[:2000])


if __name__ == "__main__":
    main()
