"""One image file, decoded by Pillow into float32 pixels in [0, 1].

- Grey pictures (1, 8 or 16 bits, with or without transparency) have 1 channel, all others 3 (red, green, blue):
  palettes are looked up, CMYK is converted.
- 16 bits of grey are divided by 65535, everything else by 255. (Pillow reads 16-bit colours with 8 bits.)
- Transparent pixels are laid over white, as a viewer shows them.
- Photographs are turned as their EXIF orientation says.
- Colour is made grey by ITU-R 601: 0.299 red + 0.587 green + 0.114 blue.
- Resizing is bilinear with anti-aliasing and does not keep the ratio of the sides.
- Refused, since there is no one right way to read them: several frames, 32-bit pixels (their range is not known).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

# Pillow can open more, but some of its formats start other programs (EPS) or hold no pixels (HDF5).
FORMATS = {
    ".bmp": "BMP",
    ".gif": "GIF",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".pbm": "PPM",
    ".pgm": "PPM",
    ".png": "PNG",
    ".pnm": "PPM",
    ".ppm": "PPM",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
}
_GREY = {"1", "L", "LA", "La"}
_DEEP_GREY = {"I;16", "I;16L", "I;16B", "I;16N"}


@dataclass(frozen=True)
class ImageHeader:
    """Height and width as shown (after the EXIF orientation) and the number of channels, 1 or 3."""

    height: int
    width: int
    channels: int


def read_header(path: Path) -> ImageHeader:
    """Read the size and the channels without decoding the pixels.

    Raises
    ------
    ValueError
        If the picture has several frames or 32-bit pixels.
    Exception
        Whatever Pillow raises for a file that it cannot read.
    """
    with _opened(path) as image:
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:  # 5 to 8 are turned by a quarter
            width, height = height, width
        return ImageHeader(height, width, 1 if image.mode in _GREY or _is_deep_grey(image) else 3)


def read_pixels(path: Path, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Decode a picture, resized and converted to (height, width, channels) where it has another shape.

    Raises
    ------
    Exception
        As `read_header`; truncated pixels too.
    """
    height, width, channels = image_shape
    with _opened(path) as image:
        image.draft(
            None, (max(height, width), max(height, width))
        )  # a large JPEG is decoded at the least sufficient scale
        is_deep_grey = _is_deep_grey(image)  # asked before turning it, which forgets the file format
        upright = ImageOps.exif_transpose(image)
        plain = _deep_grey(upright) if is_deep_grey else _eight_bits(upright, "L" if channels == 1 else "RGB")
    if plain.size != (width, height):
        plain = plain.resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(plain, dtype=np.float32) / np.float32(255)
    return np.broadcast_to(pixels if pixels.ndim == 3 else pixels[:, :, None], image_shape)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    with Image.open(path, formats=sorted(set(FORMATS.values()))) as image:
        n_frames = getattr(image, "n_frames", 1)
        if n_frames > 1 and image.format != "MPO":  # cameras add a preview to a JPEG; its first frame is the picture
            raise ValueError(f"{n_frames} frames; one picture a file is needed")
        if image.mode in ("I", "F") and not _is_deep_grey(image):
            raise ValueError("32-bit pixels, whose range is not known; save it with 8 or 16 bits, or as a NPY file")
        yield image


def _is_deep_grey(image: Image.Image) -> bool:
    return image.mode in _DEEP_GREY or (image.mode == "I" and image.format in ("PNG", "PPM"))


def _deep_grey(image: Image.Image) -> Image.Image:
    """16-bit grey as floats from 0 to 255, which Pillow can resize without rounding."""
    return Image.fromarray(np.asarray(image, dtype=np.float32) * np.float32(255 / 65535))


def _eight_bits(image: Image.Image, mode: str) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert(mode)
    opaque = image.convert("RGBA")
    white = Image.new("RGBA", opaque.size, "white")
    return Image.alpha_composite(white, opaque).convert(mode)
