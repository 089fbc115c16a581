"""The file is read back with the csv module and with pandas, and cut as a kill would cut it."""

import csv
import math

import numpy as np
import pandas as pd
import pytest

from rosenblatt.runs.run_history import HistoryFile


@pytest.fixture
def history(tmp_path) -> HistoryFile:
    return HistoryFile(tmp_path / "history.csv")


def test_each_row_is_on_the_disk_at_once_under_one_heading(history):
    history.append({"epoch": 1, "risk": 0.5})
    assert history.path.read_text() == "epoch,risk\n1,0.5\n"
    history.append({"risk": 0.25, "epoch": 2})
    assert history.path.read_text() == "epoch,risk\n1,0.5\n2,0.25\n"


def test_numbers_come_back_with_the_same_bits(history):
    values = [1 / 3, -0.0, 1e-300, 2.0**60, math.inf, -math.inf, math.nan, np.float32(0.1), np.int64(7), True, None]
    for value in values:
        history.append({"x": value, "y": 0})
    expected = np.array([math.nan if value is None else float(value) for value in values])
    assert history.read()["x"].tobytes() == expected.tobytes()
    with history.path.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(values)
    # 1e-15: the parser of pandas may be off by the last bit.
    np.testing.assert_allclose(pd.read_csv(history.path)["x"], expected, rtol=1e-15)


def test_columns_have_any_name(history):
    history.append({'a, "b"': 1.0})
    assert list(history.read()) == ['a, "b"']


def test_without_a_file_the_history_is_empty(history):
    assert history.read() == {}
    history.truncate(3)
    assert not history.path.exists()


def test_another_process_goes_on_without_a_second_heading(history):
    history.append({"epoch": 1, "risk": 0.5})
    HistoryFile(history.path).append({"epoch": 2})
    np.testing.assert_array_equal(history.read()["risk"], [0.5, math.nan])
    assert history.path.read_text().count("epoch") == 1


@pytest.mark.parametrize("torn", ["2,0.2", "2", '"'])
def test_a_line_that_a_kill_cut_short_is_no_row_and_is_replaced(history, torn):
    history.path.write_text("epoch,risk\n1,0.5\n" + torn)
    assert history.read()["epoch"].tolist() == [1]
    HistoryFile(history.path).append({"epoch": 2, "risk": 0.25})
    assert history.path.read_text() == "epoch,risk\n1,0.5\n2,0.25\n"


def test_a_heading_that_a_kill_cut_short_is_replaced(history):
    history.path.write_text("epo")
    assert history.read() == {}
    history.append({"epoch": 1})
    assert history.path.read_text() == "epoch\n1\n"


def test_truncation_keeps_the_first_rows_as_they_were(history):
    for epoch in range(1, 6):
        history.append({"epoch": epoch, "risk": None})
    history.truncate(3)
    assert history.path.read_text() == "epoch,risk\n1,\n2,\n3,\n"
    history.truncate(9)
    assert history.read()["epoch"].tolist() == [1, 2, 3]
    history.truncate(0)
    assert {name: len(column) for name, column in history.read().items()} == {"epoch": 0, "risk": 0}
    with pytest.raises(ValueError, match=r"got n_rows=-1; give the number of rows to keep"):
        history.truncate(-1)


def test_a_new_column_comes_too_late(history):
    history.append({"epoch": 1})
    with pytest.raises(
        ValueError, match=r"the row has risk, and the columns of .*history.csv are epoch; give the first"
    ):
        history.append({"epoch": 2, "risk": 0.5})


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("0.5", r"risk is '0.5', and the history takes numbers only; put texts into the results"),
        (np.zeros(2), r"risk is of type ndarray, and the history takes one number a cell; reduce it first"),
        ([1.0], r"risk is of type list, .*reduce it first"),
    ],
)
def test_what_is_no_number_is_refused(history, value, problem):
    with pytest.raises(TypeError, match=problem):
        history.append({"risk": value})
    assert not history.path.exists()


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "epoch,risk\n1,0.5\n2\n",
            r"history.csv, line 3: it has 1 cells and the heading 2; remove the line, or restore",
        ),
        ("epoch,risk\n1,half\n", r"history.csv, line 2: could not convert string to float: 'half'; remove the line"),
        ("epoch,risk\n\n1,0.5\n", r"history.csv, line 2: it has 0 cells"),
    ],
)
def test_a_damaged_line_is_named(history, lines, problem):
    history.path.write_text(lines)
    with pytest.raises(ValueError, match=problem):
        history.read()
    with pytest.raises(ValueError, match=problem):
        history.append({"epoch": 3, "risk": 0})


def test_a_folder_that_is_gone_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot write .*history.csv: No such file .*; choose another folder"):
        HistoryFile(tmp_path / "gone" / "history.csv").append({"epoch": 1})
