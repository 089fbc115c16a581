"""Folders of images: classes, shapes, and that nothing is left out silently."""

import os
import warnings

import numpy as np
import pytest
from PIL import Image

from rosenblatt.data import SkippedDataWarning, load


def grey(value, height=3, width=4):
    return np.full((height, width), value, dtype=np.uint8)


def colour(value, height=3, width=4):
    return np.stack([grey(value, height, width), grey(0, height, width), grey(255, height, width)], axis=-1)


@pytest.fixture
def folder(tmp_path):
    """A function that writes images, given as path=array, and returns the folder."""

    def write(images):
        for name, array in images.items():
            path = tmp_path / "pictures" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).save(path)
        return tmp_path / "pictures"

    return write


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_flat_folder_is_unlabelled_and_in_order(folder):
    dataset = load(folder({"b.png": grey(51), "a.png": grey(0), "c.PNG": grey(255)}))
    np.testing.assert_allclose(dataset.X, np.repeat([[0.0], [0.2], [1.0]], 12, axis=1), rtol=1e-6)
    assert (dataset.y, dataset.target_names, dataset.image_shape) == (None, None, (3, 4, 1))
    assert (dataset.X.dtype, dataset.name, dataset.skipped) == (np.float32, "pictures", ())


def test_subfolders_are_classes(folder):
    path = folder({"dog/1.png": grey(1), "cat/2.png": grey(2), "cat/deep/er/3.jpg": grey(3)})
    dataset = load(path)
    assert dataset.target_names == ("cat", "dog")
    assert dataset.y.tolist() == [0, 0, 1]
    assert dataset.y.dtype == np.int64
    np.testing.assert_allclose(dataset.X[:, 0] * 255, [2, 3, 1], atol=0.1)
    assert dataset.description == "3 images of 2 classes"


def test_a_class_may_be_a_link_and_a_link_back_ends_nothing(folder, tmp_path):
    path = folder({"cat/1.png": grey(1)})
    (tmp_path / "elsewhere").mkdir()
    Image.fromarray(grey(2)).save(tmp_path / "elsewhere" / "2.png")
    (path / "dog").symlink_to(tmp_path / "elsewhere")
    (path / "cat" / "back").symlink_to(path)
    assert load(path).target_names == ("cat", "dog")
    assert len(load(path).X) == 2


def test_train_and_test_folders_are_the_official_parts(folder):
    path = folder(
        {"train/a/1.png": grey(1), "train/b/2.png": grey(2), "test/b/3.png": grey(3), "test/a/4.png": grey(4)}
    )
    X_train, X_test, y_train, y_test = load(path).split()
    assert (y_train.tolist(), y_test.tolist()) == ([0, 1], [0, 1])
    np.testing.assert_allclose(X_train[:, 0] * 255, [1, 2], rtol=1e-6)
    np.testing.assert_allclose(X_test[:, 0] * 255, [4, 3], rtol=1e-6)


def test_train_and_test_without_classes(folder):
    dataset = load(folder({"train/1.png": grey(1), "test/2.png": grey(2)}))
    assert (dataset.y, dataset.y_test, dataset.X.shape, dataset.X_test.shape) == (None, None, (1, 12), (1, 12))


@pytest.mark.parametrize("parts", [("test", "train", "val"), ("train",), ("test", "validation")])
def test_parts_are_not_classes(folder, parts):
    path = folder({f"{part}/a/1.png": grey(1) for part in parts})
    text = rf"has the parts {', '.join(parts)}; only both train and test .* such as load\('.*/{parts[-1]}'\)"
    with pytest.raises(ValueError, match=text):
        load(path)


def test_images_beside_the_parts(folder):
    path = folder({"train/1.png": grey(1), "test/2.png": grey(2), "3.png": grey(3)})
    with pytest.raises(ValueError, match=r"has train, test and images beside them: 3.png. Move these into a part"):
        load(path)


def test_an_empty_class_of_a_part_is_named(folder):
    path = folder({"train/a/1.png": grey(1), "test/a/2.png": grey(2)})
    (path / "train" / "b").mkdir()
    with pytest.warns(SkippedDataWarning, match=r"train/b \(no image in this folder\)"):
        assert load(path).target_names == ("a",)


def test_a_class_that_only_the_test_part_has(folder):
    path = folder({"train/a/1.png": grey(1), "test/a/2.png": grey(1), "test/bird/3.png": grey(1)})
    with pytest.raises(ValueError, match="the test part has images of bird, of which train has none"):
        load(path)


def test_a_test_part_that_cannot_be_read(folder):
    path = folder({"train/a/1.png": grey(1), "test/a/2.png": grey(1)})
    truncate(path / "test" / "a" / "2.png")
    with pytest.warns(SkippedDataWarning, match="cannot be read"):
        assert load(path).X_test is None


@pytest.mark.parametrize("loose", ["0.png", "train/0.png"])
def test_classes_and_loose_images_together(folder, loose):
    inside = loose.replace("0.png", "cat/1.png")
    path = folder({loose: grey(1), inside: grey(1), "test/cat/2.png": grey(1)})
    with pytest.raises(ValueError, match=f"has 1 images without a class .such as {loose}. and 2 in class folders"):
        load(path)


def test_sizes_that_differ_are_listed(folder):
    images = {f"{i}.png": grey(1) for i in range(3)} | {"3.png": grey(1, 8, 8), "4.png": colour(1, 8, 9)}
    text = r"3 sizes \(height x width\): 3 x 4 \(3 images\), 8 x 8 \(1 images\), 8 x 9 .* image_shape=\(3, 4, 3\) to"
    with pytest.raises(ValueError, match=text):
        load(folder(images))


@pytest.mark.parametrize(
    ("image_shape", "expected"), [((6, 5), (6, 5, 3)), ((6, 5, 1), (6, 5, 1)), ([2, 2, 3], (2, 2, 3))]
)
def test_image_shape_resizes_all(folder, image_shape, expected):
    dataset = load(folder({"0.png": grey(100), "1.png": colour(100, 8, 9)}), image_shape=image_shape)
    assert dataset.image_shape == expected
    assert dataset.X.shape == (2, np.prod(expected))
    np.testing.assert_allclose(dataset.X[0], 100 / 255, rtol=1e-6)


def test_grey_among_colour_becomes_colour(folder):
    dataset = load(folder({"0.png": grey(100), "1.png": colour(100)}))
    assert dataset.image_shape == (3, 4, 3)
    np.testing.assert_allclose(
        dataset.X.reshape(2, 3, 4, 3)[:, 0, 0] * 255, [[100, 100, 100], [100, 0, 255]], rtol=1e-6
    )


def test_deep_grey_and_palettes_and_transparency_in_one_folder(folder):
    path = folder({"deep.png": np.full((3, 4), 65535, np.uint16), "clear.png": np.zeros((3, 4, 4), np.uint8)})
    indexed = Image.new("P", (4, 3))
    indexed.putpalette([255, 0, 0])
    indexed.save(path / "palette.png")
    dataset = load(path)
    np.testing.assert_array_equal(dataset.X.reshape(3, 3, 4, 3)[:, 0, 0], [[1, 1, 1], [1, 1, 1], [1, 0, 0]])


@pytest.mark.parametrize("image_shape", [(3, 4, 4), (3, 4, 2)])
def test_images_have_one_or_three_channels(folder, image_shape):
    with pytest.raises(ValueError, match=r"image_shape=.*: images have 1 channel \(grey\) or 3 \(colour\)"):
        load(folder({"0.png": grey(1)}), image_shape=image_shape)


def test_everything_left_out_is_named_and_counted(folder):
    path = folder({f"cat/{i}.png": grey(i) for i in range(3)} | {"dog/cut.png": colour(7, 50, 60)})
    truncate(path / "dog" / "cut.png")
    (path / "cat" / "page.png").write_text("<html>")
    (path / "cat" / "notes.txt").write_text("hello")
    (path / "bird").mkdir()
    with pytest.warns(
        SkippedDataWarning, match=r"^4 left out of .*pictures: bird \(no image in this folder\)"
    ) as caught:
        dataset = load(path, image_shape=(3, 4))
    reasons = {item.relative_to(path).as_posix(): reason for item, reason in dataset.skipped}
    assert set(reasons) == {"bird", "cat/notes.txt", "cat/page.png", "dog/cut.png"}
    assert reasons["cat/notes.txt"] == "not an image by its extension (.txt)"
    assert "truncated" in reasons["dog/cut.png"]
    assert "cannot identify image file" in reasons["cat/page.png"]
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "Dataset.skipped has all of it; strict=True refuses it" in str(caught[0].message)
    assert (dataset.target_names, dataset.y.tolist()) == (("cat",), [0, 0, 0])
    np.testing.assert_allclose(dataset.X[:, 0] * 255, [0, 1, 2], atol=1e-5)


def test_strict_refuses(folder):
    path = folder({"0.png": grey(1), "1.png": grey(2)})
    (path / "notes.txt").write_text("hello")
    with pytest.raises(
        ValueError, match=r"1 left out of .*: notes.txt \(not an image .* Repair or remove what is named"
    ):
        load(path, strict=True)
    (path / "notes.txt").unlink()
    assert len(load(path, strict=True).X) == 2


def test_hidden_files_are_passed_over_on_purpose(folder):
    path = folder({"cat/0.png": grey(1), "cat/._0.png": grey(1), ".git/1.png": grey(1), "__MACOSX/cat/2.png": grey(1)})
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (path / "cat" / name).write_text("")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = load(path, strict=True)
    assert (len(dataset.X), dataset.skipped, dataset.target_names) == (1, (), ("cat",))


def test_a_file_that_vanished_is_named(folder):
    path = folder({"0.png": grey(1)})
    (path / "1.png").symlink_to(path / "gone.png")
    with pytest.warns(SkippedDataWarning, match=r"1.png \(cannot be read: .*No such file"):
        load(path)


def test_folders_without_images(tmp_path):
    with pytest.raises(
        ValueError, match=r"holds no images; there are no files at all. Images are files with .bmp, .gif"
    ):
        load(tmp_path)
    (tmp_path / "a.parquet").write_text("")
    (tmp_path / "b.parquet").write_text("")
    with pytest.raises(ValueError, match=r"holds no images; there are 2 .parquet\."):
        load(tmp_path)


@pytest.mark.parametrize("size", [2, 3000])
def test_a_folder_where_nothing_can_be_read(folder, size):
    """Where the header is gone, and where only the pixels are."""
    noise = np.random.default_rng(0).integers(0, 256, (size, 40), dtype=np.uint8)
    path = folder({"0.png": noise, "1.png": noise})
    for name in ("0.png", "1.png"):
        (path / name).write_bytes((path / name).read_bytes()[: 20 if size == 2 else 2000])
    with pytest.raises(ValueError, match=r"No image in .* can be read: 0.png \(cannot be read: .*, 1.png"):
        load(path)


def test_target_has_no_use_for_a_folder(folder):
    with pytest.raises(
        ValueError, match=r"target='y' cannot be used: .* is a folder, whose sub-folders are the classes"
    ):
        load(folder({"0.png": grey(1)}), target="y")


def test_a_folder_that_may_not_be_listed(folder, monkeypatch):
    path, scandir = folder({"cat/0.png": grey(1), "dog/0.png": grey(1)}), os.scandir

    def refusing(top):
        if str(top).endswith("dog"):
            raise PermissionError(13, "Permission denied", str(top))
        return scandir(top)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(PermissionError, match="dog"):
        load(path)
