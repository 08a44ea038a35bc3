"""An enhancement network trained to a taste: five lines, marked [1] to [5].

    python demos/06_train_an_enhancer_to_a_taste.py [FOLDER]

A 3D colour cube network learns to recover a real photo that was degraded at random, and to please the bundled
score while it does. Your own taste, network and photos take the place of these; a few steps are enough to see
it move, not to judge it. On the command line: `retouch-aes train enhancer lut3d+ --photos DIR --taste FILE`.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_images

from retouch_aes import AestheticLoss, load_model
from retouch_aes.enhancers import ENHANCERS, enhance
from retouch_aes.export.side_by_side import side_by_side
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.training.enhancer.degradations import DEGRADATIONS
from retouch_aes.training.enhancer.train import EnhancerTraining, degraded_pairs, train_enhancer

STEPS, BATCH, SIDE = 12, 4, 96


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output")
    folder.mkdir(parents=True, exist_ok=True)
    photos = []
    for name, pixels in zip(("china", "flower"), load_sample_images().images, strict=True):
        photos.append(folder / f"06_{name}.png")
        Image.fromarray(np.asarray(pixels)).resize((320, 214)).save(photos[-1])

    torch.manual_seed(0)
    taste = load_model("aesthetic-compact")  # [1] any module that gives scores in [1, 10]
    network = ENHANCERS["lut3d"]()  # [2] or Hosted(your_module)
    source = degraded_pairs(
        photos, DEGRADATIONS["all"], batch=BATCH, side=SIDE
    )  # [3] or paired(read_pairs(DIR), ...)
    schedule = Schedule("lut3d+", STEPS, 2e-3, warmup=3)  # [4] how long and how fast
    train_enhancer(  # [5]
        network, source, schedule, taste=taste, settings=EnhancerTraining(taste=0.1), progress=tell
    )

    photo = torch.tensor(np.asarray(Image.open(photos[0]))).permute(2, 0, 1)[None].float() / 255
    before = DEGRADATIONS["all"](photo, torch.Generator().manual_seed(3))
    after = enhance(network, before)
    loss = AestheticLoss(taste)
    with torch.no_grad():
        scores = [10 - float(loss(image)) for image in (before, after, photo)]
    labels = [
        f"{name} {score:.2f}" for name, score in zip(("degraded", "enhanced", "good"), scores, strict=True)
    ]
    target = folder / "06_enhanced.jpg"
    side_by_side([before, after, photo], labels, height=214).save(target, quality=92)
    print(f"degraded, enhanced and good: {target}")


def tell(_: str, step: int, steps: int, losses: dict[str, float]) -> None:
    if step % 4 == 0:
        parts = "   ".join(f"{name} {value:.4f}" for name, value in losses.items())
        print(f"step {step}/{steps}   {parts}")


if __name__ == "__main__":
    main()
