"""What pages of one file are made of: pictures in base64, data that ends no script, addresses, names."""

import base64
import io
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

_QUALITY = 55


def encoded(image: Image.Image | None) -> str:
    """A thumbnail as WebP in base64; "" for none."""
    if image is None:
        return ""
    page = io.BytesIO()
    image.save(page, "WEBP", quality=_QUALITY, method=2)
    return base64.b64encode(page.getvalue()).decode()


def address(path: Path, folder: Path) -> str:
    """The address of a file relative to a page that lies in `folder`."""
    try:
        relative = os.path.relpath(path.absolute(), folder.absolute())
    except ValueError:  # another drive
        return path.absolute().as_uri()
    return quote(os.fsencode(relative.replace(os.sep, "/")))


def readable(text: str) -> str:
    """`text` with question marks for the bytes of file names that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def inert_json(value: Any) -> str:
    """JSON that ends no script element."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
