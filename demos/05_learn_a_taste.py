"""Learn a taste for bright, vivid, clear photos from choices, and retouch to it.

    python demos/05_learn_a_taste.py [FOLDER FOR THE RESULTS]

A pretended person is asked forty times which of two renditions of a photo is better, and prefers the
brighter, more vivid, clearer one. The choices are kept in a file as the A/B page keeps them; from them a
taste is learned; and two photos are retouched once generically and once to that taste. The contact sheet
shows them before, generic and personal.
"""

import sys
from pathlib import Path

import torch
from sklearn.datasets import load_sample_images

from retouch_aes import (
    ChoiceLog,
    PairAcquisition,
    Photo,
    Retoucher,
    RetouchSettings,
    learn,
    load_taste,
    read,
    read_answers,
    write,
)
from retouch_aes.export.side_by_side import contact_sheet
from retouch_aes.preferences import Choice, Rendition

ASKED, SIDE = 40, 192


def liked(image: torch.Tensor) -> float:
    """How bright, vivid and clear a picture is: what the pretended person goes by."""
    grey = image.mean(1, keepdim=True)
    vivid = (image - grey).abs().mean()
    coarse = torch.nn.functional.avg_pool2d(grey, 7, stride=1, padding=3, count_include_pad=False)
    return float(grey.mean() + 3 * vivid + 4 * (grey - coarse).abs().mean())


def photos(folder: Path) -> list[str]:
    """Two real photos that come with scikit-learn, cut into quarters to ask about."""
    names = []
    for picture, name in zip(load_sample_images().images, ("china", "flower"), strict=True):
        image = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255
        write(Photo(image), folder / f"{name}.jpg", overwrite=True)
        for number, half in enumerate(half for side in image.chunk(2, 2) for half in side.chunk(2, 3)):
            write(Photo(half.contiguous()), folder / f"{name}_{number}.jpg", overwrite=True)
            names.append(f"{name}_{number}.jpg")
    return names


def ask(folder: Path, names: list[str], file: Path) -> None:
    """Forty questions, and the answers of somebody who likes it bright, vivid and clear."""
    acquisition = PairAcquisition(names, kind="renditions", seed=1)
    with ChoiceLog(file) as log:
        while len(log.answers) < ASKED:
            [question] = acquisition.propose(log.answers)
            sides = sorted((question.first, question.second), key=lambda side: liked(shown(folder, side)))
            log.append(Choice(winner=sides[1], loser=sides[0]))


def shown(folder: Path, side: Rendition) -> torch.Tensor:
    """A rendition, small."""
    image = read(folder / side.photo).proxy(SIDE)
    return image if side.recipe is None else side.recipe.apply(image)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = photos(folder)
    choices = folder / "05_choices.jsonl"
    choices.unlink(missing_ok=True)
    ask(folder, names, choices)

    learn(read_answers(choices), folder).save(folder / "05_bright.taste")
    taste = load_taste(folder / "05_bright.taste")
    known = taste.info
    print(
        f"learned from {known.choices} choices; predicts {known.metrics['agreement']:.0%} of those left out"
    )

    settings = RetouchSettings(proxy=SIDE)
    retouchers = (
        Retoucher.load(operators=taste.operators, settings=settings),
        Retoucher.load(taste=taste, settings=settings),
    )
    rows, captions = [], []
    for name in ("china", "flower"):
        photo = Photo(read(folder / f"{name}.jpg").proxy(384))
        row = [photo.image, *(retoucher(photo).photo.image for retoucher in retouchers)]
        rows.append(row)
        captions.append([f"liked {liked(picture):.2f}" for picture in row])
        print(f"{name}: " + ", ".join(captions[-1]))
    sheet = folder / "05_before_generic_personal.jpg"
    contact_sheet(rows, ["before", "generic", "personal"], ["china", "flower"], captions=captions).save(sheet)
    print(sheet)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output"))
