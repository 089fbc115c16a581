"""What a gradient check found: how far each way is from the written-out formulas, layer by layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

JAX, DIFFERENCES, SCALARS = "jax.grad", "central differences", "scalar graph"


class Agreement(NamedTuple):
    """One way's slopes of one layer's weights or biases beside those of the formulas.

    Attributes
    ----------
    parameter : str
        "W(1)", "b(1)", ...
    way : {"jax.grad", "central differences", "scalar graph"}
    largest_slope : float
        Of the formulas, by size, over the whole array.
    largest_difference : float
        Between the two ways, by size, over the slopes that were compared.
    allowed : float
        How large it may be.
    n_compared, n_parameters : int
        How many of the array's slopes were compared.
    """

    parameter: str
    way: str
    largest_slope: float
    largest_difference: float
    allowed: float
    n_compared: int
    n_parameters: int

    @property
    def agrees(self) -> bool:
        return self.largest_difference <= self.allowed  # false where it is NaN


@dataclass(frozen=True)
class GradientCheck:
    """The result of ``check_gradients``; ``str`` gives it as a table.

    Attributes
    ----------
    agreements : tuple of Agreement
    risk : float
        The risk whose gradient it is.
    n_rows, n_rows_replayed : int
        Rows of X, and how many of them the scalar graph was run on.
    n_kinks : int
        Slopes that were left out of the central differences because the step crosses a kink of an activation or loss.
    """

    agreements: tuple[Agreement, ...]
    risk: float
    n_rows: int
    n_rows_replayed: int
    n_kinks: int

    @property
    def agree(self) -> bool:
        """Whether all ways agree in all layers."""
        return all(agreement.agrees for agreement in self.agreements)

    def __str__(self) -> str:
        ways = list(dict.fromkeys(agreement.way for agreement in self.agreements))
        lines = [f"{'':<6}{'largest slope':>15}" + "".join(f"{way:>22}" for way in ways)]
        for name in dict.fromkeys(agreement.parameter for agreement in self.agreements):
            row = [agreement for agreement in self.agreements if agreement.parameter == name]
            cells = "".join(f"{_cell(agreement):>22}" for agreement in row)
            lines.append(f"{name:<6}{row[0].largest_slope:>15.3g}{cells}")
        return "\n".join([self._heading(), "", *lines, "", *self._notes()]).rstrip()

    def _heading(self) -> str:
        verdict = "All agree." if self.agree else "THEY DO NOT AGREE where there is an exclamation mark."
        rows = _counted(self.n_rows, "row")
        return (
            f"The gradient of the risk, {self.risk:.6g} on {rows}, by the written-out formulas, and\n"
            f"the largest difference of other ways from them. {verdict}"
        )

    def _notes(self) -> Iterator[str]:
        differences = [agreement for agreement in self.agreements if agreement.way == DIFFERENCES]
        n_compared, n_all = sum(a.n_compared for a in differences), sum(a.n_parameters for a in differences)
        if n_compared < n_all:
            yield f"central differences: of {n_compared:,} of {n_all:,} parameters"
        if self.n_kinks:
            yield f"central differences: {_counted(self.n_kinks, 'slope')} left out, where the step crosses a kink"
        if self.n_rows_replayed == 0:
            yield "scalar graph: not run, the network is too large"
        elif self.n_rows_replayed < self.n_rows:
            yield f"scalar graph: of the loss on the first {_counted(self.n_rows_replayed, 'row')}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _cell(agreement: Agreement) -> str:
    if agreement.n_compared == 0:
        return "none compared"
    return f"{agreement.largest_difference:.1e}{'' if agreement.agrees else ' !'}"
