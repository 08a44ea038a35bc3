"""A frame in Adobe's camera-raw settings: `crs:HasCrop`, its corners and its angle.

`CropLeft`, `CropTop` and `CropRight`, `CropBottom` are the top left and the bottom right corner of the turned
frame, where they lie in the photo, in shares of its sides; `CropAngle` is by how many degrees.
"""

from retouch_aes.operators import Framing

_CLOCKWISE = -1  # the sign of `CropAngle`


def crop_settings(
    framing: Framing | None, size: tuple[int, int] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The settings of a frame on a photo of `size` (height, width), and a note where it is lost."""
    if framing is None or framing.neutral:
        return {}, ()
    if size is None:
        return {}, ("framing: lost, for it takes the size of the photo",)
    height, width = size
    frame = framing.on(height, width)
    left, top = frame.place(0, 0)
    right, bottom = frame.place(frame.width, frame.height)
    edges = {"Top": top / height, "Left": left / width, "Bottom": bottom / height, "Right": right / width}
    settings = {f"Crop{name}": f"{min(1.0, max(0.0, share)):.6f}" for name, share in edges.items()}
    angle = _CLOCKWISE * framing.angle
    settings |= {"tiff:ImageWidth": str(width), "tiff:ImageLength": str(height)}  # darktable needs them
    settings |= {"CropAngle": f"{angle:.6g}", "CropConstrainToWarp": "0", "HasCrop": "True"}
    return settings, ()
