"""Saved models: the same bits after loading, no code inside, and clear words about every damage."""

import json
import zipfile

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.datasets import make_classification, make_regression
from sklearn.exceptions import NotFittedError

from rosenblatt import McCullochPittsNeuron, MLPClassifier, MLPRegressor, ModelFileError, Perceptron, load, save

X, Y = make_classification(80, 6, n_informative=4, n_classes=3, random_state=0)


def classifier(**fields):
    return MLPClassifier(**({"hidden_layer_sizes": (8,), "max_epochs": 2, "random_state": 0} | fields))


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(X, np.array(["a", "b", "c"])[Y])


@pytest.fixture(params=["model", "model.zip"])
def saved(request, fitted, tmp_path):
    return save(fitted, tmp_path / request.param)


def test_loaded_predicts_the_same_bits(saved, fitted):
    loaded = load(saved)
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))
    assert loaded.get_params() == fitted.get_params()
    assert loaded.n_parameters_ == fitted.n_parameters_
    assert loaded.history_.rows == fitted.history_.rows
    loaded.partial_fit(X, loaded.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "make",
    [
        lambda: Perceptron(max_epochs=2, random_state=0).fit(X, Y),
        lambda: MLPRegressor(max_epochs=1, loss="poisson").fit(X, Y),
        lambda: MLPRegressor(max_epochs=1, hidden_layer_sizes=()).fit(*make_regression(30, 4, n_targets=2)),
        lambda: classifier().fit(X, np.eye(3, dtype=int)[Y]),
        lambda: classifier(
            hidden_layer_sizes=[4, 3], activation=("tanh", "elu"), class_weight={0: 1.0, 1: 2.0, 2: 1.0}
        ).fit(X, Y),
        lambda: classifier(random_state=np.random.RandomState(0)).fit(X, np.array(["x", "y"], object)[Y % 2]),
        lambda: classifier().fit(np.random.default_rng(0).random((20, 4, 4)), np.arange(20) % 2),
    ],
)
def test_every_kind_of_estimator(make, tmp_path):
    model = make()
    loaded = load(save(model, tmp_path / "m.zip"))
    rows = np.random.default_rng(1).normal(size=(9, model.n_features_in_))
    np.testing.assert_array_equal(loaded.predict(rows), model.predict(rows))
    assert loaded.image_shape_ == model.image_shape_


def test_column_names_are_kept(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    loaded = load(save(classifier().fit(frame, Y), tmp_path / "m"))
    assert loaded.feature_names_in_.tolist() == list("abcdef")
    with pytest.raises(ValueError, match="feature names should match"):
        loaded.predict(frame.rename(columns={"a": "z"}))


def test_a_neuron_without_weights(tmp_path):
    assert load(save(McCullochPittsNeuron.and_gate(3), tmp_path / "m")).threshold == 2.0


def test_functions_are_passed_again(tmp_path):
    model = classifier(activation=jnp.sin, optimizer=optax.adam(0.01)).fit(X, Y)
    path = save(model, tmp_path / "m")
    with pytest.raises(ModelFileError, match=r"files do not carry; pass them: load\(path, activation=sin, optimizer="):
        load(path)
    loaded = load(path, activation=jnp.sin, optimizer="adam")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_the_same_model_is_the_same_file_and_replaces_an_older_one(fitted, tmp_path):
    first = save(fitted, tmp_path / "a.zip").read_bytes()
    assert save(fitted, tmp_path / "b.zip").read_bytes() == first
    save(classifier(max_epochs=1).fit(X, Y), tmp_path / "m")
    save(fitted, tmp_path / "m")
    assert load(tmp_path / "m").max_epochs == 2


def test_something_else_is_not_overwritten(fitted, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is a folder that is not empty"):
        save(fitted, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_unfitted(tmp_path):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        save(classifier(), tmp_path / "m")


def edit(path, change):
    config = json.loads((path / "config.json").read_text())
    change(config)
    (path / "config.json").write_text(json.dumps(config))


class TestDamage:
    @pytest.fixture
    def folder(self, fitted, tmp_path):
        return save(fitted, tmp_path / "model")

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            (lambda c: c.update(format=9), "has model format 9, written by rosenblatt .*install a newer one"),
            (lambda c: c.update({"class": "Popen"}), "holds a 'Popen'; this version knows Autoencoder, ConvClassifier"),
            (lambda c: c["fields"].update(wings=2), "MLPClassifier has no fields wings; was it edited"),
            (lambda c: c["fields"].update(dropout=7), "edited or damaged: .*dropout=7: it should be less than 1"),
            (
                lambda c: c["fields"].update(hidden_layer_sizes=[9]),
                r"arrays do not fit its config \(model.layers.0.bias is",
            ),
            (lambda c: c["fields"].update(hidden_layer_sizes=[8, 8]), "model.layers.2.bias is missing"),
            (lambda c: c.pop("fitted"), "is damaged: KeyError 'fitted'"),
            (lambda c: c["fitted"].update(fit=1), "fit is no fitted attribute"),
            (lambda c: c.pop("format"), "is not that of a model of rosenblatt"),
        ],
    )
    def test_hand_edited_config(self, folder, change, text):
        edit(folder, change)
        with pytest.raises(ModelFileError, match=text):
            load(folder)

    def test_text_that_is_no_json(self, folder):
        (folder / "config.json").write_text('{"format": 1,')
        with pytest.raises(ModelFileError, match=r"config.json is damaged \(.*line 1"):
            load(folder)

    @pytest.mark.parametrize("cut", [0, 4, 100, -3])
    def test_cut_arrays(self, folder, cut):
        path = folder / "model.safetensors"
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(ModelFileError, match="is damaged: SafetensorError.*save the model again"):
            load(folder)

    def test_missing_parts(self, folder, tmp_path):
        (folder / "model.safetensors").unlink()
        with pytest.raises(ModelFileError, match="is no saved model: it has no model.safetensors"):
            load(folder)
        with pytest.raises(FileNotFoundError, match="there is no model at"):
            load(tmp_path / "nowhere")

    def test_a_zip_that_climbs_out(self, fitted, tmp_path):
        path = save(fitted, tmp_path / "m.zip")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("../../evil.py", "print('hello')")
        with pytest.raises(ModelFileError, match=r"must hold config.json and model.safetensors and nothing else.*evil"):
            load(path)
        assert not list(tmp_path.parent.glob("**/evil.py"))

    def test_not_a_zip(self, tmp_path):
        (tmp_path / "m.zip").write_bytes(b"PK nonsense")
        with pytest.raises(ModelFileError, match="is no zip, or a damaged one"):
            load(tmp_path / "m.zip")

    def test_a_folder_that_cannot_be_written(self, fitted, tmp_path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(OSError, match="is a file where a folder is needed"):
            save(fitted, tmp_path / "file" / "m")
