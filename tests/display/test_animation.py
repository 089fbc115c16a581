"""Pictures in one file: an MP4 is handed to ffmpeg picture by picture, and its errors are told."""

import stat
import sys
from io import BytesIO

import matplotlib
import numpy as np
import pytest
from PIL import Image

from rosenblatt.display.animation import check_suffix, encode_animation

# Stands in for ffmpeg: writes what it was given, the command and the pixels, into its last argument.
SCRIPT = """#!{python}
import json, sys
if "fail" in sys.argv[0]:
    sys.exit("the codec is missing")
with open(sys.argv[-1], "wb") as file:
    file.write(json.dumps(sys.argv[1:]).encode() + b"\\n" + sys.stdin.buffer.read())
"""


@pytest.fixture
def pictures():
    """Three pictures (3, 5, 4), each of one colour."""
    return [np.full((3, 5, 4), [red, 100, 200, 255], np.uint8) for red in (10, 20, 30)]


@pytest.fixture
def ffmpeg(tmp_path):
    def make(name):
        path = tmp_path / name
        path.write_text(SCRIPT.format(python=sys.executable))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        matplotlib.rcParams["animation.ffmpeg_path"] = str(path)

    return make


def test_an_mp4_is_written_by_ffmpeg(pictures, ffmpeg):
    ffmpeg("writes")
    written = encode_animation(".mp4", pictures, ["a", "b", "c"], 0.5)
    command, pixels = written.split(b"\n", 1)
    for argument in ("5x3", "2.0", "rgb24", "yuv420p", "pad=ceil(iw/2)*2:ceil(ih/2)*2"):
        assert f'"{argument}"'.encode() in command
    frames = np.frombuffer(pixels, np.uint8).reshape(-1, 3, 5, 3)
    assert frames[:, 0, 0, 0].tolist() == [10, 20, 30, 30, 30]  # the last picture stays three times as long
    assert (frames[..., 1:] == [100, 200]).all()


def test_what_ffmpeg_says_is_told(pictures, ffmpeg):
    ffmpeg("fails")
    with pytest.raises(RuntimeError, match="ffmpeg could not write the MP4: the codec is missing. Write a .gif"):
        encode_animation(".mp4", pictures, ["a", "b", "c"], 0.5)


def test_without_ffmpeg_a_gif_is_proposed():
    matplotlib.rcParams["animation.ffmpeg_path"] = "no-such-program"
    with pytest.raises(FileNotFoundError, match="there is no 'no-such-program' here; .* or write a .gif instead"):
        check_suffix("game.mp4")
    with pytest.raises(ValueError, match=r"path='game.avi' must end in .gif, .html or .mp4"):
        check_suffix("game.avi")


def test_a_gif_has_the_pictures_and_their_seconds(pictures):
    with Image.open(BytesIO(encode_animation(".gif", pictures, ["a", "b", "c"], 0.5))) as gif:
        seen = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            seen.append((gif.convert("RGB").getpixel((0, 0)), gif.info["duration"]))
    assert seen == [((10, 100, 200), 500), ((20, 100, 200), 500), ((30, 100, 200), 1500)]
