"""IDX files, written here byte by byte from the published description of the format."""

import gzip
import hashlib
import struct

import numpy as np
import pytest

from rosenblatt.data.idx import read_idx

VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
CONTENT = b"\x00\x00\x08\x03" + struct.pack(">III", 2, 3, 4) + bytes(range(24))


@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT)], ids=["plain", "gzip"])
def test_reads_values_whatever_the_file_is_called(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    values = read_idx(path, hashlib.sha256(CONTENT).hexdigest())
    np.testing.assert_array_equal(values, VALUES)
    assert values.dtype == np.uint8


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (gzip.compress(CONTENT, mtime=0)[:30], "is truncated or damaged: it cannot be decompressed .* get it again"),
        (gzip.compress(CONTENT, mtime=0)[:-9] + b"\x00" * 9, "is truncated or damaged: it cannot be decompressed"),
        (CONTENT[:-5], r"header announces 2 x 3 x 4 = 24 bytes, and 19 follow"),
        (CONTENT + b"\x00", r"= 24 bytes, and 25 follow"),
        (CONTENT[:9], "truncated within its header"),
        (b"", "is not an IDX file of unsigned bytes: it begins with nothing"),
        (b"<html>not found</html>", "it begins with 3c 68 74 6d, and 00 00 08 .* are needed"),
        (b"\x00\x00\x0d\x01" + bytes(8), "it begins with 00 00 0d 01"),
    ],
)
def test_damaged_files_are_named_with_what_is_wrong(tmp_path, content, text):
    path = tmp_path / "labels.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"labels\.gz .*{text}"):
        read_idx(path)


def test_another_content_is_refused(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(CONTENT)
    with pytest.raises(ValueError, match=r"its content is not the published one .* needed is 00"):
        read_idx(path, "00")
