"""What is done to the words of a command before they become values: a TOML file adds to them, and slips are refused."""

import tomllib
from pathlib import Path
from typing import Any, get_args

from cyclopts import App, ArgumentCollection, CycloptsError
from cyclopts.config import Dict


def values_from_file(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Fill the flags that are not given from the file that ``--config`` names, if the command has it and it does."""
    for argument in arguments:
        if argument.name == "--config" and argument.tokens:
            path = Path(argument.tokens[0].value)
            Dict(data=_read(path), source=str(path), use_commands_as_keys=False)(app, commands, arguments)


def refuse_rounding(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Refuse 1.5 where a whole number is needed; cyclopts would make 2 of it."""
    for argument in arguments:
        kinds = _kinds(argument.hint)
        for token in argument.tokens if int in kinds and float not in kinds else ():
            if "." in token.value:
                raise CycloptsError(msg=f"{argument.name} needs whole numbers, and {token.value} is none.")


def _kinds(hint: Any) -> set[Any]:
    parts = get_args(hint)
    return set().union(*map(_kinds, parts)) if parts else {hint} & {int, float}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CycloptsError(msg=f"--config {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CycloptsError(msg=f"--config {path} is not TOML: {error}.") from error
