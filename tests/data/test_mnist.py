"""Where MNIST's four files are looked for, how they are fetched, and what is said where they are not.

A set of our own in the same layout stands for the published ones; Debian's copy is read where it is installed.
"""

import dataclasses
import gzip
import hashlib
import http.server
import struct
import sys
import threading
from functools import partial

import numpy as np
import pytest

from rosenblatt.data import load, mnist

RNG = np.random.default_rng(0)
ARRAYS = (
    RNG.integers(0, 256, (7, 5, 4), dtype=np.uint8),
    RNG.integers(0, 3, 7, dtype=np.uint8),
    RNG.integers(0, 256, (2, 5, 4), dtype=np.uint8),
    np.array([2, 0], dtype=np.uint8),
)
DEBIAN = mnist.DEBIAN_FOLDER / "fashion-mnist"


def content(array):
    return b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


CONTENTS = dict(zip(mnist.FILES, map(content, ARRAYS), strict=True))
GZIPPED = {file: gzip.compress(data, mtime=0) for file, data in CONTENTS.items()}
SHA256 = tuple(hashlib.sha256(data).hexdigest() for data in CONTENTS.values())
MD5 = tuple(hashlib.md5(data).hexdigest() for data in GZIPPED.values())


def put(folder, files=mnist.FILES, suffix=".gz", contents=GZIPPED):
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / f"{file}{suffix}").write_bytes(contents[file])
    return folder


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Empty places to look in, and a small set in place of the published fashion-mnist."""
    monkeypatch.setattr(mnist, "DEBIAN_FOLDER", tmp_path / "debian")
    monkeypatch.setattr(mnist, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("ROSENBLATT_DATA", raising=False)
    small = dataclasses.replace(
        mnist.PUBLICATIONS["fashion-mnist"],
        address="http://127.0.0.1:9",  # the discard port, where nothing answers
        content_sha256=SHA256,
        gzip_md5=MD5,
    )
    monkeypatch.setitem(mnist.PUBLICATIONS, "fashion-mnist", small)
    return tmp_path


@pytest.fixture
def user_folder(places, monkeypatch):
    monkeypatch.setenv("ROSENBLATT_DATA", str(places / "user"))
    return places / "user"


@pytest.fixture
def server(places, monkeypatch):
    """A web server on this machine that has what a test puts into the folder."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    folder = places / "web"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=folder)) as web:
        address = f"http://127.0.0.1:{web.server_port}"
        published = dataclasses.replace(mnist.PUBLICATIONS["fashion-mnist"], address=address)
        monkeypatch.setitem(mnist.PUBLICATIONS, "fashion-mnist", published)
        thread = threading.Thread(target=web.serve_forever, args=(0.02,))
        thread.start()
        yield folder
        web.shutdown()
        thread.join()


def check(dataset):
    for flat, images in ((dataset.X, ARRAYS[0]), (dataset.X_test, ARRAYS[2])):
        np.testing.assert_allclose(flat, images.reshape(len(images), 20) / 255, rtol=1e-6)
        assert flat.dtype == np.float32
    np.testing.assert_array_equal(dataset.y, ARRAYS[1])
    np.testing.assert_array_equal(dataset.y_test, ARRAYS[3])
    assert dataset.image_shape == (5, 4, 1)


@pytest.mark.parametrize("place", ["user/fashion-mnist", "user", "cache/fashion-mnist", "debian/fashion-mnist"])
@pytest.mark.parametrize(("suffix", "contents"), [(".gz", GZIPPED), ("", CONTENTS)], ids=["gzipped", "unpacked"])
def test_each_place_is_looked_in(places, user_folder, place, suffix, contents):
    put(places / place, suffix=suffix, contents=contents)
    dataset = load("fashion-mnist")
    check(dataset)
    assert dataset.source == str(places / place)
    assert dataset.target_names[9] == "Ankle boot"


def test_names_with_a_dot_and_other_compression_are_the_same_files(places):
    folder = places / "cache" / "fashion-mnist"
    folder.mkdir(parents=True)
    for file, data in CONTENTS.items():
        (folder / f"{file.replace('-idx', '.idx')}.gz").write_bytes(gzip.compress(data, 1))
    check(load("fashion-mnist"))


def test_the_users_folder_comes_first(places, user_folder):
    put(places / "debian" / "fashion-mnist")
    put(user_folder / "fashion-mnist")
    assert load("fashion-mnist").source == str(user_folder / "fashion-mnist")


def test_another_set_in_the_users_folder_itself_is_not_taken(places, user_folder, monkeypatch):
    published = mnist.PUBLICATIONS["mnist"]
    monkeypatch.setitem(mnist.PUBLICATIONS, "mnist", dataclasses.replace(published, content_sha256=SHA256))
    digits = dataclasses.replace(mnist.PUBLICATIONS["fashion-mnist"], content_sha256=("0",) * 4)
    monkeypatch.setitem(mnist.PUBLICATIONS, "fashion-mnist", digits)
    put(user_folder)
    assert load("mnist").source == str(user_folder)
    with pytest.raises(FileNotFoundError, match=r"\$ROSENBLATT_DATA \(.*user holds another set\)"):
        load("fashion-mnist")


def test_a_file_with_another_content_is_refused(places):
    folder = put(places / "cache" / "fashion-mnist")
    (folder / f"{mnist.FILES[0]}.gz").write_bytes(gzip.compress(content(ARRAYS[0] // 2)))
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is a sound IDX file, but its content is not"):
        load("fashion-mnist")


def test_a_truncated_file_is_named(places):
    folder = put(places / "cache" / "fashion-mnist")
    (folder / f"{mnist.FILES[2]}.gz").write_bytes(GZIPPED[mnist.FILES[2]][:-20])
    with pytest.raises(ValueError, match=r"t10k-images-idx3-ubyte\.gz is truncated or damaged"):
        load("fashion-mnist")


def test_fetched_once_into_the_cache(places, server):
    put(server)
    check(load("fashion-mnist"))
    for path in server.iterdir():
        path.unlink()
    dataset = load("fashion-mnist")
    check(dataset)
    assert dataset.source == str(places / "cache" / "fashion-mnist")


def test_only_what_the_cache_lacks_is_fetched(places, server):
    put(places / "cache" / "fashion-mnist", mnist.FILES[:3])
    put(server, mnist.FILES[3:])
    check(load("fashion-mnist"))


def test_what_came_is_checked(places, server):
    put(server, contents=dict.fromkeys(mnist.FILES, b"<html>Please log in</html>"))
    with pytest.raises(ValueError, match=r"What came from http.*is not the published file .*a proxy or a login page"):
        load("fashion-mnist")
    assert not [path for path in (places / "cache").rglob("*") if path.is_file()]


def test_a_server_without_the_file(server):
    with pytest.raises(FileNotFoundError, match=r"could not be fetched.*404"):
        load("fashion-mnist")


def test_without_a_network_every_way_is_named(places, user_folder):
    put(user_folder / "fashion-mnist", mnist.FILES[1:])
    with pytest.raises(FileNotFoundError) as caught:
        load("fashion-mnist")
    text = str(caught.value)
    assert "fashion-mnist is not on this machine, and http://127.0.0.1:9/train-images-idx3-ubyte.gz could not" in text
    assert f"$ROSENBLATT_DATA/fashion-mnist ({user_folder}/fashion-mnist lacks train-images-idx3-ubyte)" in text
    assert f"Debian's package ({places}/debian/fashion-mnist does not exist)" in text
    assert "apt install dataset-fashion-mnist" in text
    assert "put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels" in text
    assert f"into {user_folder}/fashion-mnist." in text


def test_without_pooch_the_extra_is_named(monkeypatch, places):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r"fetching mnist needs pooch.*pip install 'rosenblatt\[data\]'") as caught:
        load("mnist")
    assert f"into {places}/cache/mnist, or into a folder mnist in a folder that the variable ROSENBLATT_DATA" in str(
        caught.value
    )
    assert "apt install" not in str(caught.value)


def test_a_cache_that_cannot_be_written(places):
    (places / "cache").write_text("a file where a folder is needed")
    with pytest.raises(FileNotFoundError, match=r"could not be fetched into .*cache/fashion-mnist"):
        load("fashion-mnist")


def test_a_folder_of_the_four_files_by_its_path(places):
    dataset = load(put(places / "kuzushiji"))
    check(dataset)
    assert (dataset.name, dataset.target_names) == ("kuzushiji", ("0", "1", "2"))
    with pytest.raises(ValueError, match=r"image_shape=.* cannot be used: the files of .* give their own shape"):
        load(places / "kuzushiji", image_shape=(5, 4))


def test_a_folder_that_lacks_some_of_the_four_files(places):
    with pytest.raises(
        FileNotFoundError, match=r"lacks t10k-labels-idx1-ubyte .each with or without .gz.; put them there"
    ):
        load(put(places / "part", mnist.FILES[:3]))


def test_files_under_exchanged_names(places):
    swapped = dict(zip(mnist.FILES, [CONTENTS[mnist.FILES[k]] for k in (1, 0, 3, 2)], strict=True))
    with pytest.raises(ValueError, match=r"have 1, 3, 1 and 3 axes; images need 3 \(number, height, width\)"):
        load(put(places / "swapped", suffix="", contents=swapped))


def test_the_cache_is_in_the_users_cache_folder(monkeypatch):
    monkeypatch.undo()
    assert mnist.cache_folder().parts[-1] == "data"
    assert "rosenblatt" in mnist.cache_folder().parts


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_fashion_mnist_of_debian(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("ROSENBLATT_DATA", str(DEBIAN.parent))
    dataset = load("fashion-mnist")
    assert dataset.X.shape == (60_000, 784)
    assert dataset.X_test.shape == (10_000, 784)
    assert np.bincount(dataset.y).tolist() == [6000] * 10
    assert np.bincount(dataset.y_test).tolist() == [1000] * 10
    assert round(float(dataset.X.mean(dtype=np.float64)), 4) == 0.2860  # the mean that is commonly subtracted
    assert round(float(dataset.X.std(dtype=np.float64)), 4) == 0.3530
