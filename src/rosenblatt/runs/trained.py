"""A fitted estimator with the run that it comes from, and data as it knows them."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.loading import load
from rosenblatt.data.mnist import holds_idx_files
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import load as load_model
from rosenblatt.runs.rows import dataset_fingerprint, divided, inputs_for, targets
from rosenblatt.runs.run_record import RUN_FILE


@dataclass(frozen=True)
class Trained:
    """A fitted estimator, and the run that it comes from.

    Parameters
    ----------
    estimator : fitted
    folder : RunFolder or None
        None for a model that was saved alone.
    """

    estimator: Any
    folder: RunFolder | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Load the model of a run, or a model that was saved alone.

        Parameters
        ----------
        path : str or path
            A run folder, or what ``save`` wrote.

        Raises
        ------
        FileNotFoundError
            If there is nothing, or a run without a model.
        ModelFileError
            If the model is damaged.
        """
        if not (Path(path) / RUN_FILE).is_file():
            return cls(load_model(path))
        folder = RunFolder.open(path)
        if not folder.model.exists():
            raise FileNotFoundError(f"the run in {path} ({folder.status}) has no model; a fit that ended well has one")
        return cls(load_model(folder.model), folder)

    def load(
        self,
        name: str,
        *,
        target: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        strict: bool = False,
        needs_target: bool,
    ) -> Dataset:
        """Read a data set as the one that was learned from was read.

        Parameters
        ----------
        name : str
            As for `rosenblatt.data.load`, as are ``target``, ``image_shape`` and ``strict``. By default the target is
            that of the run, and images of a folder get the shape of those that were learned from.
        needs_target : bool
            Whether a data set without the target is refused.

        Raises
        ------
        ValueError, OSError
            As `rosenblatt.data.load` does, and if the target is missing.
        """
        image_shape = image_shape or self._image_shape(Path(name))
        remembered = self._reading().get("target")
        if target is None and remembered is not None and not needs_target:
            with suppress(ValueError):  # rows to predict come without the target as often as with it
                return load(name, target=remembered, image_shape=image_shape, strict=strict)
            remembered = None
        dataset = load(name, target=target or remembered, image_shape=image_shape, strict=strict)
        if needs_target and dataset.y is None:
            raise ValueError(
                f"{dataset.source or name} is read without a target to compare with: name the column of a table "
                "(target), or put the images of each class into a sub-folder"
            )
        return dataset

    def rows(self, name: str, part: str, **reading: Any) -> Any:
        """Read a data set and take a part of it, without the target, as `load` and `part` do."""
        return self.part(self.load(name, **reading, needs_target=False), part)[0]

    def fair_part(self, dataset: Dataset) -> str:
        """``"test"`` where the data set has rows that were held out of the fit, as far as is known, else ``"all"``."""
        if dataset.X_test is not None:
            return "test"
        seen = self.folder is not None and self.folder.record["data_fingerprint"] == dataset_fingerprint(dataset)
        return "test" if seen and self._reading().get("test_size") != 0 else "all"

    def part(self, dataset: Dataset, part: str) -> tuple[Any, np.ndarray | None]:
        """Rows as the estimator knows them: columns by the names that it learned, classes by theirs.

        Parameters
        ----------
        dataset : Dataset
        part : {"all", "train", "test"}
            The parts are those of the fit, or would be if it had had this data set.

        Returns
        -------
        X : ndarray or pandas.DataFrame
        y : ndarray or None

        Raises
        ------
        ValueError
            If the fit held no rows out and these are asked for, or a column is missing.
        """
        X, y = dataset.X, dataset.y
        if part == "all" and dataset.X_test is not None:
            X = np.concatenate([X, dataset.X_test])
            y = None if y is None or dataset.y_test is None else np.concatenate([y, dataset.y_test])
        if part != "all":
            X_train, X_test, y_train, y_test = divided(dataset, self._reading().get("test_size"))
            if part == "test" and X_test is None:
                raise ValueError("the fit held no rows out (test_size 0), so there is no test part; take all")
            X, y = (X_test, y_test) if part == "test" and X_test is not None else (X_train, y_train)
        return inputs_for(self.estimator, dataset, X), targets(dataset, y)

    @property
    def data_name(self) -> str:
        """The name or path of the data that the run learned from.

        Raises
        ------
        ValueError
            If it is not known.
        """
        name = self._reading().get("name")
        if not name:
            raise ValueError("it is not known which data this model learned from: name them")
        return str(name)

    def _reading(self) -> dict[str, Any]:
        """How the data set of the run was read."""
        reading = {} if self.folder is None else self.folder.record["fields"].get("data")
        return reading if isinstance(reading, dict) else {}

    def _image_shape(self, path: Path) -> tuple[int, ...] | None:
        shape = getattr(self.estimator, "image_shape_", None)
        return tuple(shape) if shape is not None and path.is_dir() and not holds_idx_files(path) else None
