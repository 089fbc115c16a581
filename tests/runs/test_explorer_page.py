"""The explorer in a real browser: it decodes as Python does, moves at once, and asks nothing of a network."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from rosenblatt import VAE, Autoencoder, export_explorer
from rosenblatt.nn.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

DIGITS = load_digits()
IMAGES = DIGITS.images / 16
RNG = np.random.default_rng(0)
EXIT = "</script><script>window.out = true</script>"
QUICK = 50.0  # milliseconds from a key to the picture
IDLE = """new Promise((done) => {
  const look = () => (window.rosenblatt.isIdle() ? done(true) : setTimeout(look, 10));
  look();
})"""
# The page's own listener and frame come first; a frame is painted before the task that its last callback posts.
WAIT_FOR_PAINT = """new Promise((painted) => {
  const canvas = document.querySelector('[data-part="decoded"]');
  const before = canvas.toDataURL();
  addEventListener("input", (event) => {
    const start = event.timeStamp;
    const look = () => requestAnimationFrame(() => {
      if (canvas.toDataURL() === before) return look();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => painted(performance.now() - start);
      channel.port2.postMessage(null);
    });
    look();
  }, { once: true });
})"""
conv = partial(Autoencoder, architecture="conv", latent_dim=4, max_epochs=1, random_state=0)
vae = partial(VAE, loss="bernoulli", learning_rate=0.003, random_state=0)


def decoders():
    """Estimators of all kinds of decoders, and rows for them."""
    eight = list(ACTIVATIONS)
    noise = RNG.normal(size=(40, 23))
    yield "dense", vae(latent_dim=4, max_epochs=3), IMAGES
    dense = partial(Autoencoder, latent_dim=3, max_epochs=1, random_state=0)
    yield "activations", dense(hidden_layer_sizes=[9] * 8, activation=eight, output_activation="softplus"), noise
    yield "slope", dense(hidden_layer_sizes=(9,), activation="leaky_relu", negative_slope=0.3, tied=True), noise
    colour = RNG.uniform(size=(20, 13, 11, 3))
    yield "colour", conv(channels=(5, 6), kernel_size=4, stride=2, padding="valid", hidden_layer_sizes=()), colour
    uneven = conv(
        channels=(4, 7), kernel_size=[3, 2], stride=[2, 3], padding=1, activation="gelu", hidden_layer_sizes=8
    )
    yield "uneven", uneven, colour
    yield "tied", conv(channels=(4, 5, 6), tied=True, activation="elu", loss="bernoulli"), IMAGES
    yield "signal", conv(channels=(4, 5), kernel_size=5, stride=3, activation="tanh", image_shape=(23,)), noise
    wide = conv(channels=(3,), kernel_size=3, stride=1, padding="same", image_shape=(8, 8, 4))
    yield "four channels", wide, RNG.normal(size=(20, 256))
    yield "table", dense(hidden_layer_sizes=(6,)), pd.DataFrame(noise[:, :5] * 100, columns=["a", "b", EXIT, "d", "e"])


@pytest.mark.parametrize(("estimator", "X"), [pytest.param(*rest, id=name) for name, *rest in decoders()])
def test_the_page_decodes_as_python_does(browser, tmp_path, estimator, X):
    path = export_explorer(estimator.fit(X), tmp_path / "page.html", X)
    browser.open(path)
    codes = np.concatenate([estimator.transform(X[:3]), 2 * RNG.normal(size=(3, estimator.latent_dim))])
    expected = estimator.inverse_transform(codes).reshape(len(codes), -1)
    found = browser.run(f"{json.dumps(codes.tolist())}.map((code) => [...rosenblatt.decode(code)])")
    scale = max(np.abs(expected).max(), 1.0)  # numbers of a table may be in the hundreds
    np.testing.assert_allclose(np.array(found) / scale, expected / scale, atol=1e-4)
    assert np.ptp(expected, axis=0).max() > 0.01
    browser.run(IDLE)
    assert browser.complaints == []
    assert browser.requests == [path.as_uri()]


@pytest.fixture(scope="module")
def digits_vae():
    return vae(latent_dim=5, max_epochs=20).fit(IMAGES)


@pytest.fixture(scope="module")
def digits_page(digits_vae, tmp_path_factory):
    """A VAE beside an autoencoder."""
    beside = Autoencoder(latent_dim=5, learning_rate=0.003, max_epochs=20, random_state=0).fit(IMAGES)
    names = pd.Series([f"d{label} {EXIT}" for label in DIGITS.target], name="digit")
    path = tmp_path_factory.mktemp("page") / "latent.html"
    return export_explorer(digits_vae, path, IMAGES, names, beside=beside), beside


@pytest.fixture
def opened(browser, digits_page):
    browser.open(digits_page[0])
    browser.run(IDLE)
    return browser


def code_of(browser, panel=0):
    return np.array(browser.run(f"[...rosenblatt.panels[{panel}].code]"))


def centre_of(browser, selector, panel=0):
    return browser.run(f"""(() => {{
      const part = document.querySelectorAll('.panel')[{panel}].querySelector('{selector}');
      part.scrollIntoView({{ block: "center" }});
      const box = part.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    }})()""")


def pixels(browser, selector):
    found = browser.run(f"""(() => {{
      const canvas = document.querySelector('{selector}');
      return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
    }})()""")
    return np.array(found).reshape(8, 8, 4)


def test_a_label_is_text_and_nothing_is_asked_of_a_network(opened, digits_page):
    assert opened.run("window.out") is None
    shown = opened.run("document.querySelector('#legend').textContent")
    assert shown.startswith(f"d0 {EXIT}d1 ")
    assert opened.run("document.querySelector('[data-part=own-name]').textContent") == f"row 0, digit d0 {EXIT}"
    assert opened.complaints == []
    assert opened.requests == [digits_page[0].as_uri()]


def test_it_starts_at_a_row_and_shows_what_is_decoded(opened, digits_vae):
    np.testing.assert_allclose(code_of(opened), digits_vae.transform(IMAGES[:1])[0], rtol=1e-6)
    opened.run("document.getElementById('ink').click()")
    opened.run(IDLE)
    grey = pixels(opened, "[data-part=decoded]")
    expected = 255 * digits_vae.reconstruct(IMAGES[:1])[0]
    np.testing.assert_allclose(grey[..., 0], expected, atol=0.51)  # bytes
    assert (grey[..., 3] == 255).all()
    np.testing.assert_allclose(pixels(opened, "[data-part=own-picture]")[..., 1], 255 * IMAGES[0], atol=1.01)


def test_a_key_on_a_slider_shows_within_50_milliseconds(opened, digits_vae, record_property):
    opened.run("document.querySelector('.latents input').focus()")
    first = int(np.argmax(digits_vae.elbo_terms(IMAGES)[1].mean(axis=0)))
    before, seconds = code_of(opened), []
    for _ in range(5):
        opened.run(f"window.painted = {WAIT_FOR_PAINT}; true")
        opened.press_key("ArrowRight")
        seconds.append(opened.run("window.painted"))
    record_property("milliseconds", seconds)
    assert 0 < np.median(seconds) < QUICK
    step = float(opened.run("document.querySelector('.latents input').step"))
    change = code_of(opened) - before
    np.testing.assert_allclose(change[first], 5 * step, atol=1.5 * step)  # a slider begins between two steps
    assert np.count_nonzero(change) == 1


def test_the_map_moves_two_latents_and_the_keys_one(opened):
    before = code_of(opened)
    across, up = opened.run("rosenblatt.panels[0].map.axes")
    x, y = centre_of(opened, "[data-part=front]")
    opened.click(x + 40, y - 30)
    after = code_of(opened)
    assert set(np.flatnonzero(after != before)) == {across, up}
    place = opened.run("rosenblatt.panels[0].map.place(rosenblatt.panels[0].code)")
    box = opened.run("(({ left, top }) => [left, top])(rosenblatt.panels[0].map.front.getBoundingClientRect())")
    np.testing.assert_allclose(np.add(place, box), [x + 40, y - 30], atol=1.0)
    opened.press_key("ArrowUp")
    moved = code_of(opened)
    assert np.flatnonzero(moved != after).tolist() == [up]
    assert moved[up] > after[up]


def test_a_row_that_is_picked_is_picked_in_both(opened, digits_page, digits_vae):
    row = 1234
    opened.run("document.querySelector('[data-part=picks]').click()")
    opened.run("rosenblatt.panels[0].map.front.scrollIntoView({ block: 'center' })")
    x, y = opened.run(f"""(() => {{
      const {{ map, space }} = rosenblatt.panels[0];
      const [x, y] = map.place(space.code({row}));
      const {{ left, top }} = map.front.getBoundingClientRect();
      return [left + x, top + y];
    }})()""")
    opened.click(x, y)
    found = opened.run("rosenblatt.panels[0].row")
    codes = digits_vae.transform(IMAGES)
    axes = opened.run("rosenblatt.panels[0].map.axes")
    distance = np.linalg.norm(codes[found, axes] - codes[row, axes])
    assert distance < 0.05  # another row may lie at the same pixel
    for panel, model in enumerate([digits_vae, digits_page[1]]):
        np.testing.assert_allclose(code_of(opened, panel), model.transform(IMAGES)[found], rtol=1e-4, atol=1e-6)
    assert opened.run("document.querySelector('.tip').hidden") is False


@pytest.mark.parametrize("kind", ["linear", "spherical"])
def test_the_way_is_that_of_interpolate(opened, digits_vae, kind):
    opened.run("rosenblatt.panels[0].shared.pick(3)")
    opened.click(*centre_of(opened, "button[data-part=A]"))
    opened.run("rosenblatt.panels[0].shared.pick(40)")
    opened.click(*centre_of(opened, "button[data-part=B]"))
    opened.run(f"""(() => {{
      const select = document.querySelector('[data-part=kind]');
      select.value = '{kind}';
      select.dispatchEvent(new Event("change"));
    }})()""")
    expected = digits_vae.interpolate(IMAGES[3:4], IMAGES[40:41], 9, kind)[0]
    found = opened.run("rosenblatt.panels[0].way(9).map((code) => [...rosenblatt.decode(code)])")
    np.testing.assert_allclose(np.reshape(found, (9, 8, 8)), expected, atol=1e-4)
    opened.click(*centre_of(opened, "[data-part=along]", panel=1))
    for panel in (0, 1):
        middle = opened.run(f"[...rosenblatt.panels[{panel}].along(0.5)]")
        np.testing.assert_allclose(code_of(opened, panel), middle, atol=0.02 * np.ptp(middle))


def test_a_traversal_changes_one_latent_and_ends_at_its_range(opened):
    opened.click(*centre_of(opened, ".each li:nth-child(2) button:last-child"))
    latent, high = opened.run("(({ order, high }) => [order[1], high[order[1]]])(rosenblatt.panels[0].space)")
    assert code_of(opened)[latent] == pytest.approx(high)


def test_the_page_fits_a_phone(browser, digits_page):
    for dark in (False, True):
        browser.open(digits_page[0], 420, 900, dark)
        browser.run(IDLE)
        assert browser.run("document.documentElement.scrollWidth") == 420
    assert browser.complaints == []


def test_without_rows_and_with_one_latent(browser, tmp_path):
    model = vae(latent_dim=1, max_epochs=1).fit(IMAGES)
    for X in (None, IMAGES):
        browser.open(export_explorer(model, tmp_path / "page.html", X))
        browser.run(IDLE)
        x, y = centre_of(browser, "[data-part=front]")
        before = code_of(browser)
        browser.click(x + 50, y)
        low, high = browser.run("rosenblatt.panels[0].map.ranges[0]")
        assert code_of(browser)[0] != before[0]
        assert (low + high) / 2 < code_of(browser)[0] < high
        assert browser.complaints == []
