"""Whether and where a fit is kept: its run folder, begun or gone on with."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import CycloptsError, Group, Parameter

from rosenblatt.cli.options import TYPED, Switch
from rosenblatt.data.wording import listed

if TYPE_CHECKING:
    from rosenblatt.cli.preparation import Prepared
    from rosenblatt.runs.folder import RunFolder

RUN_GROUP = Group("Run", sort_key=5)
_MAY_CHANGE = ("device", "max_epochs")  # while a fit is gone on with


@Parameter(name="*", group=RUN_GROUP)
@dataclass(frozen=True, kw_only=True)
class Run:
    """Whether and where a fit is kept.

    Parameters
    ----------
    out : path, optional
        Folder to write the run to: its record, history, checkpoint, model, pictures and report.
    resume : bool, default=False
        Go on with the run in --out, where it was interrupted or killed; flags that are not given are those of the run.
    overwrite : bool, default=False
        Replace the run in --out.
    dry_run : bool, default=False
        Show the network and all fields, and train nothing.
    """

    out: Path | None = None
    resume: Switch = False
    overwrite: Switch = False
    dry_run: Switch = False

    def earlier(self) -> dict[str, Any] | None:
        """The record of the run that is gone on with, if there is one.

        Raises
        ------
        CycloptsError
            If flags do not go together.
        FileExistsError
            If there is a run, and it is not said what is to become of it.
        """
        from rosenblatt.runs.run_record import RUN_FILE, read_record

        wanted = [f"--{name}" for name in ("resume", "overwrite") if getattr(self, name)]
        if wanted and self.out is None:
            raise CycloptsError(msg=f"{wanted[0]} needs the folder of the run: --out FOLDER.")
        if len(wanted) == 2:
            raise CycloptsError(msg="--resume goes on with a run and --overwrite replaces it; give one of them.")
        there = self.out is not None and (self.out / RUN_FILE).is_file()
        if there and not wanted:
            raise FileExistsError(
                f"{self.out} already holds a run: choose another folder, or give --resume to go on with it or "
                "--overwrite to replace it"
            )
        return read_record(self.out) if there and self.resume and self.out is not None else None

    def begin(self, prepared: "Prepared", earlier: dict[str, Any] | None) -> "RunFolder | None":
        """The folder of the run, begun or taken over; None where none is kept.

        Raises
        ------
        CycloptsError
            If a flag was given that is not that of the run that is gone on with.
        """
        from rosenblatt.runs.folder import RunFolder
        from rosenblatt.runs.rows import dataset_fingerprint
        from rosenblatt.training.devices import select

        if self.out is None:
            return None
        if earlier is not None:
            _refuse_other_fields(self.out, earlier["fields"], prepared.fields)
        return RunFolder.create(
            self.out,
            estimator=type(prepared.estimator).__name__,
            fields=prepared.fields,
            device=str(select(prepared.estimator.device)),
            seed=prepared.estimator.random_state,
            data_fingerprint=dataset_fingerprint(prepared.dataset),
            command=TYPED.get(),
            overwrite=self.overwrite,
            resume=self.resume,
        )


def _refuse_other_fields(out: Path, earlier: dict[str, Any], fields: dict[str, Any]) -> None:
    """Refuse before anything is written: a checkpoint of a fit with other fields cannot be gone on from."""
    from rosenblatt.runs.run_record import plain

    there, here = _flat(earlier), _flat(plain(fields))
    differing = [name for name in here if name not in _MAY_CHANGE and there.get(name) != here[name]]
    if differing:
        shown = listed(f"{name} is {there.get(name)} there and {here[name]} here" for name in differing)
        raise CycloptsError(
            msg=f"--resume cannot go on with {out}: {shown}. Leave the flag out, or choose another --out."
        )


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, and how the data were read but for their name, which can be written in several ways."""
    return {name: value for name, value in (fields | fields.get("data", {})).items() if name not in ("data", "name")}
