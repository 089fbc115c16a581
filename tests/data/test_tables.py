"""CSV, TSV and Parquet: what is read, and what is said about a table that cannot be."""

import gzip
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from rosenblatt.data import SkippedDataWarning, load


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_text


@pytest.fixture
def iris():
    table = load_iris(as_frame=True).frame
    return table.assign(target=table.target.map(dict(enumerate(["setosa", "versicolor", "virginica"]))))


@pytest.mark.parametrize("name", ["iris.csv", "iris.CSV", "iris.tsv", "iris.csv.gz", "iris.tsv.gz", "iris.parquet"])
def test_iris_in_every_format(tmp_path, iris, name):
    path = tmp_path / name
    if name.endswith("parquet"):
        iris.to_parquet(path)
    else:
        text = iris.to_csv(index=False, sep="\t" if "tsv" in name else ",")
        path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    dataset = load(path, target="target")
    np.testing.assert_array_equal(dataset.X, load_iris().data)
    np.testing.assert_array_equal(dataset.y, iris.target.to_numpy(dtype=str))
    assert dataset.feature_names == tuple(load_iris().feature_names)
    assert (dataset.name, dataset.X.dtype, dataset.y.dtype.kind) == ("iris", np.float64, "U")
    assert dataset.source == str(path)


def test_without_target_all_columns_are_features(write):
    dataset = load(write("a,b\n1,2\n3,4\n"))
    assert dataset.y is None
    assert dataset.X.tolist() == [[1, 2], [3, 4]]


def test_target_may_stand_anywhere(write):
    dataset = load(write("a,b,c\n1,0,2\n3,1,4\n"), target="b")
    assert dataset.X.tolist() == [[1, 2], [3, 4]]
    assert dataset.feature_names == ("a", "c")


@pytest.mark.parametrize(
    ("values", "expected", "kind"),
    [
        (["1", "2"], [1, 2], "i"),
        (["1.5", "2"], [1.5, 2], "f"),
        (["True", "False"], [True, False], "b"),
        (["dog", "cat"], ["dog", "cat"], "U"),
    ],
)
def test_targets_keep_their_kind(write, values, expected, kind):
    y = load(write(f"a,t\n1,{values[0]}\n2,{values[1]}\n"), target="t").y
    assert (y.tolist(), y.dtype.kind) == (expected, kind)


@pytest.mark.parametrize(
    ("column", "expected", "kind"),
    [
        (pd.Categorical(["b", "a"]), ["b", "a"], "U"),
        (pd.Categorical([7, 3]), [7, 3], "i"),
        (pd.array([1, 2], dtype="Int64"), [1, 2], "i"),
        (pd.array([True, False], dtype="boolean"), [True, False], "b"),
        (pd.array(["x", "y"], dtype="string"), ["x", "y"], "U"),
        (np.array([1, 2], dtype=np.float32), [1, 2], "f"),
    ],
)
def test_targets_of_parquet_types(tmp_path, column, expected, kind):
    pd.DataFrame({"a": pd.array([1, 2], dtype="Int32"), "t": column}).to_parquet(tmp_path / "a.parquet")
    dataset = load(tmp_path / "a.parquet", target="t")
    assert (dataset.y.tolist(), dataset.y.dtype.kind) == (expected, kind)
    assert dataset.X.tolist() == [[1], [2]]


def test_semicolons_separate_too(write):
    dataset = load(write("a;b;quality\n1.5;2;5\n2.5;3;6\n"), target="quality")
    assert dataset.X.tolist() == [[1.5, 2], [2.5, 3]]


def test_rows_of_pixels_with_image_shape(write):
    path = write("label,p0,p1,p2,p3\n7,0,1,2,3\n1,4,5,6,7\n")
    assert load(path, target="label", image_shape=(2, 2)).image_shape == (2, 2, 1)
    with pytest.raises(ValueError, match=r"image_shape=\(3, 3\) needs 9 values a row, and a row has 4"):
        load(path, target="label", image_shape=(3, 3))


def test_an_index_saved_by_pandas_is_no_feature(tmp_path, iris):
    path = tmp_path / "iris.csv"
    iris.to_csv(path)
    with pytest.warns(SkippedDataWarning, match="its first column has no name and only counts the rows") as caught:
        dataset = load(path, target="target")
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(dataset.X, load_iris().data)
    assert dataset.skipped[0][0] == path
    with pytest.raises(ValueError, match="only counts the rows"):
        load(path, target="target", strict=True)


@pytest.mark.parametrize("text", [",a\n1.5,2\n2.5,3\n", "id,a\n0,2\n1,3\n", ",a\n0,2\n2,3\n"])
def test_other_first_columns_stay(write, text):
    assert load(write(text)).X.shape == (2, 2)


def test_missing_target_suggests_the_nearest(write):
    path = write("length,width,species\n1,2,a\n")
    with pytest.raises(
        ValueError, match=r"no column 'Spieces'. Did you mean 'species'\? It has 'length', 'width', 'sp"
    ):
        load(path, target="Spieces")


def test_missing_header_is_recognized(write):
    with pytest.raises(ValueError, match=r"It has '5.1', '3.5', 'setosa'. These look like values: put a header line"):
        load(write("5.1,3.5,setosa\n4.9,3.0,setosa\n"), target="species")


def test_only_the_target(write):
    with pytest.raises(ValueError, match="has no column besides the target 'a'"):
        load(write("a\n1\n"), target="a")


def test_columns_that_are_not_numbers_are_named_with_what_to_do(write):
    path = write("age,city,sex,out\n1,Rome,m,0\n2,Oslo,f,1\n")
    with pytest.raises(ValueError, match=r"not numbers: 'city' .such as 'Rome', 'Oslo'., 'sex' ") as caught:
        load(path, target="out")
    assert "pandas.get_dummies(pandas.read_csv('table.csv'), columns=['city', 'sex'])" in str(caught.value)
    assert ".drop(columns=['city', 'sex'])" in str(caught.value)
    assert "target=" not in str(caught.value)
    with pytest.raises(ValueError, match="If 'sex' is what to predict, give target='sex'"):
        load(path)


def test_the_remedy_in_the_text_works(tmp_path, write):
    table = pd.get_dummies(pd.read_csv(write("age,city,out\n1,Rome,0\n2,Oslo,1\n")), columns=["city"])
    table.to_csv(tmp_path / "fixed.csv", index=False)
    dataset = load(tmp_path / "fixed.csv", target="out")
    assert dataset.feature_names == ("age", "city_Oslo", "city_Rome")
    assert dataset.X.tolist() == [[1, 0, 1], [2, 1, 0]]


def test_a_mark_among_numbers_is_shown(write):
    with pytest.raises(ValueError, match=r"'power' \('\?' among numbers\).*read_csv has na_values"):
        load(write("power,out\n130,1\n?,0\n150,1\n"), target="out")


def test_missing_values_are_counted_by_column(write):
    with pytest.raises(ValueError, match=r"missing values in 'a' \(2 of 3\), 'c' \(1 of 3\). Fill them"):
        load(write("a,b,c\n,1,2\n,3,\n5,6,7\n"))
    with pytest.raises(ValueError, match=r"the target 'a' is missing in 2 of 3 rows. Drop these rows"):
        load(write("a,b\n,1\n,3\n5,6\n"), target="a")


def test_target_of_dates(tmp_path):
    pd.DataFrame({"a": [1], "day": pd.to_datetime(["2020-01-01"])}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"the target 'day' holds datetime64.*numbers, booleans or text are needed"):
        load(tmp_path / "a.parquet", target="day")


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.csv", "a,b,c\n", r"has 3 columns \(a, b, c\) but no rows; rows are needed"),
        ("a.csv", "", "cannot be read: No columns to parse from file. A table with one header line"),
        ("a.csv", "a,b\n1,2\n1,2,3,4\n", "cannot be read: .*Expected 2 fields in line 3, saw 4"),
        ("a.csv", "a,b\n1,é\n".encode("latin-1"), "is not UTF-8 text .* encoding='latin-1'"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:20], "cannot be read: Compressed file ended"),
        ("a.csv.gz", "a,b\n1,2\n", "cannot be read: Not a gzipped file"),
        ("a.parquet", "a,b\n1,2\n", "cannot be read: .* A Parquet file is needed"),
        ("a.parquet", "", "cannot be read: .* A Parquet file is needed"),
        ("a.xlsx", "", r"a kind that is not read \(.xlsx\). Tables are .csv, .tsv and .parquet"),
        ("a.npz.gz", "", r"a kind that is not read \(.gz\)"),
        ("a", "", r"a kind that is not read \(no extension\)"),
        ("a.png", "", "for images give the folder that they are in"),
    ],
)
def test_files_that_are_no_table(write, name, content, text):
    with pytest.raises(ValueError, match=text):
        load(write(content, name))


def test_truncated_parquet(tmp_path, iris):
    path = tmp_path / "a.parquet"
    iris.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match=r"a.parquet cannot be read: .* A Parquet file is needed"):
        load(path)


@pytest.mark.parametrize(("library", "name"), [("pandas", "a.csv"), ("pyarrow", "a.parquet")])
def test_a_library_that_is_not_installed(monkeypatch, write, library, name):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        ImportError, match=rf"reading the table {name} needs {library}.* pip install 'rosenblatt\[data\]'"
    ):
        load(write("a,b\n1,2\n", name))
