"""Decoding: each kind of pixel that Pillow writes comes back as the numbers that were written."""

import numpy as np
import pytest
from PIL import Image

from rosenblatt.data.images import ImageHeader, read_header, read_pixels

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
COLOUR = np.stack([GREY, GREY[::-1], 255 - GREY], axis=-1)


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif", "pgm"])
def test_grey_is_divided_by_255(tmp_path, suffix):
    pixels = read_pixels(save(tmp_path / f"a.{suffix}", GREY), (3, 4, 1))
    np.testing.assert_allclose(pixels[..., 0], GREY / 255, rtol=1e-6)
    assert pixels.dtype == np.float32


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "ppm"])
def test_colour_is_divided_by_255(tmp_path, suffix):
    path = save(tmp_path / f"a.{suffix}", COLOUR)
    assert read_header(path) == ImageHeader(3, 4, 3)
    np.testing.assert_allclose(read_pixels(path, (3, 4, 3)), COLOUR / 255, rtol=1e-6)


def test_a_jpeg_and_a_webp_come_near(tmp_path):
    smooth = np.tile(np.linspace(0, 255, 32, dtype=np.uint8), (32, 1))
    for name, options in (("a.jpg", {"quality": 95}), ("a.webp", {"lossless": True})):
        path = save(tmp_path / name, np.stack([smooth] * 3, axis=-1), **options)
        np.testing.assert_allclose(read_pixels(path, (32, 32, 1))[..., 0], smooth / 255, atol=0.02)


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_16_bits_of_grey_keep_their_precision(tmp_path, suffix):
    deep = np.array([[0, 1, 257], [1000, 40_000, 65_535]], dtype=np.uint16)
    path = save(tmp_path / f"a.{suffix}", deep)
    assert read_header(path) == ImageHeader(2, 3, 1)
    np.testing.assert_allclose(read_pixels(path, (2, 3, 1))[..., 0], deep / 65535, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(
        read_pixels(path, (2, 3, 3)), np.stack([deep / 65535] * 3, axis=-1), rtol=1e-5, atol=1e-9
    )


def test_palettes_are_looked_up(tmp_path):
    indexed = Image.frombytes("P", (2, 2), bytes([0, 1, 2, 1]))
    indexed.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    indexed.save(tmp_path / "a.png")
    assert read_header(tmp_path / "a.png").channels == 3
    red, green, blue = np.eye(3)
    np.testing.assert_array_equal(read_pixels(tmp_path / "a.png", (2, 2, 3)), [[red, green], [blue, green]])


def test_transparency_is_laid_over_white(tmp_path):
    rgba = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 51]]], dtype=np.uint8)
    path = save(tmp_path / "a.png", rgba)
    expected = np.array([[[200, 0, 0], [255, 255, 255], [204, 204, 204]]]) / 255  # 255 (1 - 51 / 255) = 204
    np.testing.assert_allclose(read_pixels(path, (1, 3, 3)), expected, atol=1 / 255)


def test_transparent_colour_of_a_palette(tmp_path):
    indexed = Image.frombytes("P", (2, 1), b"\x00\x01")
    indexed.putpalette([255, 0, 0, 0, 255, 0])
    indexed.save(tmp_path / "a.png", transparency=0)
    np.testing.assert_array_equal(read_pixels(tmp_path / "a.png", (1, 2, 3)), [[[1, 1, 1], [0, 1, 0]]])


def test_grey_with_transparency_stays_grey(tmp_path):
    path = save(tmp_path / "a.png", np.array([[[100, 255], [100, 0]]], dtype=np.uint8))
    assert read_header(path).channels == 1
    np.testing.assert_allclose(read_pixels(path, (1, 2, 1)).ravel(), [100 / 255, 1], atol=1e-6)


def test_black_and_white_and_cmyk(tmp_path):
    save(tmp_path / "bits.png", np.array([[True, False]]))
    np.testing.assert_array_equal(read_pixels(tmp_path / "bits.png", (1, 2, 1)).ravel(), [1, 0])
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=100)
    assert read_header(tmp_path / "red.jpg").channels == 3
    np.testing.assert_allclose(read_pixels(tmp_path / "red.jpg", (8, 8, 3))[0, 0], [1, 0, 0], atol=0.02)


def test_colour_made_grey_by_itu_r_601(tmp_path):
    path = save(tmp_path / "a.png", COLOUR)
    expected = (COLOUR @ [0.299, 0.587, 0.114]) / 255
    np.testing.assert_allclose(read_pixels(path, (3, 4, 1))[..., 0], expected, atol=1 / 255)


def test_a_photograph_is_turned_as_its_orientation_says(tmp_path):
    upright = np.zeros((16, 32, 3), dtype=np.uint8)
    upright[:8] = 255  # bright above, dark below
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown, turn clockwise by a quarter
    path = tmp_path / "a.jpg"
    Image.fromarray(np.rot90(upright).copy()).save(path, exif=exif, quality=95)
    assert read_header(path) == ImageHeader(16, 32, 3)
    np.testing.assert_allclose(read_pixels(path, (16, 32, 3)), upright / 255, atol=0.05)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_resizing_averages(tmp_path, dtype):
    """A half of an even checkerboard is grey everywhere but where the filter leaves the picture."""
    board = (np.indices((16, 16)).sum(axis=0) % 2 * np.iinfo(dtype).max).astype(dtype)
    pixels = read_pixels(save(tmp_path / "a.png", board), (8, 4, 1))
    assert pixels.shape == (8, 4, 1)
    np.testing.assert_allclose(pixels, 0.5, atol=0.01)


def test_a_large_jpeg_is_reduced_to_its_mean_colours(tmp_path):
    halves = np.zeros((512, 512, 3), dtype=np.uint8)
    halves[:, 256:] = [255, 128, 0]
    pixels = read_pixels(save(tmp_path / "a.jpg", halves, quality=95), (16, 16, 3))
    np.testing.assert_allclose(pixels[:, :7], 0, atol=0.02)
    np.testing.assert_allclose(pixels[:, 9:], np.broadcast_to([1, 128 / 255, 0], (16, 7, 3)), atol=0.02)


@pytest.mark.parametrize("suffix", ["gif", "tif", "png", "webp"])
def test_several_frames_are_refused(tmp_path, suffix):
    frames = [Image.fromarray(frame) for frame in (GREY, GREY[::-1].copy())]
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match="2 frames; one picture a file is needed"):
        read_header(tmp_path / f"a.{suffix}")


def test_the_preview_that_a_camera_adds_is_no_second_frame(tmp_path):
    frames = [Image.fromarray(COLOUR), Image.fromarray(COLOUR)]
    frames[0].save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=frames[1:])
    assert read_header(tmp_path / "a.jpg") == ImageHeader(3, 4, 3)


@pytest.mark.parametrize("suffix", ["bmp", "gif", "jpg", "png", "ppm", "tif", "webp"])
@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.filterwarnings("ignore:Truncated File Read")  # what Pillow says of a TIFF before it raises
def test_truncated_files_raise_and_leave_nothing_open(tmp_path, suffix, share):
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    path = save(tmp_path / f"a.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises((OSError, SyntaxError, EOFError)):
        read_pixels(path, (40, 50, 3))


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_32_bits_are_refused(tmp_path, dtype):
    with pytest.raises(ValueError, match="32-bit pixels, whose range is not known; save it with 8 or 16 bits"):
        read_header(save(tmp_path / "a.tif", np.zeros((2, 2), dtype)))
