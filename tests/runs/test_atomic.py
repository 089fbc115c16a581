"""The file system's own errors are the oracle, provoked by a file where a folder belongs, /proc, or a failing call."""

import errno
import os
from pathlib import Path

import pytest

from rosenblatt.runs.atomic import PARTIAL_PREFIX, atomic_path, explain_write_errors, write_atomic


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize(("data", "expected"), [(b"\x00\xff", b"\x00\xff"), ("ä\r\n", b"\xc3\xa4\r\n"), ("", b"")])
def test_the_content_is_written_byte_for_byte_and_nothing_else_is_left(tmp_path, data, expected):
    write_atomic(tmp_path / "file", data)
    assert (tmp_path / "file").read_bytes() == expected
    assert names(tmp_path) == ["file"]


def test_missing_folders_are_made_and_a_file_is_replaced(tmp_path):
    write_atomic(tmp_path / "a" / "b" / "file", "old")
    write_atomic(str(tmp_path / "a" / "b" / "file"), "new")
    assert (tmp_path / "a" / "b" / "file").read_text() == "new"


def test_permissions_are_those_of_an_ordinary_new_file(tmp_path):
    (tmp_path / "ordinary").write_text("")
    write_atomic(tmp_path / "atomic", "")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_atomic(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_reader_sees_the_old_content_until_the_end(tmp_path):
    (tmp_path / "file").write_text("old")
    with atomic_path(tmp_path / "file") as partial:
        assert partial.parent == tmp_path
        partial.write_text("new")
        assert (tmp_path / "file").read_text() == "old"
    assert (tmp_path / "file").read_text() == "new"


def test_the_temporary_name_keeps_the_suffix_that_libraries_look_at(tmp_path):
    with atomic_path(tmp_path / "model.zip") as partial:
        assert partial.suffix == ".zip"
        assert partial.name.startswith(PARTIAL_PREFIX)
        partial.write_bytes(b"")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_body_that_raises_leaves_the_old_content_and_no_temporary_file(tmp_path, error):
    (tmp_path / "file").write_text("old")

    def write_half():
        with atomic_path(tmp_path / "file") as partial:
            partial.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_replacement_that_fails_leaves_the_old_content(tmp_path, monkeypatch):
    def fail(source, target):
        raise OSError(errno.EIO, "Input/output error", source)

    (tmp_path / "file").write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"cannot write .*file: .*Input/output error"):
        write_atomic(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


def make_folder(path: Path, text: str) -> None:
    (path / "sub").mkdir(parents=True)
    (path / "sub" / "file").write_text(text)


def test_a_whole_folder_appears_at_once(tmp_path):
    with atomic_path(tmp_path / "folder") as partial:
        make_folder(partial, "content")
        assert not (tmp_path / "folder").exists()
    assert (tmp_path / "folder" / "sub" / "file").read_text() == "content"
    assert names(tmp_path) == ["folder"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "folder").mkdir()
    with atomic_path(tmp_path / "folder") as partial:
        make_folder(partial, "content")
    assert (tmp_path / "folder" / "sub" / "file").read_text() == "content"


def test_a_folder_with_content_is_replaced_only_when_asked(tmp_path):
    make_folder(tmp_path / "folder", "old")
    (tmp_path / "folder" / "extra").write_text("")
    with (
        pytest.raises(FileExistsError, match=r"folder that is not empty; choose another name"),
        atomic_path(tmp_path / "folder") as partial,
    ):
        pytest.fail(f"the body ran with {partial}")
    with atomic_path(tmp_path / "folder", overwrite=True) as partial:
        make_folder(partial, "new")
    assert names(tmp_path / "folder") == ["sub"]
    assert (tmp_path / "folder" / "sub" / "file").read_text() == "new"
    assert names(tmp_path) == ["folder"]


def test_a_folder_comes_back_if_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    make_folder(tmp_path / "folder", "old")
    real, calls = os.replace, []

    def fail_second(source, target):
        calls.append(source)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error", source)
        real(source, target)

    monkeypatch.setattr(os, "replace", fail_second)
    with (
        pytest.raises(OSError, match="Input/output error"),
        atomic_path(tmp_path / "folder", overwrite=True) as partial,
    ):
        make_folder(partial, "new")
    assert (tmp_path / "folder" / "sub" / "file").read_text() == "old"
    assert names(tmp_path) == ["folder"]


def test_a_body_that_makes_nothing_is_told(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"nothing was written to .*; make a file or a folder of that name"),
        atomic_path(tmp_path / "file"),
    ):
        pass


@pytest.mark.parametrize("below", ["file", "deeper/file"])
def test_a_file_where_a_folder_is_needed_is_named(tmp_path, below):
    (tmp_path / "blocker").write_text("")
    with pytest.raises(
        OSError, match=r"cannot write .*: \S*blocker is a file where a folder is needed; choose another"
    ):
        write_atomic(tmp_path / "blocker" / below, "x")


def test_a_folder_where_a_file_is_wanted(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"it is a folder; give the name of a file in it"):
        write_atomic(tmp_path, "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match=r"it is a folder; give the name of a file in it"):
        write_atomic(tmp_path / "folder", "x")
    assert names(tmp_path) == ["folder"]


def test_a_file_where_a_folder_is_wanted(tmp_path):
    (tmp_path / "model").write_text("mine")
    with (
        pytest.raises(NotADirectoryError, match=r"it is a file, and a folder is needed; choose another path"),
        atomic_path(tmp_path / "model") as partial,
    ):
        make_folder(partial, "x")
    assert (tmp_path / "model").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs the /proc of Linux")
def test_a_file_system_that_takes_no_files():
    with pytest.raises(OSError, match=r"cannot write /proc/nowhere/file: .* in /proc/nowhere; choose another folder"):
        write_atomic("/proc/nowhere/file", "x")


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs devices")
def test_a_device_is_not_replaced_by_a_file():
    with pytest.raises(FileExistsError, match=r"/dev/null: it is a device or a pipe"):
        write_atomic("/dev/null", "x")


@pytest.mark.parametrize(
    ("number", "kind", "advice"),
    [
        (errno.EACCES, PermissionError, r"no permission to write in .*; choose a folder of your own"),
        (errno.EROFS, OSError, r"is read-only; choose a folder on another disk"),
        (errno.ENOSPC, OSError, r"is full; free some space, or choose another disk"),
    ],
)
def test_what_root_is_never_refused(tmp_path, monkeypatch, number, kind, advice):
    def refuse(self, data):
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(kind, match=rf"cannot write {tmp_path / 'file'}: .*{advice}") as caught:
        write_atomic(tmp_path / "file", "x")
    assert caught.value.errno == number
    assert isinstance(caught.value.__cause__, OSError)


def test_an_error_about_another_file_is_left_as_it_is(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file .*other"), atomic_path(tmp_path / "file"):
        (tmp_path / "other").read_text()


def test_an_error_that_is_explained_already_passes():
    with pytest.raises(FileExistsError, match=r"^explained$"), explain_write_errors("anywhere"):
        raise FileExistsError("explained")
