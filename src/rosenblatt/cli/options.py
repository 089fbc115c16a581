"""Flags and arguments that several commands share."""

from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from rosenblatt.cli.catalogue import MODELS
from rosenblatt.data.wording import suggestion

if TYPE_CHECKING:
    from rosenblatt.data.dataset import Dataset

TYPED: ContextVar[str] = ContextVar("TYPED", default="")  # the command, as it was typed
DATA_GROUP = Group("Data", sort_key=4)
OUTPUT_GROUP = Group("Output", sort_key=9)


def check_data(kind: Any, value: str | None) -> None:
    """Refuse the name of a data set that is neither built in nor a path, with the nearest one that is there."""
    from rosenblatt.data import load, names

    if value is None or value in names() or (value and Path(value).expanduser().exists()):
        return
    try:
        load(value)
    except FileNotFoundError as error:
        raise ValueError(str(error)) from error


def _check_path(kind: Any, value: Path | None) -> None:
    """Refuse a path where nothing is."""
    if value is not None:
        _refuse_nothing(value, [])


def _check_model_or_run(kind: Any, value: Path) -> None:
    _refuse_nothing(value, list(MODELS))


def _refuse_nothing(path: Path, other_names: list[str]) -> None:
    if path.exists():
        return
    beside = [str(path.parent / entry.name) for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    raise ValueError(f"There is nothing at {path.absolute()}.{suggestion(str(path), [*other_names, *beside])}")


Switch = Annotated[bool, Parameter(negative=(), show_default=False)]
DataName = Annotated[str, Parameter(validator=check_data)]
ExistingPath = Annotated[Path, Parameter(validator=_check_path)]
ModelOrRun = Annotated[Path, Parameter(validator=_check_model_or_run)]
PartName = Literal["all", "train", "test"]
Part = Annotated[PartName, Parameter(group=DATA_GROUP)]


@Parameter(name="*", group=OUTPUT_GROUP)
@dataclass(frozen=True, kw_only=True)
class Output:
    """How a command writes.

    Parameters
    ----------
    json : bool, default=False
        Write the answer as JSON.
    traceback : bool, default=False
        Where the command fails, show where in the code.
    """

    json: Switch = False
    traceback: Switch = False


@Parameter(name="*", group=DATA_GROUP)
@dataclass(frozen=True, kw_only=True)
class Source:
    """How DATA is read.

    Parameters
    ----------
    target : str, optional
        Column of a table, or array of an NPZ file, that is to be predicted. An autoencoder leaves it out, and colours
        the map of codes by it.
    image_shape : (height, width) or (height, width, channels), optional
        Shape that the images of a folder are resized to, or of the images that the rows of a table hold.
    strict : bool, default=False
        Refuse data of which anything has to be left out.
    """

    target: str | None = None
    image_shape: Annotated[tuple[int, ...] | None, Parameter(consume_multiple=True, negative_iterable=())] = None
    strict: Switch = False

    def reading(self) -> dict[str, Any]:
        """The arguments of ``rosenblatt.data.load``."""
        return {"target": self.target, "image_shape": self.image_shape, "strict": self.strict}

    def load(self, name: str) -> "Dataset":
        """Read a data set."""
        from rosenblatt.data import load

        return load(name, **self.reading())


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class DividedSource(Source):
    """How DATA is read and divided.

    Parameters
    ----------
    test_size : float in (0, 1) or int, optional
        Share, or number, of the rows that are held out to test on, the same ones each time; 0 holds out none. By
        default the official test part where the data set has one, otherwise 0.25.
    """

    test_size: float | None = None

    def under(self, record: dict[str, Any]) -> "DividedSource":
        """The same, with what is not given as it is in the record of a run."""
        reading: dict[str, Any] = record["fields"].get("data", {})
        missing = [name for name, value in asdict(self).items() if value is None or value is False]
        return replace(self, **{name: reading[name] for name in missing if name in reading})

    def described(self, name: str) -> dict[str, Any]:
        """What was read, and how, for the record of a run."""
        return {"name": name} | asdict(self)


AS_TEXT, AS_STORED, AS_DIVIDED = Output(), Source(), DividedSource()
