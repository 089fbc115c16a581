"""``fit MODEL DATA`` and ``describe MODEL DATA``: one of each for every model, made when it is used.

``fit_mlp`` and ``describe_mlp`` are attributes of this module, and so are those of every name in the catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from rosenblatt.cli.answer import Answer
from rosenblatt.cli.catalogue import MODELS
from rosenblatt.cli.fit_answers import description_answer, fit_answer
from rosenblatt.cli.flags import with_flags
from rosenblatt.cli.options import AS_DIVIDED, AS_TEXT, DataName, DividedSource, Output
from rosenblatt.cli.preparation import ModelFlags
from rosenblatt.cli.run_options import RUN_GROUP, Run

_ConfigFile = Annotated[
    Path | None,
    Parameter(
        group=RUN_GROUP,
        help="TOML file with values of flags, such as max_epochs = 30; a flag that is typed counts more.",
    ),
]


_NOT_KEPT = Run()


@dataclass(frozen=True)
class ModelCommands:
    """The commands of one model."""

    flags: ModelFlags

    def fit(
        self,
        data: DataName,
        /,
        *,
        source: DividedSource = AS_DIVIDED,
        run: Run = _NOT_KEPT,
        config: _ConfigFile = None,
        output: Output = AS_TEXT,
        **given: Any,
    ) -> Answer:
        """Train the model on a data set.

        Parameters
        ----------
        data : str
            Name of a built-in set (rosenblatt data list) or path of a table, arrays or a folder of images.
        """
        from rosenblatt.runs.fitting import fit

        earlier = run.earlier()
        if earlier is not None:
            source, given = source.under(earlier), self.flags.recorded(earlier) | given
        prepared = self.flags.prepare(data, source, given)
        if run.dry_run:
            return description_answer(prepared)
        folder = run.begin(prepared, earlier)
        return fit_answer(prepared, fit(prepared.estimator, prepared.rows, folder), folder)

    def describe(
        self,
        data: DataName,
        /,
        *,
        source: DividedSource = AS_DIVIDED,
        config: _ConfigFile = None,
        output: Output = AS_TEXT,
        **given: Any,
    ) -> Answer:
        """Show the network that fit would train, and train nothing.

        Parameters
        ----------
        data : str
            Name of a built-in set (rosenblatt data list) or path of a table, arrays or a folder of images.
        """
        return description_answer(self.flags.prepare(data, source, given))


def __getattr__(name: str) -> Callable[..., Answer]:
    """The command ``fit_MODEL`` or ``describe_MODEL``."""
    verb, _, model = name.partition("_")
    if verb not in ("fit", "describe") or model not in MODELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    flags = ModelFlags.of(MODELS[model])
    commands = ModelCommands(flags)
    return with_flags(commands.fit if verb == "fit" else commands.describe, flags.by_name.values())
