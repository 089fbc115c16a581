"""Reports on learning from few labels, against the same done by hand with scikit-learn."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, pairwise_distances
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from rosenblatt import Autoencoder, MLPClassifier, fine_tune
from rosenblatt.data import load
from rosenblatt.studies import fine_tuning_report, representation_report
from rosenblatt.studies.few_labels import labelled_rows, mean_and_spread

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")


@pytest.fixture(scope="module")
def parts():
    """X, y, X_test, y_test of digits."""
    data = load("digits")
    return data.X[:400], data.y[:400], data.X[400:600], data.y[400:600]


@pytest.fixture(scope="module")
def encoder(parts):
    return Autoencoder(latent_dim=4, hidden_layer_sizes=(16,), learning_rate=0.01, max_epochs=20, random_state=0).fit(
        parts[0]
    )


@pytest.fixture(scope="module")
def report(encoder, parts):
    return representation_report(encoder, *parts, n_labels=(2, 8), n_seeds=2)


@pytest.fixture(scope="module")
def tuned(encoder, parts):
    return fine_tuning_report(encoder, *parts, n_labels=(4, 2), n_seeds=2, max_epochs=4, freeze_epochs=2)


def test_labelled_rows_are_of_every_class_and_the_fewer_are_among_the_more(parts):
    y = parts[1]
    few, more = labelled_rows(y, np.array([2, 8]), seed=0)
    for rows, n in ((few, 2), (more, 8)):
        assert len(set(rows.tolist())) == len(rows)
        assert np.bincount(y[rows]).tolist() == [n] * 10
    assert set(few) < set(more)
    assert set(labelled_rows(y, np.array([2]), seed=1)[0]) != set(few)


def test_accuracies_are_those_of_scikit_learn_on_the_same_rows(report, encoder, parts):
    X, y, X_test, y_test = parts
    pca = PCA(4).fit(X)
    representations = [(X, X_test), (pca.transform(X), pca.transform(X_test))]
    representations.append((encoder.transform(X), encoder.transform(X_test)))
    rows = labelled_rows(y, np.array([2, 8]), seed=1)[1]
    for place, (train, test) in enumerate(representations):
        train_scaled, test_scaled = ((each - train.mean(0)) / train.var(0).mean() ** 0.5 for each in (train, test))
        linear = LogisticRegression(max_iter=5000).fit(train_scaled[rows], y[rows])
        accuracy = linear.score(test_scaled, y_test)
        assert report.accuracies[0, place, 1, 1] == pytest.approx(accuracy, abs=0.01)
        nearest = KNeighborsClassifier(5).fit(train[rows], y[rows])
        assert report.accuracies[2, place, 1, 1] == pytest.approx(nearest.score(test, y_test), abs=0.01)
        distances = pairwise_distances(test, train)
        found = y[np.argsort(distances, axis=1)[:, :10]] == y_test[:, None]
        assert report.precisions[place] == pytest.approx(found.mean(), abs=0.002)
        clusters = KMeans(10, n_init=3, random_state=1).fit(train).predict(test)
        assert report.cluster_scores[place, 1] == pytest.approx(adjusted_rand_score(y_test, clusters), abs=0.02)


def test_a_code_of_the_class_alone_is_perfect_and_a_useless_one_is_chance(parts):
    X, y, X_test, y_test = parts
    marked, marked_test = (np.c_[rows, 20 * np.eye(10)[labels]] for rows, labels in ((X, y), (X_test, y_test)))
    perfect = FunctionTransformer(lambda rows: rows[:, 64:]).fit(marked)
    report = representation_report(perfect, marked, y, marked_test, y_test, n_labels=(1,), n_seeds=1)
    np.testing.assert_array_equal(report.accuracies[:, 2], 1)
    assert report.cluster_scores[2, 0] == report.precisions[2] == 1
    rng = np.random.default_rng(0)
    useless = FunctionTransformer(lambda rows: rng.normal(size=(len(rows), 3))).fit(X)
    report = representation_report(useless, X, y, X_test, y_test, n_labels=(8,), n_seeds=1)
    # Chance is 0.1, with a standard error of 0.02 for 200 rows.
    np.testing.assert_allclose(report.accuracies[:, 2], 0.1, atol=0.12)
    assert abs(report.cluster_scores[2, 0]) < 0.05
    assert report.precisions[2] == pytest.approx(0.1, abs=0.05)


def test_images_of_bytes_are_as_good(report, encoder, parts):
    X, y, X_test, y_test = parts
    images, test_images = (np.round(each * 255).astype(np.uint8).reshape(-1, 8, 8) for each in (X, X_test))
    of_bytes = Autoencoder(**encoder.get_params()).fit(images)
    found = representation_report(of_bytes, images, y, test_images, y_test, n_labels=(2, 8), n_seeds=2)
    np.testing.assert_allclose(found.accuracies[:, :2], report.accuracies[:, :2], atol=0.03)
    np.testing.assert_allclose(found.precisions, report.precisions, atol=0.03)


def test_fine_tuning_is_compared_with_the_same_network_from_scratch(tuned, encoder, parts):
    X, y, X_test, y_test = parts
    assert tuned.n_labels.tolist() == [2, 4]
    rows = labelled_rows(y, np.array([2, 4]), seed=1)[0]
    fields = {"hidden_layer_sizes": (16, 4), "activation": ("relu", "identity"), "max_epochs": 4, "random_state": 1}
    by_hand = [
        fine_tune(encoder, X[rows], y[rows], freeze_epochs=2, max_epochs=4, random_state=1),
        fine_tune(encoder, X[rows], y[rows], freeze_epochs=4, max_epochs=4, random_state=1),
        MLPClassifier(**fields).fit(X[rows], y[rows]),
    ]
    assert tuned.accuracies[:, 0, 1].tolist() == [model.score(X_test, y_test) for model in by_hand]
    assert list(tuned.curves()) == ["fine-tuned", "frozen encoder", "from scratch"]


def test_the_tables_hold_means_and_spreads(report, tuned):
    text = str(report)
    assert "Test accuracy by representation; 400 rows without labels" in text
    assert "linear SVM" in text
    assert "PCA, 4 components" in text
    assert "Autoencoder, 4 numbers" in text
    assert "retrieval: precision at 10" in text
    assert mean_and_spread(report.accuracies[0, 2, 1]) in text
    values = np.array([0.5, 0.7])
    assert mean_and_spread(values) == "0.600 ± 0.141"
    assert mean_and_spread(values[:1]) == "0.500"
    assert "Test accuracy after 4 epochs, 2 of them frozen where fine-tuned" in " ".join(str(tuned).split())
    assert mean_and_spread(tuned.accuracies[2, 1]) in str(tuned)
    assert "<pre>" in tuned._repr_html_()
    assert max(map(len, text.splitlines())) <= 120


def test_mistakes_are_named(encoder, report, parts):
    X, _, X_test, y_test = parts
    with pytest.raises(ValueError, match=r"n_labels=\(500,\) asks for 500 rows of each class, but class \d has \d+"):
        representation_report(encoder, *parts, n_labels=(500,))
    with pytest.raises(ValueError, match=r"n_labels=\(0,\); whole numbers above 0 are needed"):
        fine_tuning_report(encoder, *parts, n_labels=(0,))
    with pytest.raises(ValueError, match="n_seeds=0; a whole number above 0 is needed"):
        representation_report(encoder, *parts, n_seeds=0)
    with pytest.raises(ValueError, match="n_neighbors=401; a number from 1 to the 400 rows of X is needed"):
        representation_report(encoder, *parts, n_neighbors=401)
    with pytest.raises(ValueError, match="y holds one class only, 0; at least two are needed"):
        representation_report(encoder, X, np.zeros(400, int), X_test, y_test)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        representation_report(encoder, X, X[:, 3] + 0.1, X_test, y_test)
    with pytest.raises(ValueError, match="classifier='tree' is not known; use one of 'logistic regression', 'linear"):
        report.curves("tree")
    with pytest.raises(NotFittedError):
        representation_report(Autoencoder(), *parts)
    with pytest.raises(TypeError, match="sample_weight cannot be given, since every fit has other rows"):
        fine_tuning_report(encoder, *parts, sample_weight=np.ones(400))
