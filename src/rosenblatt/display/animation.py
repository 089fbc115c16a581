"""Pictures one after another in one file: a GIF, a web page with a slider that needs no network, or an MP4."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    import numpy as np

_HOLD = 3  # times as long as the others, the last picture of a GIF or an MP4 stays
_N_COLORS = 64
_FRAMES_A_SECOND = 25  # of an MP4, which repeats pictures: players stumble over a few in a second


def check_suffix(path: str | PathLike[str]) -> Path:
    """The path of an animation.

    Raises
    ------
    ValueError
        If it is neither that of a GIF, nor of a web page, nor of an MP4.
    FileNotFoundError
        If it is that of an MP4, and there is no ffmpeg to write one.
    """
    path = Path(path)
    if path.suffix.lower() not in _WRITERS:
        raise ValueError(f"path={str(path)!r} must end in .gif, .html or .mp4, which an animation can be")
    if path.suffix.lower() == ".mp4":
        _ffmpeg()
    return path


def encode_animation(suffix: str, pictures: Iterable[np.ndarray], descriptions: Sequence[str], seconds: float) -> bytes:
    """Pictures as the content of one file.

    Parameters
    ----------
    suffix : {".gif", ".html", ".mp4"}
        What the file is to be.
    pictures : iterable of ndarray (height, width, 4) of uint8
        All of one size.
    descriptions : sequence of str
        What each picture shows.
    seconds : float
        How long each is shown.

    Returns
    -------
    bytes
    """
    from PIL import Image

    images = [Image.fromarray(picture).convert("RGB") for picture in pictures]
    return _WRITERS[suffix.lower()](images, descriptions, seconds)


def _gif(images: list[Any], descriptions: Sequence[str], seconds: float) -> bytes:
    buffer, images = BytesIO(), [image.quantize(_N_COLORS) for image in images]
    durations = [round(1000 * seconds)] * (len(images) - 1) + [round(1000 * _HOLD * seconds)]
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0)
    return buffer.getvalue()


def _html(images: list[Any], descriptions: Sequence[str], seconds: float) -> bytes:
    frames, images = [], [image.quantize(_N_COLORS) for image in images]
    for image, description in zip(images, descriptions, strict=True):
        buffer = BytesIO()
        image.save(buffer, "PNG", optimize=True)
        data, text = b64encode(buffer.getvalue()).decode(), escape(description, quote=True)
        frames.append(f'<img hidden alt="{text}" src="data:image/png;base64,{data}">')
    page = _PAGE.replace("FRAMES", "\n".join(frames)).replace("LAST", str(len(images) - 1))
    page = page.replace("BACKGROUND", "#{:02x}{:02x}{:02x}".format(*images[0].convert("RGB").getpixel((0, 0))))
    return page.replace("MILLISECONDS", str(round(1000 * seconds))).encode()


def _mp4(images: list[Any], descriptions: Sequence[str], seconds: float) -> bytes:
    del descriptions
    width, height = images[0].size
    pixels = b"".join(image.tobytes() for image in [*images, *images[-1:] * (_HOLD - 1)])
    read = ["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}"]
    even = "pad=ceil(iw/2)*2:ceil(ih/2)*2"  # which the usual colour format needs
    write = ["-vf", even, "-pix_fmt", "yuv420p", "-r", f"{_FRAMES_A_SECOND}", "-movflags", "+faststart"]
    with TemporaryDirectory() as folder:  # an MP4's head is written last, which a pipe cannot take
        path = Path(folder, "animation.mp4")
        command = [_ffmpeg(), "-loglevel", "error", *read, "-framerate", f"{1 / seconds}", "-i", "-", *write, str(path)]
        result = subprocess.run(command, input=pixels, capture_output=True, check=False)
        if result.returncode:
            said = result.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg could not write the MP4: {said}. Write a .gif instead")
        return path.read_bytes()


def _ffmpeg() -> str:
    """Where matplotlib's settings say that it is."""
    from matplotlib import rcParams

    found = shutil.which(rcParams["animation.ffmpeg_path"])
    if found is None:
        raise FileNotFoundError(
            f"an MP4 is written by ffmpeg, and there is no {rcParams['animation.ffmpeg_path']!r} here; install ffmpeg, "
            "set matplotlib.rcParams['animation.ffmpeg_path'], or write a .gif instead"
        )
    return found


_WRITERS = {".gif": _gif, ".html": _html, ".mp4": _mp4}
SUFFIXES = tuple(_WRITERS)

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Step by step</title>
<style>
body { font-family: sans-serif; margin: 1rem; background: BACKGROUND; }
img { max-width: 100%; }
nav { display: flex; gap: .5rem; align-items: center; max-width: 50rem; margin-bottom: 1rem; }
input { flex: 1; }
</style>
<nav>
<button id="play" aria-label="Play or pause">&#9654;</button>
<button id="back" aria-label="One step back">&#8592;</button>
<input id="step" type="range" min="0" max="LAST" value="0" aria-label="Step">
<button id="next" aria-label="One step on">&#8594;</button>
</nav>
<main>
FRAMES
</main>
<script>
const frames = document.querySelectorAll("main img");
const step = document.getElementById("step"), button = document.getElementById("play");
let timer = null;
function show(i) {
  step.value = (i + frames.length) % frames.length;
  frames.forEach((frame, k) => { frame.hidden = k !== Number(step.value); });
}
function pause() { clearInterval(timer); timer = null; button.textContent = "\u25b6"; }
function next() { show(Number(step.value) + 1); }
function play() { timer = setInterval(next, MILLISECONDS); button.textContent = "\u23f8"; }
step.oninput = () => { pause(); show(Number(step.value)); };
document.getElementById("back").onclick = () => { pause(); show(Number(step.value) - 1); };
document.getElementById("next").onclick = () => { pause(); next(); };
button.onclick = () => { if (timer) { pause(); } else { play(); } };
show(0);
</script>
</html>
"""
