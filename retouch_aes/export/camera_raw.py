"""A recipe in Adobe's camera-raw namespace (`crs:`), as a sidecar or as a preset of Lightroom and Camera Raw.

Process version 2012 and later. What these sliders do is not published and no Adobe program was at hand, so
nothing here is measured; the notes say so. Exposure is in stops there, too; a tint unit is 1/3000 of Duv (DNG
specification 1.7, `dng_temperature`), so three of them make one of ours; a temperature moves the white by
mired. The other sliders are carried over by their numbers. With `curve`, contrast and tones are written as a
point curve, whose meaning is known, instead of sliders: darktable imports that, with exposure, clarity and
HSL, and ignores Adobe's contrast and tone sliders. But it applies an imported exposure before its input
profile: on a JPEG or PNG it multiplies encoded values (measured with 4.2.1: +1 EV takes 60 to 120, which is
+2.1 EV of light), on camera RAW, whose values are linear, it is right. No one file suits both programs; for
other files than RAW darktable is served by the lookup table.

Lightroom reads sidecars beside camera RAW only (not DNG); for other photos use the preset. For camera RAW
white balance is absolute, so it needs what the camera measured (`as_shot`); without, it is left over.
"""

from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from retouch_aes.export.camera_raw_crop import crop_settings
from retouch_aes.export.pp3 import grey_curve
from retouch_aes.export.sidecar import Sidecar, lost_notes, order_notes, steps_by_name, values_of
from retouch_aes.export.xmp_packet import RDF
from retouch_aes.operators import Recipe, Step
from retouch_aes.operators.hsl import BANDS

_CRS = "http://ns.adobe.com/camera-raw-settings/1.0/"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_CURVES = ("tones", "contrast", "tone_curve")
_POINTS = 16
_TINT = 3.0  # units of Adobe for one of Duv/1000
_HUE = 100 / 30
_TONES = ("highlights", "shadows", "whites", "blacks")
_SLIDERS = {"saturation": "Saturation", "vibrance": "Vibrance", "dehaze": "Dehaze", "clarity": "Clarity2012"}
_SHARPEST = 150


def xmp_sidecar_of(
    recipe: Recipe,
    *,
    raw: bool = False,
    as_shot: tuple[float, float] | None = None,
    curve: bool = False,
    size: tuple[int, int] | None = None,
) -> Sidecar:
    """The XMP sidecar of `recipe`.

    `raw` says that the photo is camera RAW; `as_shot` is then its temperature in kelvin and its tint as
    Camera Raw shows them. With `curve`, contrast and tones become a point curve. `size` is height and width
    of the photo, which a frame takes.
    """
    settings, points, notes, lost = _settings(recipe, raw, as_shot, curve)
    cut, lost_frame = crop_settings(recipe.framing, size)
    settings, notes = settings | cut, (*notes, *lost_frame)
    return Sidecar(_packet(settings, points, "False"), notes, lost)


def preset_of(recipe: Recipe, name: str, *, curve: bool = False) -> Sidecar:
    """A preset of Lightroom and Camera Raw that applies `recipe`, shown there as `name`."""
    settings, points, notes, lost = _settings(recipe, False, None, curve)
    notes = (*notes, *crop_settings(recipe.framing, None)[1])
    about = {
        "PresetType": "Normal",
        "UUID": uuid5(NAMESPACE_URL, f"retouch_aes/{name}").hex.upper(),
        "SupportsAmount": "False",
        "SupportsColor": "True",
        "SupportsMonochrome": "True",
        "SupportsHighDynamicRange": "True",
        "SupportsNormalDynamicRange": "True",
        "SupportsSceneReferred": "True",
        "SupportsOutputReferred": "True",
    }
    return Sidecar(_packet(about | settings, points, "", name), notes, lost)


def kelvin_after(kelvin: float, mired: float) -> float:
    """The temperature setting that looks `mired` warmer than `kelvin` does; within Camera Raw's range."""
    return min(50_000.0, max(2_000.0, 1e6 / max(20.0, 1e6 / kelvin - mired)))


def _settings(
    recipe: Recipe, raw: bool, as_shot: tuple[float, float] | None, curve: bool
) -> tuple[dict[str, str], list[tuple[int, int]], tuple[str, ...], Recipe]:
    steps = steps_by_name(recipe)
    known = {"exposure", "white_balance", "hsl", "sharpening", *_CURVES, *_SLIDERS}
    lost = [step for name, step in steps.items() if name not in known]
    settings: dict[str, str] = {}
    if "exposure" in steps:
        settings["Exposure2012"] = f"{steps['exposure'].values[0]:+.2f}"
    if "white_balance" in steps:
        if raw and as_shot is None:
            lost.append(steps["white_balance"])
        else:
            settings |= _white_balance(steps["white_balance"], as_shot if raw else None)
    curves = [steps[name] for name in _CURVES if name in steps and (curve or name == "tone_curve")]
    if not curve:
        if "contrast" in steps:
            settings["Contrast2012"] = _whole(100 * steps["contrast"].values[0])
        if "tones" in steps:
            values = values_of(steps["tones"], *_TONES)
            pairs = zip(_TONES, values, strict=True)
            settings |= {f"{name.title()}2012": _whole(value) for name, value in pairs if value}
    settings |= {key: _whole(steps[name].values[0]) for name, key in _SLIDERS.items() if name in steps}
    if "sharpening" in steps:
        settings["Sharpness"] = str(min(_SHARPEST, round(steps["sharpening"].values[0])))
    if "hsl" in steps:
        settings |= _bands(steps["hsl"])
    said = [name for name in steps if name not in {step.operator.name for step in lost}]
    notes = [f"{name}: by the slider of Camera Raw, not measured" for name in said if name != "exposure"]
    if "exposure" in steps and not raw:
        notes.append(
            "exposure: darktable applies it to encoded values, about twice as strong; use a .cube there"
        )
    points = _points(curves) if curves else []
    return settings, points, (*order_notes(recipe), *notes, *lost_notes(lost)), Recipe(tuple(lost))


def _white_balance(step: Step, as_shot: tuple[float, float] | None) -> dict[str, str]:
    mired, tint = values_of(step, "temperature", "tint")
    if as_shot is None:
        return {
            "WhiteBalance": "Custom",
            "IncrementalTemperature": _whole(mired),
            "IncrementalTint": _whole(_TINT * tint),
        }
    kelvin, before = as_shot
    return {
        "WhiteBalance": "Custom",
        "Temperature": f"{kelvin_after(kelvin, mired):.0f}",
        "Tint": f"{min(150, max(-150, before + _TINT * tint)):+.0f}",
    }


def _bands(step: Step) -> dict[str, str]:
    settings = {}
    for kind, name, scale in (
        ("hue", "Hue", _HUE),
        ("saturation", "Saturation", 1.0),
        ("lightness", "Luminance", 1.0),
    ):
        values = values_of(step, *(f"{band}_{kind}" for band in BANDS))
        for band, value in zip(BANDS, values, strict=True):
            if value:
                settings[f"{name}Adjustment{band.title()}"] = _whole(scale * value)
    return settings


def _points(steps: Iterable[Step]) -> list[tuple[int, int]]:
    """The point curve of Camera Raw, 0 to 255: as few as its users can still move."""
    places = np.linspace(0, 1, _POINTS)
    values = grey_curve(Recipe(tuple(steps)))(places)
    return [(round(255 * x), round(255 * y)) for x, y in zip(places.tolist(), values.tolist(), strict=True)]


def _whole(value: float) -> str:
    return f"{min(100, max(-100, round(value))):+d}".replace("+0", "0")


def _packet(settings: dict[str, str], points: list[tuple[int, int]], applied: str, name: str = "") -> str:
    entries = {"Version": "15.0", "ProcessVersion": "11.0", **settings, "HasSettings": "True"}
    entries |= {"AlreadyApplied": applied} if applied else {}
    entries |= {"ToneCurveName2012": "Custom"} if points else {}
    attributes = "".join(
        f"\n    {key if ':' in key else f'crs:{key}'}={quoteattr(value)}" for key, value in entries.items()
    )
    inside = ""
    if name:
        inside += (
            "\n   <crs:Name>\n    <rdf:Alt>\n     "
            f'<rdf:li xml:lang="x-default">{escape(name)}</rdf:li>\n    </rdf:Alt>\n   </crs:Name>'
        )
    if points:
        items = "".join(f"\n     <rdf:li>{x}, {y}</rdf:li>" for x, y in points)
        inside += (
            f"\n   <crs:ToneCurvePV2012>\n    <rdf:Seq>{items}\n    </rdf:Seq>\n   </crs:ToneCurvePV2012>"
        )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="retouch_aes">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n'
        f'  <rdf:Description rdf:about="" xmlns:crs="{_CRS}" xmlns:tiff="{_TIFF}"{attributes}>{inside}\n'
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
    )
