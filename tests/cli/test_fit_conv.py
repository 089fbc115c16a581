"""What ``rosenblatt fit conv`` says of images and layers that do not go together."""

import numpy as np
import pytest
from PIL import Image

FEW = "--max-epochs 2 --verbose 0 --random-state 0"


@pytest.fixture
def pictures(tmp_path):
    """A function that writes images of 8 x 8 pixels, two of each of two classes, and more, given by path."""

    def write(**others):
        level = iter(range(0, 250, 10))
        images = {f"{kind}/{number}.png": (8, 8) for kind in ("cat", "dog") for number in range(2)} | others
        for name, shape in images.items():
            path = tmp_path / "pictures" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full(shape, next(level), np.uint8)).save(path)
        return tmp_path / "pictures"

    return write


def error_of(ended):
    """The one line of a command that failed, after what it chose."""
    assert (ended.code, ended.out) == (1, "")
    *before, last = ended.err.splitlines()
    assert all(line.startswith(("classification: ", "warning: ")) for line in before)
    return last


def test_folders_of_images_that_cannot_be_learned_from_are_one_line(run, pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "empty holds no images; there are no files at all" in error_of(run(f"fit conv empty {FEW}"))
    (tmp_path / "empty" / "cat").mkdir()
    assert "empty holds no images" in error_of(run(f"fit conv empty {FEW}"))
    pictures(**{"dog/large.png": (9, 8)})
    text = "2 sizes (height x width): 8 x 8 (4 images), 9 x 8 (1 images). All need the same; give image_shape=(8, 8, 1)"
    assert text in error_of(run(f"fit conv pictures {FEW}"))
    network = run("describe conv pictures --image-shape 8 8 --channels 4 --json").content["network"]
    assert network["layers"][0]["output_shape"] == [8, 8, 4]


def test_an_animation_and_a_broken_image_are_left_out_and_named(run, pictures):
    folder = pictures()
    frames = [Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (0, 100, 200)]
    frames[0].save(folder / "cat" / "waving.gif", save_all=True, append_images=frames[1:])
    whole = (folder / "dog" / "1.png").read_bytes()
    (folder / "dog" / "1.png").write_bytes(whole[: len(whole) // 2])
    ended = run("describe conv pictures --test-size 0 --json")
    assert ended.code == 0
    assert "warning: 2 left out of pictures: cat/waving.gif (cannot be read: 3 frames; one picture a file" in ended.err
    assert "dog/1.png (cannot be read: " in ended.err
    assert "Repair or remove what is named" in error_of(run(f"fit conv pictures --strict {FEW}"))
    for name in ("cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"):
        (folder / name).unlink()
    assert "No image in pictures can be read: dog (no image in this folder), cat/waving.gif (cannot" in error_of(
        run(f"fit conv pictures {FEW}")
    )


def test_images_without_classes_or_with_one_cannot_be_told_apart(run, tmp_path):
    for name in ("flat", "one/cat"):
        (tmp_path / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.full((8, 8), number * 50, np.uint8)).save(tmp_path / name / f"{number}.png")
    assert "flat is read without a target: put the images of each class into a sub" in error_of(run("fit conv flat"))
    assert "needs at least two classes to tell apart; y holds one class only: 'cat'" in error_of(run("fit conv one"))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            "--kernel-size 9 --padding valid",
            "O = (W - K + 2P) / S + 1 = (8 - 9 + 0) / 1 + 1 = 0 on axis 0, where W = 8",
        ),
        ("--channels 4 4 4 --kernel-size 5 --padding valid", "convolution layer 2: an image of 2 x 2 pixels"),
        ("--activation relu relu relu --channels 4", "activation has 3 functions for 2 hidden layers"),
        ("--image-shape 8 8 1 1", "image_shape=(8, 8, 1, 1); (height, width) or (height, width, channels) is needed"),
        ("--image-shape 8 0", "image_shape=(8, 0); (height, width) or (height, width, channels) is needed"),
    ],
)
def test_layers_that_do_not_fit_the_images_are_one_line(run, pictures, flags, message):
    pictures()
    assert message in error_of(run(f"fit conv pictures {flags} {FEW}"))


def test_images_that_move_in_a_table_are_one_line(run):
    message = (
        "augmentation=('shift',) changes images, and a row of X is a signal of 2 numbers: give images or image_shape"
    )
    assert message in error_of(run(f"fit conv moons --augmentation shift {FEW}"))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--kernel-size 0", "--kernel-size. Input should be greater than or equal to 1"),
        ("--stride 0", "--stride. Input should be greater than or equal to 1"),
        ("--padding -1", 'Invalid value "-1" for --padding'),
        ("--padding full", '--padding: unable to convert "full" into Literal[same, valid]|int'),
        ("--channels 0", "--channels. Input should be greater than or equal to 1"),
        ("--channels", "--channels. Tuple should have at least 1 item"),
        ("--pool-size 0", "--pool-size. Input should be greater than or equal to 1"),
        ("--augmentation flip mirror", '"mirror" for --augmentation. Choose from: "crop", "flip", "noise", "rotate"'),
    ],
)
def test_flags_of_convolutions_that_are_out_of_range_are_a_wrong_call(run, flags, message):
    ended = run(f"fit conv digits {FEW} {flags}")
    assert ended.code == 2
    assert message in ended.err
