import numpy as np
import pytest

from rosenblatt.data.dataset import Dataset
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import save
from rosenblatt.runs.rows import Split, dataset_fingerprint
from rosenblatt.runs.trained import Trained

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
SET = Dataset("set", X, (X[:, 0] > 0).astype(int), target_names=("down", "up"))


@pytest.fixture(scope="module")
def estimator():
    rows = Split.of(SET, 0.5)
    return MLPClassifier(hidden_layer_sizes=2, max_epochs=1, random_state=0).fit(rows.X, rows.y)


@pytest.fixture
def begun(tmp_path):
    """A function that makes the run of the estimator, with how its data were read."""

    def begin(reading: object) -> RunFolder:
        fingerprint = dataset_fingerprint(SET)
        return RunFolder.create(
            tmp_path / "run", estimator="MLPClassifier", fields={"data": reading}, data_fingerprint=fingerprint
        )

    return begin


def test_a_run_and_a_model_alone_are_opened(estimator, begun):
    folder = begun({})
    save(estimator, folder.model)
    assert np.array_equal(Trained.open(folder.path).estimator.predict(X), estimator.predict(X))
    assert Trained.open(folder.path).folder is not None
    assert Trained.open(folder.model).folder is None


def test_a_run_without_a_model_is_refused(begun):
    folder = begun({})
    folder.finish("failed")
    with pytest.raises(FileNotFoundError, match=r"the run in .* \(failed\) has no model"):
        Trained.open(folder.path)


def test_the_parts_are_those_of_the_fit(estimator, begun):
    trained, rows = Trained(estimator, begun({"test_size": 0.5})), Split.of(SET, 0.5)
    for part, expected_X, expected_y in (("train", rows.X, rows.y), ("test", rows.X_test, rows.y_test)):
        part_X, part_y = trained.part(SET, part)
        assert np.array_equal(part_X, expected_X)
        assert np.array_equal(part_y, expected_y)
    all_X, all_y = trained.part(SET, "all")
    assert np.array_equal(all_X, X)
    assert all_y.tolist() == np.where(X[:, 0] > 0, "up", "down").tolist()


def test_all_rows_are_the_official_parts_together(estimator):
    dataset = Dataset("set", X, SET.y, X_test=X[:3], y_test=SET.y[:3])
    part_X, part_y = Trained(estimator).part(dataset, "all")
    assert len(part_X) == len(part_y) == 43
    assert Trained(estimator).part(dataset, "test")[0].shape == (3, 2)


def test_the_fair_part_is_what_the_fit_did_not_see(estimator, begun):
    trained = Trained(estimator, begun({"test_size": 0.5}))
    assert trained.fair_part(SET) == "test"
    assert trained.fair_part(Dataset("set", X + 1, SET.y)) == "all"
    assert trained.fair_part(Dataset("set", X + 1, SET.y, X_test=X, y_test=SET.y)) == "test"
    assert Trained(estimator).fair_part(SET) == "all"


def test_a_fit_that_held_nothing_out_has_no_fair_part(estimator, begun):
    trained = Trained(estimator, begun({"test_size": 0}))
    assert trained.fair_part(SET) == "all"
    assert len(trained.part(SET, "train")[0]) == 40
    with pytest.raises(ValueError, match=r"the fit held no rows out \(test_size 0\), so there is no test part"):
        trained.part(SET, "test")


def test_a_run_of_another_program_need_not_say_how_its_data_were_read(estimator, begun):
    trained = Trained(estimator, begun("a sentence"))
    assert trained.fair_part(SET) == "test"
    assert len(trained.part(SET, "test")[0]) == 10
