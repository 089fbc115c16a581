"""The host's side of a fit: it draws each epoch's batches, runs the compiled steps, and listens in between."""

import dataclasses
import math
import time
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import PyTree

from rosenblatt.training import batches
from rosenblatt.training.callbacks import CallbackList, Logs
from rosenblatt.training.epoch import Outcome, Plan, Record, evaluate, run_steps
from rosenblatt.training.errors import InterruptedFitWarning, NonFiniteRiskError
from rosenblatt.training.history import History
from rosenblatt.training.players import Game, Networks, Rows
from rosenblatt.training.programs import Program, Skeleton
from rosenblatt.training.schedules import Schedule, evaluate_schedule
from rosenblatt.training.sharding import mesh_of
from rosenblatt.training.state import Best, Clock, Settings, State

_SECONDS_UNHEARD = 0.25  # about how long compiled steps run before the host listens
_EVALUATED_AT_ONCE = 1024  # rows; bounds the memory that a large validation set takes

Judge = Callable[[int, dict[str, Any]], Logs]


class Training:
    """A game being played.

    Parameters
    ----------
    game : tuple of Player
    networks : dict of Equinox modules
    rows, validation : Rows; validation may be None
        On the device. The risk on ``validation`` is evaluated after each epoch.
    settings : Settings
    rng : numpy.random.Generator
        Draws batches and noise; the training's own from now on.
    callbacks : iterable of Callback or of functions f(epoch, logs)
    optimizer_states : dict by player, optional
        Those of an earlier training, to go on with.
    identity : dict of JSON values, optional
        What fit this is: a checkpoint of another one is refused.
    epochs_before : int, default=0
        Epochs that were played before this training, from which schedules go on.
    judge : function of (epoch, networks), optional
        Looks at the networks at the end of an epoch and gives further columns of its row of the history, or none. It
        must not draw from ``rng``, and say the same of the same networks in the same epoch.

    Attributes
    ----------
    state : State
    history : History
    stopped : str
        Why ``run`` ended: "max_epochs", "early_stopping", "callback" or "interrupted".
    """

    def __init__(
        self,
        game: Game,
        networks: Networks,
        rows: Rows,
        validation: Rows | None,
        settings: Settings,
        rng: np.random.Generator,
        callbacks: Iterable[Any] = (),
        optimizer_states: PyTree | None = None,
        identity: dict[str, Any] | None = None,
        epochs_before: int = 0,
        judge: Judge | None = None,
    ):
        self.game, self.rows, self.validation, self.settings, self.rng = game, rows, validation, settings, rng
        self.callbacks = CallbackList(callbacks)
        self.identity, self.judge = identity or {}, judge
        self.history = History()
        self.stopped = ""
        self.placement = rows.weights.sharding
        arrays, self.skeleton = Skeleton.of(dict(networks))
        self._code = self.skeleton, mesh_of(rows.weights.sharding)
        arrays = jax.device_put(arrays, self.placement)
        states = optimizer_states or initialize_optimizers(game, arrays)
        self.state = State(arrays, jax.device_put(states, self.placement))
        self.n_rows = int(rows.n_rows)
        self.n_steps = batches.n_steps(settings.batch_size, self.n_rows)
        self._steps_before = epochs_before * self.n_steps
        mesh, parts = mesh_of(rows.weights.sharding), [player.micro_batch or 1 for player in game]
        self._slots = math.lcm(*parts) * (mesh.size if mesh else 1)  # a batch must be a multiple of it
        at_once = min(player.micro_batch or _EVALUATED_AT_ONCE for player in game)
        self._evaluation_chunk = np.arange(at_once, dtype=np.int32)
        self._steps_at_once = 64
        self._penalised = any(player.l1 or player.l2 for player in game)
        # Kept, since finding a program takes longer than the steps of a small epoch.
        self._run_steps: Callable[..., Outcome] | None = None
        self._evaluate: Callable[..., Any] | None = None
        self._within_epoch: State | None = None

    def networks(self) -> dict[str, Any]:
        """The networks as they are now."""
        return self.skeleton.dress(self.state.networks)

    def final_networks(self) -> dict[str, Any]:
        """The networks to keep: the best ones where the settings say so, as with early stopping, or the last ones."""
        best = self.state.best
        keeps_best = self.settings.keep_best or self.settings.patience is not None
        return self.skeleton.dress((best if keeps_best and best is not None else self.state).networks)

    def run(self) -> None:
        """Plays until ``max_epochs``, or until early stopping, a callback or Ctrl-C ends it.

        Raises
        ------
        NonFiniteRiskError
            If a risk or a parameter is not finite; ``state`` is then that of the last epoch where all were.
        """
        try:
            self.callbacks.on_train_begin(self)
            self._run_epochs()
        except KeyboardInterrupt:
            self.state = self._within_epoch or self.state
            if self.state.step == 0:
                raise
            del self.history.rows[self.state.epoch :]  # the key may have come between the two
            self.stopped = "interrupted"
            warnings.warn(
                f"the fit was interrupted after {self.state.epoch} whole epochs of {self.settings.max_epochs}; "
                "the estimator holds what was learned so far",
                InterruptedFitWarning,
                stacklevel=4,
            )
        finally:
            self.callbacks.on_train_end(self)

    def _run_epochs(self) -> None:
        self.stopped = "max_epochs"
        while self.state.epoch < self.settings.max_epochs:
            if self._out_of_patience():
                self.stopped = "early_stopping"
                return
            logs = self._run_epoch()
            if self.callbacks.on_epoch_end(self.state.epoch, logs):
                self.stopped = "callback"
                return

    def _out_of_patience(self) -> bool:
        best, patience = self.state.best, self.settings.patience
        return patience is not None and best is not None and self.state.epoch - best.epoch >= patience

    def _run_epoch(self) -> Logs:
        clock = Clock()
        with clock("data_seconds"):
            plan = self._draw_plan()
        outcome, record = self._play(plan, clock)
        penalties = self._penalties(outcome)
        logs = self._train_logs(plan, record, penalties)
        if self.validation is not None:
            logs |= self._validation_logs(outcome, penalties, clock)
        if self.judge is not None:
            with clock("evaluation_seconds"):
                logs |= self.judge(self.state.epoch + 1, self.skeleton.dress(outcome.networks))
        logs = {"epoch": self.state.epoch + 1, **logs, **clock.seconds}
        self.history.append(logs)
        self.state, self._within_epoch = self._after_epoch(outcome, logs), None
        return logs

    def _draw_plan(self) -> Plan:
        shape = batches.batch_shape(self.settings.batch_size, self.n_rows)
        moves = max(player.moves for player in self.game)
        indices = batches.draw_indices(self.rng, self.n_rows, shape, moves, self.settings.batch_size != "full")
        indices = batches.pad_batches(indices, self._slots, self.n_rows)
        keys = self.rng.integers(0, 2**32, (shape[0], 2), dtype=np.uint32)
        steps = self._steps_before + self.state.step + np.arange(self.n_steps)

        def column(name: str, schedule: float | Schedule) -> np.ndarray:
            return batches.pad_rows(evaluate_schedule(schedule, steps, self.n_steps, name), shape[0])

        rates = [column("learning_rate", rate) for rate in self.settings.learning_rates]
        numbers = [{name: column(name, of) for name, of in own.items()} for own in self.settings.schedules]
        return Plan(indices, np.stack(rates, axis=1), keys, tuple(numbers))

    def _play(self, plan: Plan, clock: Clock) -> tuple[Outcome, Record]:
        """All steps of the plan, some at a time."""
        networks, states, start, parts = self.state.networks, self.state.optimizer_states, 0, []
        while True:
            stop = min(start + self._steps_at_once, self.n_steps)
            arguments = (self.game, networks, states, self.rows, plan, np.int32(start), np.int32(stop))
            if self._run_steps is None:
                self._run_steps, clock.seconds["compile_seconds"] = run_steps.compiled(self._code, *arguments)
            began = time.perf_counter()
            outcome = self._run_steps(*arguments)
            finite = bool(outcome.finite) and are_finite(outcome.networks)  # waits for the device
            seconds = time.perf_counter() - began
            clock.seconds["step_seconds"] += seconds
            parts.append(jax.tree.map(lambda column: np.asarray(column)[start:stop], outcome.record))  # noqa: B023
            if not finite:
                raise self._not_finite(outcome)
            networks, states, start = outcome.networks, outcome.states, stop
            if stop == self.n_steps:
                return outcome, jax.tree.map(lambda *columns: np.concatenate(columns), *parts)
            self._within_epoch = dataclasses.replace(
                self.state, networks=networks, optimizer_states=states, step=self.state.step + stop
            )
            if seconds < _SECONDS_UNHEARD / 2:
                self._steps_at_once *= 2
            self.callbacks.on_steps(self, stop, self.n_steps)

    def _not_finite(self, outcome: Outcome) -> NonFiniteRiskError:
        step = int(outcome.step)
        risks = [float(np.asarray(column)[step - 1]) for column in outcome.record.risks]
        # Where every risk was finite, the last update broke the parameters, whoever's they are.
        guilty = next((i for i, risk in enumerate(risks) if not math.isfinite(risk)), 0)
        return NonFiniteRiskError(self.game[guilty].name, self.state.epoch + 1, step, risks[guilty])

    def _penalties(self, outcome: Outcome) -> list[float]:
        """Each player's penalty at the end of the epoch."""
        if not self._penalised:
            return [0.0] * len(self.game)
        with np.errstate(over="ignore"):
            penalties = [player.penalty(outcome.networks) for player in self.game]
        if not all(map(math.isfinite, penalties)):
            raise self._not_finite(outcome)
        return penalties

    def _train_logs(self, plan: Plan, record: Record, penalties: list[float]) -> Logs:
        """Means over the epoch's rows, in float64, so that no sum depends on how the steps were cut."""
        n_rows = (plan.indices[: self.n_steps, 0] < self.n_rows).sum(axis=1)

        def mean(column: np.ndarray) -> float:
            return float(np.average(column.astype(np.float64), weights=n_rows))

        risks, terms = jax.tree.map(mean, tuple(record))
        return self._named("train", risks, terms, penalties)

    def _validation_logs(self, outcome: Outcome, penalties: list[float], clock: Clock) -> Logs:
        arguments = (self.game, outcome.networks, self.validation, self._evaluation_chunk)
        if self._evaluate is None:
            self._evaluate, seconds = evaluate.compiled(self._code, *arguments)
            clock.seconds["compile_seconds"] += seconds
        with clock("evaluation_seconds"):
            values = jax.tree.map(float, self._evaluate(*arguments))
        risks, terms = zip(*values, strict=True)
        if not all(map(math.isfinite, risks)):
            name = next(p.name for p, risk in zip(self.game, risks, strict=True) if not math.isfinite(risk))
            raise NonFiniteRiskError(name, self.state.epoch + 1, self.n_steps, math.nan)
        return self._named("validation", risks, terms, penalties)

    def _named(
        self, part: str, risks: Iterable[float], terms: Iterable[dict[str, float]], penalties: Iterable[float]
    ) -> Logs:
        """The columns of the history: ``train_risk`` of the player "model", ``train_generator_risk`` of others."""
        logs: Logs = {}
        for player, risk, named, penalty in zip(self.game, risks, terms, penalties, strict=True):
            prefix = part if player.name == "model" else f"{part}_{player.name}"
            logs[f"{prefix}_risk"] = risk + penalty
            logs |= {f"{prefix}_{name}": value for name, value in named.items()}
        return logs

    def _after_epoch(self, outcome: Outcome, logs: Logs) -> State:
        epoch, best = int(logs["epoch"]), self.state.best
        risk, lowest = logs.get(self.settings.best_by, math.nan), math.inf if best is None else best.risk
        if risk < lowest + self.settings.tolerance:
            best = Best(epoch, min(risk, lowest), outcome.networks)
        return State(outcome.networks, outcome.states, epoch, self.state.step + self.n_steps, best)


def are_finite(networks: PyTree) -> bool:
    """Whether all parameters are finite, looked at on the host: a compiled look would be one more kernel for each."""
    with np.errstate(over="ignore", invalid="ignore"):
        return all(math.isfinite(np.asarray(leaf).sum()) for leaf in jax.tree.leaves(networks))


def _initialize(code: Skeleton, game: Game, networks: PyTree) -> PyTree:
    del code
    return {
        player.name: player.optimizer.transformation.init(eqx.filter(player.owned(networks), eqx.is_inexact_array))
        for player in game
    }


_initialize_program = Program(_initialize)


def initialize_optimizers(game: Game, networks: PyTree) -> PyTree:
    """Each player's optimizer state, by name; eager Optax would take a quarter of a second."""
    if all(player.optimizer.starts_at_zero for player in game):
        shapes = jax.eval_shape(partial(_initialize, Skeleton((), None)), game, networks)
        return jax.tree.map(lambda shape: np.zeros(shape.shape, shape.dtype), shapes)
    return _initialize_program(Skeleton((), None), game, networks)
