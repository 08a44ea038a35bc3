"""What a user could take instead of `retouch-aes retouch`: the programs that `bench speed` runs beside it.

The weights of the hosted network are random: they do not change its time. NIMA only scores.
"""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from retouch_aes.bench.common.processes import ProcessCost, least
from retouch_aes.bench.common.programs import darktable, rawtherapee, write_auto_exposure

QUALITY = 95
_OPEN = "import sys; from PIL import Image, ImageOps; Image.MAX_IMAGE_PIXELS = None; "
_OPEN += "image = Image.open(sys.argv[1]).convert('RGB'); "
_SAVE = f"image.save(sys.argv[2], quality={QUALITY}, subsampling=0)"
_AUTOCONTRAST = f"{_OPEN} image = ImageOps.autocontrast(image); {_SAVE}"
_LUT = "import sys; from retouch_aes.photo import read, write; photo = read(sys.argv[1]); "
_LUT += "from retouch_aes.enhancers import enhance, enhancers; network = enhancers()['lut3d']().eval(); "
_LUT += "write(photo.with_image(enhance(network, photo.image)), sys.argv[2], overwrite=True)"
_NIMA = "import sys, pyiqa; pyiqa.create_metric('nima', device='cpu')(sys.argv[1])"


def pillow(source: Path, target: Path) -> list[str]:
    """Open and save: the floor."""
    return [sys.executable, "-c", _OPEN + _SAVE, str(source), str(target)]


def rivals(source: Path, folder: Path) -> dict[str, list[str] | None]:
    """Command lines by name; None for what is not installed. Their results go into `folder`."""
    ends = [str(source), str(folder / "rival.jpg")]
    found: dict[str, list[str] | None] = {
        "autocontrast": [sys.executable, "-c", _AUTOCONTRAST, *ends],
        "3D LUT network": [sys.executable, "-c", _LUT, *ends],
        "RawTherapee": None,
        "darktable": None,
        "NIMA (pyiqa)": [sys.executable, "-c", _NIMA, str(source)] if find_spec("pyiqa") else None,
    }
    if (program := shutil.which("rawtherapee-cli")) is not None:
        profile = folder / "auto.pp3"
        write_auto_exposure(profile)
        found["RawTherapee"] = rawtherapee(program, source, folder / "rawtherapee.jpg", profile, QUALITY)
    if (program := shutil.which("darktable-cli")) is not None:
        found["darktable"] = darktable(program, source, folder / "darktable.jpg", folder)
    return found


def rival_costs(source: Path, folder: Path, repeats: int) -> dict[str, ProcessCost | None]:
    """What each takes, the least of `repeats` runs."""
    costs: dict[str, ProcessCost | None] = {}
    for name, command in rivals(source, folder).items():
        costs[name] = None if command is None else least(command, repeats)
        (folder / "darktable.jpg").unlink(missing_ok=True)
    return costs
