"""A recipe as a RawTherapee sidecar (`NAME.EXT.pp3`).

Measured with RawTherapee 5.9 on pixels of photos that none of the reported figures uses. What means the same
there (mean Delta E 2000 below 0.05): exposure (`Compensation`, without its clipping of colours out of
gamut), white balance (the Bradford matrix, in the channel mixer: RawTherapee's own slider scales the encoded
values of a JPEG or TIFF), contrast and tone curve (tone curves, standard mode). What comes close: tones, as a
curve of CIELAB lightness; saturation, as chromaticity; vibrance, as a curve of chroma over chroma; HSL, as
curves over hue. Haze, clarity and sharpening have tools of the same name that work otherwise.

All of it holds in sRGB as the working space, which the sidecar sets.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.color.lab import srgb_to_lab
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.export.sidecar import Sidecar, lost_notes, order_notes, steps_by_name, values_of
from retouch_aes.operators import Framing, Recipe, Step
from retouch_aes.operators.hsl import BANDS

Sections = dict[str, dict[str, str]]
Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
_POINTS = 33
_HUES = 36
_CHROMA = 98.0  # chroma at the right end of RawTherapee's curves
_STRONG = 27.0  # chroma at which vibrance does half
_CONCENTRATION = 10.0  # of the bands of HSL
_BAND_CURVES = {  # key, and height over the middle for one unit of the slider
    "hue": ("hhCurve", 0.01),
    "saturation": ("chCurve", 0.005),
    "lightness": ("lhCurve", 0.0018),
}
_LOCAL_RADIUS, _LOCAL_AMOUNT = 0.04, 0.003  # of the long side; for one percent of clarity
_SHARP_RADIUS = 0.0008  # of the long side
_USUAL_SIDE = 4000  # pixels
_CLOCKWISE = -1  # the sign of a rotation
_CURVES = ("contrast", "tone_curve")
_CLOSE = {
    "tones": "as a curve of lightness, colours a little stronger or paler",
    "saturation": "as chromaticity in CIELAB",
    "vibrance": "as a curve of chroma",
    "hsl": "as curves over hue in CIELAB, whose bands are a little wider",
    "dehaze": "by RawTherapee's haze removal, which estimates the veil otherwise",
    "clarity": "by RawTherapee's local contrast",
    "sharpening": "by RawTherapee's unsharp mask",
}


def pp3_of(recipe: Recipe, *, size: tuple[int, int] | None = None) -> Sidecar:
    """The RawTherapee sidecar of `recipe` for a photo of `size`, height and width in pixels.

    Without a size a long side of 4,000 is assumed, and a frame, which is given in pixels there, is lost.
    """
    steps = steps_by_name(recipe)
    lost = tuple(step for step in steps.values() if not _known(step))
    steps = {name: step for name, step in steps.items() if step not in lost}
    sections: Sections = {
        "Version": {"AppVersion": "5.9", "Version": "349"},
        "Color Management": {"WorkingProfile": "sRGB", "OutputProfile": "RTv4_sRGB"},
        "Exposure": _exposure(steps),
    }
    sections |= _mixer(steps.get("white_balance")) | _lab(steps) | _detail(steps, max(size or (_USUAL_SIDE,)))
    framing, lost_frame = _framing(recipe.framing, size)
    sections |= framing
    text = "\n".join(
        f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in entries.items())
        for name, entries in sections.items()
    )
    notes = [f"{name}: comes close, {_CLOSE[name]}" for name in steps if name in _CLOSE]
    return Sidecar(text, (*order_notes(recipe), *notes, *lost_notes(lost), *lost_frame), Recipe(lost))


def _framing(framing: Framing | None, size: tuple[int, int] | None) -> tuple[Sections, list[str]]:
    """The frame: a rotation about the middle of the photo, then a cut in pixels of the turned picture."""
    if framing is None or framing.neutral:
        return {}, []
    if size is None:
        return {}, ["framing: lost, for it takes the size of the photo"]
    height, width = size
    frame = framing.on(height, width)
    turned = replace(frame, x=width / 2, y=height / 2, width=width, height=height)
    x, y = turned.within(frame.x, frame.y)
    sections = {
        "Crop": {
            "Enabled": "true",
            "X": f"{round(x - frame.width / 2)}",
            "Y": f"{round(y - frame.height / 2)}",
            "W": f"{frame.width}",
            "H": f"{frame.height}",
            "FixedRatio": "false",
        }
    }
    if framing.angle:
        sections["Common Properties for Transformations"] = {"Method": "log", "AutoFill": "false"}
        sections["Rotation"] = {"Degree": f"{_CLOCKWISE * framing.angle:.4f}"}
    return sections, []


def _known(step: Step) -> bool:
    """Whether RawTherapee has a word for it: it can only remove haze, and only strengthen local contrast."""
    if step.operator.name in ("dehaze", "clarity"):
        return step.values[0] > 0
    return step.operator.name in {"exposure", "white_balance", *_CURVES, *_CLOSE}


def _exposure(steps: Mapping[str, Step]) -> dict[str, str]:
    (ev,) = values_of(steps.get("exposure"), "ev")
    entries = {"Compensation": f"{ev:.4f}", "ClampOOG": "false"}
    for name, place in zip(_CURVES, ("Curve", "Curve2"), strict=True):
        if name in steps:
            mode = place.replace("Curve", "CurveMode")
            entries |= {mode: "Standard", place: _curve(grey_curve(Recipe((steps[name],))), _POINTS)}
    return entries


def _mixer(step: Step | None) -> Sections:
    if step is None:
        return {}
    rows = {
        name: "".join(f"{1000 * value:.0f};" for value in row)
        for name, row in zip(("Red", "Green", "Blue"), linear_matrix(Recipe((step,))).tolist(), strict=True)
    }
    return {"Channel Mixer": {"Enabled": "true", **rows}}


def linear_matrix(recipe: Recipe) -> Tensor:
    """The matrix `(3, 3)` by which a recipe that is linear in light (a white balance) multiplies it."""
    chain, params = recipe.parts()
    light = 0.2 * torch.eye(3)[None, :, None]
    with torch.no_grad():
        return (srgb_to_linear(chain.develop(linear_to_srgb(light), params)) / 0.2)[0, :, 0]


def grey_curve(recipe: Recipe) -> Curve:
    """What `recipe` makes of greys: encoded values in [0, 1] to encoded values, clipped."""
    edit = recipe.effective()

    def curve(grey: NDArray[np.float64]) -> NDArray[np.float64]:
        image = torch.from_numpy(grey).float().expand(1, 3, 1, -1)
        return edit.apply(image)[0, 1, 0].double().numpy()

    return curve


def _curve(function: Curve, points: int) -> str:
    """A tone curve of RawTherapee: a spline through points from black to white."""
    places = np.linspace(0, 1, points)
    return _pairs(places, function(places))


def _pairs(places: NDArray[np.float64], values: NDArray[np.float64]) -> str:
    pairs = zip(places.tolist(), values.clip(0, 1).tolist(), strict=True)
    return "1;" + "".join(f"{place:.6g};{value:.6g};" for place, value in pairs)


def _lab(steps: Mapping[str, Step]) -> Sections:
    """Tones, saturation, vibrance and HSL, in the tool that works in CIELAB."""
    entries: dict[str, str] = {}
    if "tones" in steps:
        entries["LCurve"] = _lightness(steps)
    (saturation,) = values_of(steps.get("saturation"), "saturation")
    if saturation:
        entries["Chromaticity"] = f"{saturation:.0f}"
    (vibrance,) = values_of(steps.get("vibrance"), "vibrance")
    if vibrance:
        chroma = np.linspace(0, 1, _POINTS) ** 2
        strong = (_STRONG / _CHROMA) ** 2
        entries["ccCurve"] = _pairs(chroma, chroma * (1 + vibrance / 100 * strong / (chroma**2 + strong)))
    if "hsl" in steps:
        entries |= _bands(steps["hsl"])
    if not entries:
        return {}
    fixed = {"AvoidColorShift": "false", "RedAndSkinTonesProtection": "0"}
    return {"Luminance Curve": {"Enabled": "true", **fixed, **entries}}


def _lightness(steps: Mapping[str, Step]) -> str:
    """The curve of lightness that does, behind the tone curves, what the tones do before them.

    With tones `T` and curves `C` of greys, `C(T(x)) = L(C(x))`.
    """
    behind = grey_curve(Recipe(tuple(steps[name] for name in _CURVES if name in steps)))
    grey = np.linspace(0, 1, 1025)
    before = _lightness_of(behind(grey))
    after = _lightness_of(behind(grey_curve(Recipe((steps["tones"],)))(grey)))
    return _curve(lambda places: np.interp(places, before, after), _POINTS)


def _lightness_of(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """L of CIELAB over 100, of encoded greys."""
    image = torch.from_numpy(grey).float().expand(1, 3, 1, -1)
    return (srgb_to_lab(image)[0, 0, 0].double() / 100).numpy()


def _bands(step: Step) -> dict[str, str]:
    """The curves over hue of the eight bands, blended as the operator blends them."""
    hues = np.arange(_HUES) / _HUES
    middles = np.array(list(BANDS.values())) / 360
    bells = np.exp(_CONCENTRATION * (np.cos(2 * np.pi * (hues[:, None] - middles)) - 1))
    bells /= bells.sum(axis=1, keepdims=True)
    entries = {}
    for kind, (key, slope) in _BAND_CURVES.items():
        values = np.array(values_of(step, *(f"{band}_{kind}" for band in BANDS)))
        if values.any():
            heights = (0.5 + slope * (bells @ values)).clip(0, 1)
            entries[key] = "1;" + "".join(
                f"{hue:.5f};{height:.5f};0.35;0.35;" for hue, height in zip(hues, heights, strict=True)
            )
    return entries


def _detail(steps: Mapping[str, Step], long_side: int) -> Sections:
    """Haze, clarity and sharpening, by the tools of RawTherapee that come nearest."""
    sections: Sections = {}
    (haze,) = values_of(steps.get("dehaze"), "strength")
    if haze:
        sections["Dehaze"] = {"Enabled": "true", "Strength": f"{haze:.0f}", "Saturation": "50"}
    (clarity,) = values_of(steps.get("clarity"), "clarity")
    if clarity:
        radius = str(round(_LOCAL_RADIUS * long_side))
        sections["Local Contrast"] = {
            "Enabled": "true",
            "Radius": radius,
            "Amount": f"{_LOCAL_AMOUNT * clarity:.4f}",
        }
    (amount,) = values_of(steps.get("sharpening"), "amount")
    if amount:
        sections["Sharpening"] = {
            "Enabled": "true",
            "Method": "usm",
            "Contrast": "0",
            "Radius": f"{_SHARP_RADIUS * long_side:.3f}",
            "Amount": f"{amount:.0f}",
            "Threshold": "0;0;2000;1200;",
        }
    return sections
