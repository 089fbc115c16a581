"""What an explorer's page holds: a decoder that NumPy can run, latents in their order, rows, and no way out of it."""

import base64
import json
import re
from functools import partial
from html import unescape

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from rosenblatt import VAE, Autoencoder, FactorVAE, MLPClassifier, export_explorer

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

DIGITS = load_digits()
IMAGES = DIGITS.images / 16
RNG = np.random.default_rng(0)
small = partial(Autoencoder, latent_dim=3, hidden_layer_sizes=(8,), max_epochs=2, random_state=0)
EXIT = "</script><script>document.title='out'</script>"


def content_of(path):
    found = re.search(r'<script type="application/json" id="content">(.*?)</script>', path.read_text(), re.DOTALL)
    return json.loads(found[1])


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def decoded_by_numpy(model, code):
    """The dense decoder of a page, from what the page holds."""
    functions = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}
    weights, x = floats(model["weights"]).astype(float), np.asarray(code, float)
    for layer in model["layers"]:
        if layer["kind"] == "activation":
            x = functions[layer["name"]](x)
            continue
        size = layer["inputs"] * layer["units"]
        kernel = weights[layer["weight"] :][:size].reshape(layer["inputs"], layer["units"])
        x = x @ kernel + weights[layer["bias"] :][: layer["units"]]
    return x


@pytest.fixture(scope="module")
def vae():
    """The latents differ in what they say; with beta 3 some say next to nothing."""
    return VAE(latent_dim=6, loss="bernoulli", beta=3.0, max_epochs=30, learning_rate=0.003, random_state=0).fit(IMAGES)


@pytest.fixture(scope="module")
def autoencoder():
    return small().fit(IMAGES)


@pytest.fixture(scope="module")
def page(vae, tmp_path_factory):
    return export_explorer(vae, tmp_path_factory.mktemp("page") / "new" / "latent.html", IMAGES, DIGITS.target)


def test_the_page_is_one_small_file_that_refers_to_nothing(page, vae):
    text = page.read_text()
    assert page.stat().st_size < 1_000_000  # the digits' weights and rows are 200 kB
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|<link|<img|<iframe|@import|url\(|src=|href=|fetch\(|XMLHttp", text)
    assert [path.name for path in page.parent.iterdir()] == ["latent.html"]
    export_explorer(vae, page, IMAGES, DIGITS.target)
    assert page.read_text() == text


def test_numpy_decodes_what_the_page_holds(page, vae, tmp_path):
    codes = RNG.normal(size=(5, 6))
    model = content_of(page)["models"][0]
    found = [decoded_by_numpy(model, code) for code in codes]
    assert model["prior"] is True
    assert model["facts"] == f"6 latents, a dense decoder of {6 * 128 + 128 + 128 * 64 + 64:,} weights and biases"
    np.testing.assert_allclose(found, vae.inverse_transform(codes).reshape(5, -1), atol=1e-5)
    tied = small(tied=True, activation="tanh").fit(IMAGES)
    model = content_of(export_explorer(tied, tmp_path / "tied.html", IMAGES))["models"][0]
    found = [decoded_by_numpy(model, code) for code in codes[:, :3]]
    np.testing.assert_allclose(found, tied.inverse_transform(codes[:, :3]).reshape(5, -1), atol=1e-5)


def test_latents_of_a_vae_are_ordered_by_their_kl(page, vae):
    latents = content_of(page)["models"][0]["latents"]
    kl = vae.elbo_terms(IMAGES)[1].mean(axis=0)
    np.testing.assert_allclose(latents["importance"], kl, rtol=1e-5)
    assert latents["unit"] == "nats"
    assert latents["order"] == np.argsort(-kl).tolist()
    assert latents["silent"] == (kl < 0.01).tolist()
    assert 0 < sum(latents["silent"]) < 6
    assert all(low <= -3 and high >= 3 for low, high in zip(latents["low"], latents["high"], strict=True))


def test_latents_of_an_autoencoder_are_ordered_by_their_variance(autoencoder, tmp_path):
    content = content_of(export_explorer(autoencoder, tmp_path / "page.html", IMAGES))
    latents, codes = content["models"][0]["latents"], autoencoder.transform(IMAGES)
    np.testing.assert_allclose(latents["importance"], codes.var(axis=0), rtol=1e-5)
    assert latents["order"] == np.argsort(-codes.var(axis=0)).tolist()
    assert latents["unit"] == "variance"
    assert not any(latents["silent"])
    inside = ((codes > latents["low"]) & (codes < latents["high"])).mean(axis=0)
    assert (inside >= 0.99).all()
    np.testing.assert_allclose(floats(content["models"][0]["codes"]).reshape(-1, 3), codes, rtol=1e-6)
    assert content["rows"]["labels"] is None


def test_rows_are_taken_evenly_and_kept_to_one_level_in_255(page):
    content = content_of(page)
    rows, picture = content["rows"], content["picture"]
    assert picture == {"kind": "image", "shape": [8, 8, 1], "low": 0.0, "high": 1.0, "ink": True}
    assert rows["index"] == list(range(1797))
    pictures = np.frombuffer(base64.b64decode(rows["pictures"]), np.uint8).reshape(1797, 64)
    np.testing.assert_allclose(pictures / 255, IMAGES.reshape(1797, -1), atol=0.5 / 255 + 1e-9)
    assert rows["labels"] == {
        "kind": "classes",
        "name": "label",
        "classes": list("0123456789"),
        "of": DIGITS.target.tolist(),
    }


def test_of_many_rows_two_thousand_are_points(autoencoder, tmp_path):
    many = np.concatenate([IMAGES, IMAGES, IMAGES])
    content = content_of(export_explorer(autoencoder, tmp_path / "page.html", many, np.arange(5391) / 7))
    index = np.array(content["rows"]["index"])
    assert (len(index), index[0], index[-1]) == (2000, 0, 5390)
    assert set(np.diff(index)) == {2, 3}
    assert content["rows"]["labels"]["kind"] == "numbers"
    np.testing.assert_allclose(content["rows"]["labels"]["of"], index / 7)
    codes = floats(content["models"][0]["codes"]).reshape(-1, 3)
    np.testing.assert_allclose(codes, autoencoder.transform(many)[index], rtol=1e-6)


def test_rows_have_pictures_as_far_as_there_is_room(autoencoder, tmp_path, monkeypatch):
    monkeypatch.setattr("rosenblatt.runs.explorer_rows._MOST_BYTES", 30 * 64 + 63)
    rows = content_of(export_explorer(autoencoder, tmp_path / "page.html", IMAGES))["rows"]
    assert len(base64.b64decode(rows["pictures"])) == 30 * 64
    assert len(rows["index"]) == 1797


def test_tables_have_the_names_and_ranges_of_their_columns(tmp_path):
    X = pd.DataFrame(RNG.normal(size=(50, 4)) * [1, 10, 100, 1000], columns=["a", "b", EXIT, "d"])
    names = pd.Series([f"n{i} {EXIT}" for i in range(50)], name="who")
    content = content_of(export_explorer(small().fit(X), tmp_path / "page.html", X, names))
    assert content["picture"]["kind"] == "table"
    assert content["picture"]["names"] == ["a", "b", EXIT, "d"]
    np.testing.assert_allclose(content["picture"]["low"], X.min())
    np.testing.assert_allclose(content["picture"]["high"], X.max())
    assert content["rows"]["labels"] == {"kind": "names", "name": "who", "of": names.tolist()}
    assert (tmp_path / "page.html").read_text().count("</script>") == 2


def test_sparse_rows_and_bytes_are_rows_too(tmp_path):
    dense = np.round(RNG.uniform(size=(40, 6)))
    contents = [
        content_of(export_explorer(small().fit(X), tmp_path / "page.html", X)) for X in (dense, csr_array(dense))
    ]
    assert contents[0] == contents[1]
    X = RNG.integers(0, 256, (30, 5, 5), np.uint8)
    content = content_of(export_explorer(small().fit(X), tmp_path / "page.html", X))
    assert (content["picture"]["low"], content["picture"]["high"]) == (0.0, 1.0)
    assert base64.b64decode(content["rows"]["pictures"]) == X.tobytes()


def test_a_vae_needs_no_rows_and_then_has_its_prior(vae, tmp_path):
    content = content_of(export_explorer(vae, tmp_path / "page.html"))
    latents = content["models"][0]["latents"]
    assert content["rows"] is None
    assert latents["order"] == list(range(6))
    assert set(latents["low"]) == {-3.0}
    assert set(latents["high"]) == {3.0}
    assert latents["importance"] is None


def test_two_estimators_stand_beside_each_other(vae, autoencoder, tmp_path):
    path = export_explorer(vae, tmp_path / "page.html", IMAGES, beside=autoencoder)
    assert [model["name"] for model in content_of(path)["models"]] == ["VAE", "Autoencoder"]
    assert "<title>VAE beside Autoencoder: explorer of latents</title>" in path.read_text()
    twice = content_of(export_explorer(vae, tmp_path / "page.html", IMAGES, beside=vae))
    assert [model["name"] for model in twice["models"]] == ["VAE 1", "VAE 2"]


def test_a_factor_vae_is_explored_as_a_vae_is(tmp_path):
    model = FactorVAE(latent_dim=2, loss="bernoulli", max_epochs=1, random_state=0).fit(IMAGES)
    found = content_of(export_explorer(model, tmp_path / "page.html"))["models"][0]
    code = [0.5, -1.0]
    np.testing.assert_allclose(decoded_by_numpy(found, code), model.inverse_transform([code]).ravel(), atol=1e-5)


def swish(x):
    return x / (1 + jnp.exp(-x))


class Own(eqx.Module):
    weight: jnp.ndarray

    def __call__(self, x):
        return x @ self.weight


def replaced(model, where, new):
    """The fitted estimator with a part of its network replaced."""
    model.networks_["model"] = eqx.tree_at(where, model.networks_["model"], new)
    return model


def test_what_cannot_be_written_out_is_named(tmp_path):
    path = tmp_path / "page.html"
    own = small(hidden_layer_sizes=(8, 6), activation=["tanh", swish]).fit(IMAGES)
    with pytest.raises(ValueError, match=r"^activations\[0\] of the decoder is a function of your own, swish, .*elu, "):
        export_explorer(own, path, IMAGES)
    own = small(output_activation=swish).fit(IMAGES)
    with pytest.raises(ValueError, match="^output_activation of the decoder is a function of your own, swish"):
        export_explorer(own, path, IMAGES)
    own = replaced(small().fit(IMAGES), lambda net: net.decoder_parameters.layers[1], Own(np.ones((8, 64))))
    with pytest.raises(ValueError, match=r"^layers\[1\] of the decoder is a Own, which an explorer cannot compute"):
        export_explorer(own, path, IMAGES)
    own = replaced(small().fit(IMAGES), lambda net: net.decoder_parameters, Own(np.ones((3, 64))))
    with pytest.raises(ValueError, match="^the whole of the decoder is a Own, which"):
        export_explorer(own, path, IMAGES)
    broken = small().fit(IMAGES)
    broken.networks_["model"].decoder.layers[0].bias[0] = np.nan
    with pytest.raises(ValueError, match=r"^layers\[0\] of the decoder holds parameters that are not finite"):
        export_explorer(broken, path, IMAGES)
    foreign = small().fit(IMAGES)
    foreign.networks_["model"] = Own(np.ones((64, 64)))
    with pytest.raises(ValueError, match="^the network of this Autoencoder is a Own of your own"):
        export_explorer(foreign, path, IMAGES)
    assert not path.exists()


def test_bad_input_is_refused(vae, autoencoder, tmp_path):
    refused = partial(export_explorer, path=tmp_path / "page.html")
    with pytest.raises(TypeError, match="^got a MLPClassifier, which has no decoder to explore; give a fitted Auto"):
        refused(MLPClassifier())
    with pytest.raises(NotFittedError):
        refused(small())
    with pytest.raises(NotFittedError):
        refused(vae, beside=VAE())
    with pytest.raises(ValueError, match="^the codes of an Autoencoder may lie anywhere, .*pass X"):
        refused(autoencoder)
    with pytest.raises(ValueError, match="^the codes of an Autoencoder may lie anywhere"):
        refused(vae, beside=autoencoder)
    with pytest.raises(ValueError, match="^y has the labels of rows, and there is no X"):
        refused(vae, y=DIGITS.target)
    with pytest.raises(ValueError, match=r"^y has shape \(1796,\) and X has 1797 rows; give one label for each"):
        refused(vae, X=IMAGES, y=DIGITS.target[1:])
    with pytest.raises(ValueError, match="^y holds labels that are not finite"):
        refused(vae, X=IMAGES, y=np.where(DIGITS.target == 3, np.nan, 0))
    with pytest.raises(ValueError, match=r"^rows of the two estimators have shapes \(8, 8\) and \(64,\)"):
        refused(vae, X=IMAGES, beside=small().fit(DIGITS.data))
    with pytest.raises(ValueError, match="fitted on images of 8 x 8 x 1"):
        refused(vae, X=IMAGES[:, :7])
    assert not (tmp_path / "page.html").exists()


def test_a_title_is_text(vae, tmp_path):
    class Named(VAE):
        pass

    Named.__name__ = "<b>VAE"
    vars_of = vars(vae)
    named = Named()
    vars(named).update(vars_of)
    text = export_explorer(named, tmp_path / "page.html").read_text()
    assert "<b>VAE: explorer" not in text
    assert unescape(re.search("<title>(.*?)</title>", text)[1]) == "<b>VAE: explorer of latents"
