"""The aesthetic loss in a training loop of your own: five lines, marked [1] to [5].

    python demos/02_aesthetic_loss_in_your_training.py [FOLDER]

A tiny network learns to enhance dim and pale crops of a real photo. Its own loss, L1, asks it to stay near
the good photo; the aesthetic loss, `10 - f(image)`, asks for what the model likes, and pulls at the pixels .3
times as hard. Any model, network, loss and optimiser take the place of these.
"""

import sys
from pathlib import Path

import torch
from sklearn.datasets import load_sample_images
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from retouch_aes import AestheticLoss, load_model  # [1]
from retouch_aes.export.side_by_side import side_by_side

STEPS, BATCH, SIZE = 20, 4, 96


class TinyEnhancer(nn.Module):
    """A 3 x 3 colour matrix, a bias and a local correction: `(B, 3, H, W)` -> the same, in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = nn.Conv2d(3, 3, 1)
        self.local = nn.Sequential(nn.Conv2d(3, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 3, 5, padding=2))
        with torch.no_grad():  # begin as the identity
            self.colour.weight.copy_(torch.eye(3)[:, :, None, None])
            self.colour.bias.zero_()
            self.local[2].weight.zero_()
            self.local[2].bias.zero_()

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        return (self.colour(image) + self.local(image)).clamp(0, 1)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo_output")
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    photo = torch.tensor(load_sample_images().images[0]).permute(2, 0, 1)[None].float() / 255

    network = TinyEnhancer()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.003)
    model = load_model("aesthetic-compact")
    aesthetic = AestheticLoss(model, fidelity=l1_loss, balance=0.3)  # [2] a frozen copy: it never trains

    for step in range(STEPS):
        good = crops(photo)
        enhanced = network(degradation(good))
        loss = aesthetic(enhanced, good)  # [3] L1 + w * (10 - f), w by the ratio of their gradients
        optimiser.zero_grad()
        loss.backward()  # [4] as ever
        optimiser.step()
        fidelity, weight = l1_loss(enhanced, good), aesthetic.weights.mean()  # [5] for your log
        print(f"step {step + 1:2d}   fidelity {fidelity:.4f}   loss {loss:.4f}   weight {weight:.5f}")

    with torch.no_grad():
        degraded = degradation(photo)
        pictures = [degraded, network(degraded), photo]
    target = folder / "02_tiny_enhancer.jpg"
    side_by_side(pictures, ["degraded", "enhanced", "the good photo"], height=320).save(target, quality=92)
    print(f"degraded, enhanced and good: {target}")


def crops(photo: Tensor) -> Tensor:
    """A batch of random crops `(BATCH, 3, SIZE, SIZE)`."""
    height, width = photo.shape[-2:]
    tops = torch.randint(height - SIZE, (BATCH,)).tolist()
    lefts = torch.randint(width - SIZE, (BATCH,)).tolist()
    pairs = zip(tops, lefts, strict=True)
    return torch.cat([photo[:, :, top : top + SIZE, left : left + SIZE] for top, left in pairs])


def degradation(image: Tensor) -> Tensor:
    """Dim and pale: what the network learns to undo."""
    grey = image.mean(dim=1, keepdim=True)
    return 0.6 * (0.5 * image + 0.5 * grey)


if __name__ == "__main__":
    main()
