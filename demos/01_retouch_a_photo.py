"""Retouch two real photos with the bundled model, and say where everything lies.

    python demos/01_retouch_a_photo.py [FOLDER]       FOLDER is ./demo_output unless given

The photos come with scikit-learn: a temple in China and a dahlia. They are well made and need next to
nothing, so each is also retouched from a copy that is 1.3 stops too dark. Nothing is downloaded.
"""

import sys
from pathlib import Path

import torch
from PIL import Image
from sklearn.datasets import load_sample_images

from retouch_aes import Retoucher, read, write
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.export.side_by_side import side_by_side


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output")
    folder.mkdir(parents=True, exist_ok=True)
    retoucher = Retoucher.load()
    print(f"scores by the bundled model {retoucher.fingerprint}, from 1 to 10\n")

    for original in save_sample_photos(folder):
        name = original.stem
        photo = read(original)
        done = retoucher(photo)  # the edit is sought on a small copy and applied at full size
        edited, solution = done.photo, done.solution
        result = write(edited, folder / f"{name}_retouched.jpg", overwrite=True)
        solution.recipe.effective().save(folder / f"{name}_recipe.json")
        labels = [f"before {solution.score_before:.2f}", f"after {solution.score_after:.2f}"]
        side_by_side([photo.image, edited.image], labels).save(
            folder / f"{name}_before_after.jpg", quality=92
        )

        print(f"{name}: {solution.outcome}, score {solution.score_before:.2f} -> {solution.score_after:.2f}")
        for step in solution.recipe.effective().steps:
            for param, value in zip(step.operator.params, step.values, strict=True):
                print(f"    {step.operator.name}.{param.name:<12} {value:+8.3f} {param.unit}")
        print(f"    before        {original}")
        print(f"    after         {result}")
        print(f"    side by side  {folder / f'{name}_before_after.jpg'}")
        print(f"    recipe        {folder / f'{name}_recipe.json'}\n")


def save_sample_photos(folder: Path) -> list[Path]:
    """scikit-learn's two photos as JPEG files, and a dark copy of each."""
    samples = load_sample_images()
    paths = []
    for filename, pixels in zip(samples.filenames, samples.images, strict=True):
        stem = Path(filename).stem
        photo = torch.from_numpy(pixels / 255).permute(2, 0, 1)
        dark = 255 * linear_to_srgb(srgb_to_linear(photo) * 2**-1.3).permute(1, 2, 0)
        for name, image in ((stem, pixels), (f"{stem}_dark", dark.round().byte().numpy())):
            paths.append(folder / f"{name}.jpg")
            Image.fromarray(image).save(paths[-1], quality=95)
    return paths


if __name__ == "__main__":
    main()
