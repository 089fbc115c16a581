"""The commands by name. Models are loaded when one is used, so that help and mistakes are answered at once."""

from cyclopts import App, Group

from rosenblatt import __version__
from rosenblatt.cli.catalogue import MODELS
from rosenblatt.cli.code_commands import interpolate, reconstruct, transform
from rosenblatt.cli.data_commands import list_data, show_data
from rosenblatt.cli.generate_commands import explore, sample, traverse, watch
from rosenblatt.cli.run_commands import diff, list_all, remove, show
from rosenblatt.cli.tour_command import tour
from rosenblatt.cli.use_commands import describe_run, evaluate, predict
from rosenblatt.cli.words import refuse_rounding, values_from_file

app = App(
    name="rosenblatt",
    help="Deep learning from the single neuron to the GAN: train on your data, and see what was learned.",
    help_format="markdown",
    version=__version__,
    config=(values_from_file, refuse_rounding),
)
_MODELS = Group("Models", sort_key=0)


def _with_models(parent: App, function: str) -> App:
    for name, model in MODELS.items():
        parent.command(f"rosenblatt.cli.model_commands:{function}_{name}", name=name, help=model.summary, group=_MODELS)
    return parent


app.command(
    _with_models(
        App(name="fit", help="Train a model on data: rosenblatt fit MODEL DATA. Each model's --help has its flags."),
        "fit",
    )
)
app.command(predict)
app.command(evaluate)
app.command(transform)
app.command(reconstruct)
app.command(interpolate)
app.command(sample)
app.command(traverse)
app.command(explore)
app.command(watch)
_describe = _with_models(
    App(name="describe", help="Show a network before it is trained (describe MODEL DATA), or a run (describe RUN)."),
    "describe",
)
_describe.default(describe_run)
app.command(_describe)
app.command(tour)

_data = App(name="data", help="Data sets, built in or your own.")
_data.command(list_data, name="list")
_data.command(show_data, name="show")
app.command(_data)

_runs = App(name="runs", help="What was done: run folders.")
_runs.command(list_all, name="list")
_runs.command(show)
_runs.command(diff)
_runs.command(remove, name="rm")
app.command(_runs)
