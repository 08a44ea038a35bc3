"""LPIPS (Zhang et al., CVPR 2018): how different two photos look to a network, calibrated on people.

The `lpips` package carries the calibration but would download the trunk in its constructor; here the trunk
always comes from a local file, checked. Range about [0, 1]; 0 for equal photos.
"""

import hashlib
import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.losses.structure import check_pair

# torchvision's files, each named after the beginning of its sha256
TRUNKS = {
    "squeeze": "squeezenet1_1-b8a52dc0.pth",
    "alex": "alexnet-owt-7be5be79.pth",
    "vgg": "vgg16-397923af.pth",
}


class LPIPS(nn.Module):
    """`(B, 3, H, W)`, `(B, 3, H, W)`, sRGB [0, 1], from 32 px on -> distances `(B,)`; frozen.

    `trunk` is torchvision's `.pth` file for `net` (its hash is checked, and it is read without unpickling
    code) or a safetensors file with torchvision's names. `WeightsError` where it is neither.
    """

    def __init__(self, trunk: str | Path, *, net: str = "squeeze") -> None:
        super().__init__()
        if net not in TRUNKS:
            raise UsageError(f"expected a net out of {', '.join(TRUNKS)}, got {net!r}")
        import lpips

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torchvision's, on an argument that lpips passes
            self.network = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
        _load_trunk(self.network.net, Path(trunk), net)
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> "LPIPS":  # noqa: ARG002
        """Stay in evaluation mode: the calibration layers hold dropout."""
        return super().train(False)

    def forward(self, image: Tensor, reference: Tensor) -> Tensor:
        """See the class."""
        check_pair(image, reference)
        distance: Tensor = self.network(image, reference, normalize=True)
        return distance.flatten()


def _load_trunk(trunk: nn.Module, path: Path, net: str) -> None:
    tensors = _read(path, net)
    # lpips names a layer after its slice, `slice2.3.weight`, torchvision after its place, `features.3.weight`
    wanted = {name: f"features.{name.split('.', 1)[1]}" for name in trunk.state_dict()}
    try:
        trunk.load_state_dict({name: tensors[source] for name, source in wanted.items()})
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"{path} does not hold torchvision's {TRUNKS[net]}: {error}") from None


def _read(path: Path, net: str) -> dict[str, Tensor]:
    published = TRUNKS[net]
    if not path.is_file():
        name = "squeezenet1_1" if net == "squeeze" else published.partition("-")[0]
        raise WeightsError(
            f"{path} does not exist; get {published} with: retouch-aes weights fetch torchvision:{name}"
        )
    if path.suffix == ".safetensors":
        try:
            return dict(load_file(path))
        except SafetensorError as error:
            raise WeightsError(f"{path} is damaged or no safetensors file: {error}") from None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(Path(published).stem.rsplit("-", 1)[1]):
        raise WeightsError(
            f"{path} is not {published}: its sha256 begins with {digest[:8]}; download it again"
        )
    return dict(torch.load(path, map_location="cpu", weights_only=True))
