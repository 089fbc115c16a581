"""Functions, our protocol, scikit-learn's protocol, and the progress bar."""

import io

import pytest
from rich.console import Console
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV

from rosenblatt import GAN, Callback, MLPClassifier
from rosenblatt.training import ProgressBar


@pytest.fixture(scope="module")
def data():
    return make_classification(80, 6, random_state=0)


def make(**fields):
    return MLPClassifier(**({"hidden_layer_sizes": (8,), "max_epochs": 4, "random_state": 0} | fields))


def test_a_function_hears_each_epoch_and_can_end_the_fit(data):
    heard = []

    def listen(epoch, logs):
        heard.append((epoch, logs["train_risk"]))
        return epoch == 2

    model = make(callbacks=[listen]).fit(*data)
    assert [epoch for epoch, _ in heard] == [1, 2]
    assert model.stopped_ == "callback"
    assert [risk for _, risk in heard] == list(model.history_["train_risk"])


def test_all_callbacks_hear_an_epoch_even_if_one_ends_the_fit(data):
    heard = []
    make(callbacks=[lambda epoch, logs: True, lambda epoch, logs: heard.append(epoch)]).fit(*data)
    assert heard == [1]


def test_hooks_come_in_order_and_the_end_comes_after_an_error(data):
    calls = []

    class Recorder(Callback):
        def on_train_begin(self, training):
            calls.append(("begin", training.n_steps))

        def on_epoch_end(self, epoch, logs):
            calls.append(("epoch", epoch))
            if epoch == 2:
                raise RuntimeError("mine")

        def on_train_end(self, training):
            calls.append(("end", training.state.epoch))

    with pytest.raises(RuntimeError, match="mine"):
        make(callbacks=[Recorder()]).fit(*data)
    assert calls == [("begin", 2), ("epoch", 1), ("epoch", 2), ("end", 2)]


def test_a_callback_whose_beginning_fails_is_not_ended(data):
    class Broken(Callback):
        def on_train_begin(self, training):
            raise RuntimeError("at the beginning")

        def on_train_end(self, training):
            raise AssertionError("hides the first error")

    with pytest.raises(RuntimeError, match="at the beginning"):
        make(callbacks=[Broken()]).fit(*data)


def test_something_else_is_refused(data):
    with pytest.raises(TypeError, match=r"callbacks must be functions f\(epoch, logs\).*set_callbacks"):
        make(callbacks=[3]).fit(*data)


class TestScikitLearn:
    """scikit-learn's own protocol, where the installed version has it."""

    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9")

    class Recorder:
        def __init__(self, stop_at=None):
            self.stop_at, self.calls, self.scores = stop_at, [], []

        def setup(self, estimator, context):
            self.calls.append("setup")

        def on_fit_task_begin(self, estimator, context):
            self.calls.append(f"begin {context.task_name}")

        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            self.calls.append(f"end {context.task_name}")
            if context.task_name == "epoch":
                self.scores.append(fitted_estimator.score(X, y))
                return context.task_id + 1 == self.stop_at
            return False

        def teardown(self, estimator, context):
            self.calls.append("teardown")

    def test_each_epoch_is_a_task_with_a_fitted_estimator(self, data):
        recorder = self.Recorder()
        model = make(max_epochs=2).set_callbacks(recorder).fit(*data)
        tasks = ["begin fit", "begin epoch", "end epoch", "begin epoch", "end epoch", "end fit"]
        assert recorder.calls == ["setup", *tasks, "teardown"]
        assert recorder.scores[-1] == model.score(*data)

    def test_it_can_end_the_fit(self, data):
        model = make().set_callbacks(self.Recorder(stop_at=3)).fit(*data)
        assert (model.n_epochs_, model.stopped_) == (3, "callback")

    def test_clone_keeps_it_and_the_bits_do_not_change(self, data):
        recorder = self.Recorder()
        heard = clone(make().set_callbacks(recorder)).fit(*data)
        assert recorder.calls
        assert (heard.coefs_[0] == make().fit(*data).coefs_[0]).all()

    def test_inside_a_grid_search_with_its_own_progress_bar(self, data, capsys):
        search = GridSearchCV(make(max_epochs=2), {"l2": [0.0, 0.1]}, cv=2)
        search.set_callbacks(self.callback.ProgressBar())
        search.fit(*data)
        assert search.best_estimator_.n_epochs_ == 2
        assert "MLPClassifier - fit" in capsys.readouterr().out


class TestProgressBar:
    def run(self, data, terminal, **fields):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=200)
        model = make(callbacks=[ProgressBar(fields.pop("verbose", 1), console)], **fields)
        model.fit(*data, validation_data=data)
        return console.file.getvalue(), model

    def test_on_a_terminal_it_is_a_bar(self, data):
        written, model = self.run(data, terminal=True)
        assert "4/4" in written
        assert f"train risk {model.history_['train_risk'][-1]:.4g}" in written

    def test_elsewhere_it_is_a_line_at_the_end_of_a_short_fit(self, data):
        written, model = self.run(data, terminal=False)
        assert written.count("\n") == 1
        assert written.startswith("epoch 4/4  train risk ")
        assert f"validation risk {model.history_['validation_risk'][-1]:.4g}" in written

    def test_of_many_columns_those_are_shown_that_tell_how_a_fit_goes(self, data):
        console = Console(file=io.StringIO(), width=200)
        game = GAN(hidden_layer_sizes=8, max_epochs=1, random_state=0, callbacks=[ProgressBar(1, console)])
        history = game.fit(data[0], validation_data=data[0]).history_
        written = console.file.getvalue()
        for name in ("train discriminator risk", "train generator risk", "referee discrepancy"):
            assert f"  {name} {history[name.replace(' ', '_')][0]:.4g}  " in written
        assert "gradient norm" not in written
        assert len(written) < 180

    def test_verbose_2_writes_every_epoch(self, data):
        written, _ = self.run(data, terminal=True, verbose=2)
        assert [line.split()[1] for line in written.splitlines()] == ["1/4", "2/4", "3/4", "4/4"]
