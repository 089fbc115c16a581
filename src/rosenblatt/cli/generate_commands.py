"""``sample``, ``traverse``, ``explore`` and ``watch``: what is made of codes that no row has, and how it came to be."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import CycloptsError, Parameter
from cyclopts.validators import Number

from rosenblatt.cli.answer import Answer
from rosenblatt.cli.code_commands import restored, row_at
from rosenblatt.cli.files import PICTURE, check_file, picture_answer
from rosenblatt.cli.options import AS_STORED, AS_TEXT, DataName, ExistingPath, Output, Part, Source, check_data
from rosenblatt.data.wording import listed

_Count = Annotated[int, Parameter(validator=Number(gte=1))]
_RowNumber = Annotated[int | None, Parameter(validator=Number(gte=0))]
_MaybeData = Annotated[str | None, Parameter(validator=check_data)]


def sample(
    model: ExistingPath,
    /,
    *,
    n: _Count = 16,
    label: str | None = None,
    random_state: int | None = None,
    out: Path | None = None,
    output: Output = AS_TEXT,
) -> Answer:
    """Generate new rows or images.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip), of a variational autoencoder or a GAN.
    n : int
        How many.
    label : str, optional
        Of which class, for a GAN that was fitted with --conditional; by default of each as often as there were.
    random_state : int, optional
        The same number gives the same rows.
    out : path, optional
        File to write: .csv, .npy or .parquet with the rows, or .png with a picture of images. By default the rows go
        to standard output, as CSV.
    """
    from rosenblatt.runs.columns import check_generates
    from rosenblatt.runs.trained import Trained

    check_file(out, "generated rows", [PICTURE])
    estimator = Trained.open(model).estimator
    check_generates(estimator)
    of_class = {} if label is None else {"y": _class_named(estimator, label)}
    if out is None or out.suffix != PICTURE:
        rows = estimator.sample(n, random_state=random_state, **of_class)
        return restored(estimator, rows, out, "generated rows")
    if estimator.image_shape_ is None:
        raise CycloptsError(msg=f"--out {out}: this model generates no images; write a .csv, .npy or .parquet file.")
    from rosenblatt.display import SamplesDisplay

    return picture_answer(
        lambda: SamplesDisplay.from_estimator(estimator, n_samples=n, random_state=random_state, **of_class),
        out,
        f"{n:,} generated images",
    )


def traverse(
    model: ExistingPath,
    data: DataName,
    /,
    *,
    out: Path,
    row: _RowNumber = None,
    latents: _Count = 10,
    part: Part = "all",
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Draw what each number of a code does, those first that are most used.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip), of an autoencoder.
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images, on which it is measured how much each
        number is used; the target may be in it or not.
    out : path
        File to write, .png.
    row : int, optional
        Number of the row from whose code they go; by default from the mean.
    latents : int
        How many are drawn at most.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had.
    """
    from rosenblatt.runs.columns import check_restores
    from rosenblatt.runs.trained import Trained

    if out.suffix != PICTURE:
        raise CycloptsError(msg=f"--out {out}: traversals are drawn in a {PICTURE} file.")
    trained = Trained.open(model)
    check_restores(trained.estimator)
    X = trained.rows(data, part, **source.reading())
    start = None if row is None else row_at(X, row, "row")[0]
    from rosenblatt.display import TraversalDisplay

    return picture_answer(
        lambda: TraversalDisplay.from_estimator(trained.estimator, X, n_latents=latents, start=start), out, "traversals"
    )


def explore(
    model: ExistingPath,
    data: _MaybeData = None,
    /,
    *,
    out: Path | None = None,
    beside: ExistingPath | None = None,
    part: Part = "all",
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Write one page in which the decoder runs: sliders for each number of a code, and a map of codes to click in.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip), of an autoencoder.
    data : str, optional
        Name of a built-in set, or path of a table, arrays or a folder of images, whose codes are the points of the map;
        they go into the page. A variational autoencoder needs none.
    out : path, optional
        File to write, .html; by default explorer.html in the run folder, or in the working folder for a saved model.
    beside : path, optional
        A second model of the same rows, such as an autoencoder beside a variational one.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had.
    """
    from rosenblatt.runs.columns import check_restores
    from rosenblatt.runs.explorer import export_explorer
    from rosenblatt.runs.trained import Trained

    if out is not None and out.suffix != ".html":
        raise CycloptsError(msg=f"--out {out}: the explorer is an .html file.")
    trained = Trained.open(model)
    check_restores(trained.estimator)
    second = None if beside is None else Trained.open(beside).estimator
    X, y = None, None
    if data is not None:
        X, y = trained.part(trained.load(data, **source.reading(), needs_target=False), part)
    if out is None:
        out = Path("explorer.html") if trained.folder is None else trained.folder.explorer
    page = export_explorer(trained.estimator, out, X, y, beside=second)
    return Answer({"out": page}, [f"explorer in {page}: open it in a browser"])


def watch(
    run: ExistingPath,
    data: _MaybeData = None,
    /,
    *,
    out: Path | None = None,
    seconds: Annotated[float, Parameter(validator=Number(gt=0))] = 0.4,
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Draw how a game of generator and discriminator went: its moments one after another, and its phases.

    Parameters
    ----------
    run : path
        A run folder of a GAN.
    data : str, optional
        The data that it learned from, where the run does not know them by a name or path.
    out : path, optional
        File to write: an animation (.gif, .html, or .mp4 where ffmpeg is installed), or .png with the phases in a row.
        By default game.gif in the run folder.
    seconds : float
        How long each moment is shown.
    """
    from rosenblatt.display import GameDisplay
    from rosenblatt.display.animation import SUFFIXES
    from rosenblatt.runs.columns import check_game
    from rosenblatt.runs.game_file import read_game
    from rosenblatt.runs.trained import Trained

    if out is not None and out.suffix.lower() not in (*SUFFIXES, PICTURE):
        raise CycloptsError(msg=f"--out {out}: a game is drawn in a {', '.join(SUFFIXES)} or {PICTURE} file.")
    trained = Trained.open(run)
    if trained.folder is None:
        raise CycloptsError(msg=f"{run} is a saved model; the moments of its game are in the folder of its run.")
    check_game(trained.estimator)
    recorder = read_game(trained.folder.game, trained.estimator)
    dataset = trained.load(data or trained.data_name, **source.reading(), needs_target=False)
    X, y = trained.part(dataset, "train")
    display = GameDisplay.of_game(trained.estimator, X, y, recorder=recorder)
    out = trained.folder.animation if out is None else out
    if out.suffix == PICTURE:
        return picture_answer(display.plot_phases, out, "phases of the game")
    display.save_animation(out, seconds=seconds)
    return Answer({"out": out, "epochs": recorder.epochs}, [f"{len(recorder.snapshots)} moments of the game in {out}"])


def _class_named(estimator: Any, label: str) -> Any:
    """The class that a text stands for."""
    classes = getattr(estimator, "classes_", ())
    found = [known for known in classes if str(known) == label]
    if not found:
        known = listed(map(str, classes)) if len(classes) else "none: it was not fitted with --conditional"
        raise CycloptsError(msg=f"--label {label}: the classes of this model are {known}.")
    return found[0]
