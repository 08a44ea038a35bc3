"""Before and after next to each other, and sheets of many, on neutral grey with small captions.

The ground is the grey that reflects 18 % of the light: it flatters neither bright nor dark pictures.
"""

from collections.abc import Sequence
from contextlib import suppress

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.export.picture import to_picture

_GROUND = (119, 119, 119)
_INK = (255, 255, 255)
_SOFT_INK = (228, 228, 228)
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")
"""Of Linux, macOS and Windows, with many alphabets."""


def side_by_side(images: Sequence[Tensor], labels: Sequence[str], *, height: int = 480) -> Image.Image:
    """Images `(1, 3, H, W)` or `(3, H, W)`, sRGB [0, 1], from left to right, scaled to `height` pixels.

    Each has its label below. A label too wide for its picture is cut short.
    """
    if not images or len(images) != len(labels) or height < 16:
        got = f"{len(images)} images, {len(labels)} labels, height {height}"
        raise UsageError(f"expected one label for every image, 16 pixels high or more; got {got}")
    return _Sheet([list(images)], [], [], [list(labels)], height, _INK).draw()


def contact_sheet(
    rows: Sequence[Sequence[Tensor]],
    column_labels: Sequence[str],
    row_labels: Sequence[str],
    *,
    height: int = 176,
    captions: Sequence[Sequence[str]] | None = None,
) -> Image.Image:
    """Rows of images, each scaled to `height` pixels; column labels on top, each row's label above it.

    `captions` has one text for every image, shown below it; empty texts take no room unless a neighbour
    has one.
    """
    widths = {len(row) for row in rows}
    if not rows or widths != {len(column_labels)} or len(row_labels) != len(rows) or height < 16:
        got = f"rows of {sorted(widths)} with {len(column_labels)} column and {len(row_labels)} row labels"
        raise UsageError(f"expected one label for every row and column, 16 pixels high or more; got {got}")
    texts = [[""] * len(row) for row in rows] if captions is None else [list(row) for row in captions]
    if [len(row) for row in texts] != [len(row) for row in rows]:
        raise UsageError(f"expected one caption for every image, got {[len(row) for row in texts]}")
    pictures = [list(row) for row in rows]
    return _Sheet(pictures, list(column_labels), list(row_labels), texts, height, _SOFT_INK).draw()


class _Sheet:
    """The geometry of a grid of pictures, measured once, then drawn."""

    def __init__(
        self,
        rows: list[list[Tensor]],
        column_labels: list[str],
        row_labels: list[str],
        captions: list[list[str]],
        height: int,
        caption_ink: tuple[int, int, int],
    ) -> None:
        self.rows = [[_scaled(image, height) for image in row] for row in rows]
        self.column_labels, self.row_labels, self.captions = column_labels, row_labels, captions
        self.height, self.caption_ink = height, caption_ink
        size = min(26, max(12, round(height / 26)))
        self.font = _font(
            size, "".join([*column_labels, *row_labels, *(text for row in captions for text in row)])
        )
        self.line = round(size * 1.6)
        self.margin, self.gap = max(10, size), max(6, round(size * 0.6))
        self.columns = [max(picture.width for picture in column) for column in zip(*self.rows, strict=True)]

    def draw(self) -> Image.Image:
        width = 2 * self.margin + sum(self.columns) + self.gap * (len(self.columns) - 1)
        tops = [any(row) for row in self.captions]
        row_heights = [self.height + self.line * (bool(self.row_labels) + caption) for caption in tops]
        total = 2 * self.margin + sum(row_heights) + self.gap * (len(self.rows) - 1)
        sheet = Image.new("RGB", (width, total + self.line * bool(self.column_labels)), _GROUND)
        pen = ImageDraw.Draw(sheet)
        lefts = [self.margin + sum(self.columns[:i]) + self.gap * i for i in range(len(self.columns))]
        top = self.margin
        if self.column_labels:
            for left, column, label in zip(lefts, self.columns, self.column_labels, strict=True):
                self.write(pen, label, left, top, column, _INK, centred=True)
            top += self.line
        for index, row in enumerate(self.rows):
            below = top + row_heights[index]
            if self.row_labels:
                self.write(pen, self.row_labels[index], self.margin, top, width - 2 * self.margin, _INK)
                top += self.line
            cells = zip(lefts, self.columns, row, self.captions[index], strict=True)
            for left, column, picture, text in cells:
                sheet.paste(picture, (left + (column - picture.width) // 2, top))
                self.write(pen, text, left, top + self.height, column, self.caption_ink, centred=True)
            top = below + self.gap
        return sheet

    def write(
        self,
        pen: ImageDraw.ImageDraw,
        text: str,
        left: int,
        top: int,
        width: int,
        ink: tuple[int, int, int],
        *,
        centred: bool = False,
    ) -> None:
        """One line of text, cut short to `width`, in the middle of the line that begins at `top`."""
        shown = text
        while text and self.font.getlength(shown) > width:
            text = text[:-1]
            shown = text.rstrip() + "…"
        x = left + width / 2 if centred else left
        pen.text((x, top + self.line / 2), shown, font=self.font, fill=ink, anchor="mm" if centred else "lm")


def _font(size: int, texts: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which knows English letters; for others one of the system, where there is one."""
    for name in () if texts.isascii() else _FONTS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size=size)


def _scaled(image: Tensor, height: int) -> Image.Image:
    picture = to_picture(image)
    width = max(1, round(picture.width * height / picture.height))
    return picture.resize((width, height), Image.Resampling.LANCZOS)
