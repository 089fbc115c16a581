"""When the referee looks, what it sees against the public verbs and metrics, and that it changes nothing."""

from itertools import pairwise
from math import ceil

import jax
import numpy as np
import pytest
from sklearn.datasets import load_digits

from rosenblatt import GAN, Callback
from rosenblatt.metrics import Comparison
from rosenblatt.models import RefereeWarning
from rosenblatt.models import referee as module
from rosenblatt.models.examples import Examples
from rosenblatt.models.referee import Judged, Referee, columns, epochs_between_looks, looks_of, shortfall
from rosenblatt.nn.activations import identity
from rosenblatt.nn.autoencoder import fresh_decoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.gan import Discriminator, Generator
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.windows import Window
from rosenblatt.runs import Checkpoint

SEEN = ("real", "fake", "accuracy_real", "accuracy_fake", "discriminator_risk", "generator_risk")
MEASURES = ("precision", "recall", "density", "coverage", "discrepancy", "frechet_distance")
ROWS = np.random.default_rng(0).multivariate_normal([3, 1], [[1, 0.8], [0.8, 1]], 600).astype(np.float32)


def small(**fields):
    defaults = {"latent_dim": 2, "hidden_layer_sizes": (8,), "max_epochs": 30, "random_state": 1}
    defaults |= {"averaging": 0.0, "decay": False, "learning_rate": 0.005}  # so that the last epoch is not the best
    return GAN(**(defaults | fields))


class Keep(Callback):
    """Keeps the networks after each epoch."""

    def on_train_begin(self, training):
        self.training, self.networks = training, {}

    def on_epoch_end(self, epoch, logs):
        self.networks[epoch] = self.training.networks()


@pytest.fixture(scope="module")
def kept():
    return Keep()


@pytest.fixture(scope="module")
def fitted(kept):
    return small(callbacks=[kept]).fit(ROWS)


def assert_same_networks(a, b):
    for first, second in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_history_has_the_columns_and_the_last_epoch_is_looked_at(fitted):
    columns = {f"referee_{name}" for name in (*SEEN, *MEASURES, "shortfall")}
    assert {name for name in fitted.history_ if name.startswith("referee_")} == columns
    looks = looks_of(fitted.history_)
    assert [look["epoch"] for look in looks] == [1, *range(2, 31, 2)]  # a dozen of cheap looks, and then some
    assert looks[-1]["discrepancy"] == fitted.history_["referee_discrepancy"][-1]
    assert looks_of(small(referee=False, max_epochs=1).fit(ROWS).history_) == []


def test_what_it_sees_is_what_the_public_verbs_say(fitted):
    """For the non-saturating loss: D is the logistic function of the score, and a row is called real above 0."""
    held_out = Examples(ROWS[:100], None, None)
    referee = Referee(fitted, Examples(ROWS[100:], None, None), held_out)
    found = columns(referee.look(fitted), fitted.loss)
    rows, samples = referee.rows, fitted.generate(referee.codes)
    assert sorted(map(tuple, rows)) == sorted(map(tuple, ROWS[:100]))
    real, fake = (fitted.score_samples(each).astype(np.float64) for each in (rows, samples))
    risk = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean()
    expected = {
        "real": fitted.discriminate(rows).mean(),
        "fake": fitted.discriminate(samples).mean(),
        "accuracy_real": (real > 0).mean(),
        "accuracy_fake": (fake < 0).mean(),
        "discriminator_risk": risk,
        "generator_risk": np.log1p(np.exp(-fake)).mean(),
    } | Comparison(referee.features(rows), referee.features(samples)).measures()
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_look_changes_nothing_and_the_best_networks_are_kept(fitted, kept):
    """The best epoch is the last with about the smallest shortfall so far, and its networks are there to the bit."""
    shortfalls = fitted.history_["referee_shortfall"]
    best = int(np.flatnonzero(shortfalls <= np.fmin.accumulate(shortfalls) + 0.05)[-1]) + 1
    assert fitted.best_epoch_ == best < 30
    assert_same_networks(fitted.networks_, fitted.with_networks(kept.networks[best]).networks_)
    last = small(restore_best=False).fit(ROWS)
    assert_same_networks(last.networks_, fitted.with_networks(kept.networks[30]).networks_)
    assert last.best_epoch_ == best
    assert_same_networks(last.networks_, small(referee=False).fit(ROWS).networks_)


def test_the_average_is_what_is_looked_at(fitted, kept):
    averaged = fitted.with_networks({**fitted.networks_, "average": kept.networks[1]["generator"]})
    referee = Referee(averaged, Examples(ROWS, None, None), Examples(ROWS[:60], None, None))
    of_average = referee.look(averaged).generated
    np.testing.assert_array_equal(of_average, fitted.with_networks(kept.networks[1]).generate(referee.codes))
    assert not np.allclose(of_average, referee.look(fitted).generated)


def test_a_resumed_fit_has_the_same_best_bits_and_looks(tmp_path, fitted):
    class KilledError(Exception):
        pass

    def kill(epoch, logs):
        if epoch == 17:
            raise KilledError

    path = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KilledError):
        small(callbacks=[Checkpoint(path), kill]).fit(ROWS)
    resumed = small(callbacks=[Checkpoint(path)]).fit(ROWS)
    assert_same_networks(resumed.networks_, fitted.networks_)
    assert resumed.best_epoch_ == fitted.best_epoch_
    assert looks_of(resumed.history_) == looks_of(fitted.history_)
    assert resumed.diagnosis_ == fitted.diagnosis_


def test_samples_fall_short_by_their_distance_and_by_what_they_miss():
    of_real = {"precision": 0.8, "coverage": 0.5, "discrepancy": 0.001}
    assert shortfall({"precision": 0.6, "coverage": 0.4, "discrepancy": 0.1}, of_real) == pytest.approx(
        0.25 + 0.2 + 0.1
    )
    assert shortfall({"precision": 0.9, "coverage": 0.9, "discrepancy": -0.01}, of_real) == pytest.approx(-0.01)
    assert shortfall({"precision": 0.0, "coverage": 0.0, "discrepancy": 0.9}, of_real) == pytest.approx(2.9)


def dense(sizes):
    """Networks of two columns, and the multiply-adds of both for one row."""
    makes, tells = (
        MLP.initialize([2, *sizes, n], [identity] * len(sizes), "he", np.random.default_rng(0)) for n in (2, 1)
    )
    counts = [sum(a * b for a, b in pairwise([2, *sizes, n])) for n in (2, 1)]
    return {"generator": Generator(makes), "discriminator": Discriminator(tells)}, *counts


def test_how_often_it_looks_follows_from_the_work(fitted):
    """Rows that are many are work for the players and none for the referee, and costly looks are few."""

    def every(n_rows, last, sizes):
        rows = Examples(np.resize(ROWS, (n_rows, 2)), None, None)
        return epochs_between_looks(fitted, dense(sizes)[0], Referee(fitted, rows, Examples(ROWS, None, None)), last)

    assert every(2000, 12, [8]) == every(2000, 6, [8]) == 1
    assert every(2000, 1200, [8]) == 100
    assert every(10**6, 1200, [8]) < 100
    _, makes, tells = dense([256, 256])
    look = 500 * (makes + 2 * tells) + 3e8 + 3e3 * 500**2
    step = 4 * makes + 14 * tells  # one pass of the generator and twelve of the discriminator, three and two: r1 is on
    assert every(10000, 10**4, [256, 256]) == ceil(look / (0.05 * 10000 * step)) == 2


def test_the_work_of_a_convolutional_generator_is_counted():
    rng, window = np.random.default_rng(0), Window.of(4, 2, "same", n_axes=2)
    tells = ConvNet.initialize((8, 8, 1), [3, 5], window, None, None, [], 1, [identity] * 2, "he", rng)
    makes = fresh_decoder(tells, 7, "he", rng)
    # 7 -> 2 x 2 x 5 dense, then 4 x 4 kernels from each of 4 pixels to 3 maps, and from each of 16 to 1
    assert module._multiply_adds(Generator(makes)) == 7 * 20 + 4 * 16 * 5 * 3 + 16 * 16 * 3 * 1
    assert module._multiply_adds(Discriminator(tells)) == 16 * 16 * 1 * 3 + 4 * 16 * 3 * 5 + 20


def test_looks_that_take_too_long_become_fewer_with_a_warning(monkeypatch):
    monkeypatch.setattr(module, "_STALLING_SECONDS", 0.0)
    monkeypatch.setattr(module, "_STALLING_SHARE", 0.0)
    with pytest.warns(RefereeWarning, match="from now on it looks at half as many epochs") as caught:
        model = small(max_epochs=8).fit(ROWS)
    assert [look["epoch"] for look in looks_of(model.history_)] == [1, 2, 4, 8]
    assert len(caught) == 1


def test_few_rows_and_single_epochs_have_no_referee():
    few = small(batch_size=16, max_epochs=2, validation_fraction=0.1).fit(ROWS[:100])
    part = small().partial_fit(ROWS)
    for model in (few, part):
        assert looks_of(model.history_) == []
        assert not hasattr(model, "diagnosis_")
        with pytest.raises(ValueError, match="no diagnosis of held-out rows: partial_fit has none"):
            model.diagnose()
    assert not hasattr(part.fit(ROWS).partial_fit(ROWS), "diagnosis_")


def test_a_warm_start_is_refereed_anew():
    model = small(max_epochs=3, warm_start=True).fit(ROWS)
    first, before = model.history_["referee_discrepancy"], model.networks_
    second = model.fit(ROWS).history_["referee_discrepancy"]
    assert np.isfinite(second).all()
    assert not np.isin(second, first).any()
    codes = np.random.default_rng(1).normal(size=(200, 2))
    moved = np.abs(model.generate(codes) - model.with_networks(before).generate(codes)).mean()
    fresh = np.abs(model.generate(codes) - small(max_epochs=3, random_state=2).fit(ROWS).generate(codes)).mean()
    assert moved < 0.5 * fresh  # three epochs from where it stood, beside another start


def test_rows_of_weight_0_are_not_looked_at_and_others_by_their_weight():
    """Of 4,000 rows those of weight 0.25 are kept with that chance: 500 in expectation, within six deviations of 19."""
    weights = np.repeat([0.0, 0.25, 1.0], [1000, 2000, 1000])
    chosen = module._drawn(weights, len(weights), np.random.default_rng(0))
    counts = np.bincount(np.searchsorted([1000, 3000], chosen, side="right"), minlength=3)
    assert counts[0] == 0
    assert abs(counts[1] - 500) < 6 * 20
    assert counts[2] == 1000
    assert len(set(chosen)) == len(chosen)


def test_what_the_discriminator_says_under_every_loss():
    """Risks and boundaries written out; a critic has no boundary but the middle of both means."""
    real, fake = np.random.default_rng(0).normal([0.8, 0.1], size=(200, 2)).T
    judged = Judged(Comparison(real[:, None], fake[:, None]), real.astype("f"), fake.astype("f"), fake[:, None])

    def logistic(x):
        return 1 / (1 + np.exp(-x))

    def hinge(x):
        return np.maximum(1 - x, 0)

    log_2 = {"real": logistic(real).mean(), "fake": logistic(fake).mean(), "middle": 0.0}
    risk = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean()
    middle = (real.mean() + fake.mean()) / 2
    cases = {
        "non-saturating": log_2 | {"risk": risk, "made": np.log1p(np.exp(-fake)).mean()},
        "saturating": log_2 | {"risk": risk, "made": -np.log1p(np.exp(fake)).mean()},
        "hinge": log_2 | {"risk": hinge(real).mean() + hinge(-fake).mean(), "made": -fake.mean()},
        "least-squares": {
            "real": real.clip(0, 1).mean(),
            "fake": fake.clip(0, 1).mean(),
            "middle": 0.5,
            "risk": (((real - 1) ** 2).mean() + (fake**2).mean()) / 2,
            "made": ((fake - 1) ** 2).mean() / 2,
        },
        "wasserstein": {
            "real": real.mean(),
            "fake": fake.mean(),
            "middle": middle,
            "risk": fake.mean() - real.mean(),
            "made": -fake.mean(),
        },
    }
    for loss, expected in cases.items():
        found = columns(judged, loss)
        shares = ((real > expected["middle"]).mean(), (fake < expected["middle"]).mean())
        values = (expected["real"], expected["fake"], *shares, expected["risk"], expected["made"])
        assert [found[name] for name in SEEN] == pytest.approx(list(values), rel=1e-5, abs=1e-6), loss


def test_conditional_games_are_looked_at_in_their_classes():
    images, digits = load_digits(return_X_y=True)
    images = images / 16
    model = small(conditional=True, max_epochs=2, data_range=(0, 1)).fit(images[:600], digits[:600])
    assert np.isfinite(model.history_["referee_fake"]).all()
    assert model.diagnose(images[600:], digits[600:]).n_rows == 598
