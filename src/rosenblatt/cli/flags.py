"""Flags from an estimator's fields: each is declared and described once, in the estimator's class.

A field whose type cannot be written on a command line (a callable, an Optax object, a random state) is offered as far
as it can: an activation by its name, a seed as a number; where nothing is left, there is no flag.
"""

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import Parameter as Argument
from inspect import cleandoc, signature
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from cyclopts import Group, Parameter

from rosenblatt.models.fields import own_fields

_NOT_OFFERED = {"warm_start"}  # a command always fits afresh
_DEFAULTS = {"verbose": 1}
MODEL_GROUP = Group("Model", sort_key=1)
_SHARED_GROUPS = {"NetworkEstimator": Group("Training", sort_key=2), "EngineEstimator": Group("Fit", sort_key=3)}
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


@dataclass(frozen=True)
class Flag:
    """A field as a flag.

    Parameters
    ----------
    name : str
        The field's.
    hint : type
        What of the field's type can be written on a command line; ``tuple[T, ...]`` where it takes several values.
    default : object
        The field's default.
    text : str
        Its description, from the docstring of the class that declares it, with its range.
    group : cyclopts.Group
        Where the help shows it.
    unwraps : bool
        Whether one value alone is passed as itself and not as a tuple of one.
    task : str, optional
        The only task that it is for, where the model has several.
    """

    name: str
    hint: Any
    default: Any
    text: str
    group: Group
    unwraps: bool = False
    task: str | None = None

    def argument(self) -> Argument:
        """The flag as an argument of a command."""
        several = _takes_several(self.hint)
        wraps = several and self.default is not None and not isinstance(self.default, tuple)
        shown = Parameter(
            help=self.text,
            group=self.group,
            consume_multiple=several,
            negative_iterable=(),
            show_default=_shown,
        )
        default = (self.default,) if wraps else self.default
        return Argument(self.name, Argument.KEYWORD_ONLY, default=default, annotation=Annotated[self.hint, shown])

    def value(self, given: Any) -> Any:
        """The field's value for what was given on the command line."""
        return given[0] if self.unwraps and isinstance(given, tuple) and len(given) == 1 else given


def estimator_flags(classes: Mapping[str, type[Any]]) -> dict[str, Flag]:
    """The flags of a model, by field.

    Parameters
    ----------
    classes : mapping of str to type
        The estimator of each task; the flags are those of all, and the help says which belong to one task only.

    Returns
    -------
    dict of str to Flag
        What the model itself declares comes first, what all models share last.
    """
    of_task = {task: _flags(estimator) for task, estimator in classes.items()}
    flags: dict[str, Flag] = {}
    for task, offered in of_task.items():
        for name, flag in offered.items():
            common = all(name in others for others in of_task.values())
            flags.setdefault(name, flag if common else replace(flag, text=f"{flag.text} For {task} only.", task=task))
    return dict(sorted(flags.items(), key=lambda item: (item[1].group.sort_key, item[1].task is not None)))


def with_flags(function: Callable[..., Any], flags: Iterable[Flag]) -> Callable[..., Any]:
    """Name the flags in the signature of a function that takes ``**fields``, which is where the parser looks for them.

    Parameters
    ----------
    function : callable
        With type hints.
    flags : iterable of Flag

    Returns
    -------
    callable
        That calls the function.
    """
    named: Any = partial(function)
    own = [argument for argument in signature(function).parameters.values() if argument.kind != Argument.VAR_KEYWORD]
    named.__signature__ = signature(function).replace(parameters=[*own, *(flag.argument() for flag in flags)])
    return named


def written(hint: Any) -> Any:
    """What of a type can be written on a command line, or None.

    Parameters
    ----------
    hint : type
        Of a field, resolved, with its ``Annotated`` range.

    Returns
    -------
    type or None
        Numbers, texts, choices, and tuples of them, or None beside one of these. A sequence, also beside a single
        value, is ``tuple[T, ...]``.
    """
    origin, parts = get_origin(hint), get_args(hint)
    if hint in (int, float, str, bool) or origin is Literal:
        return hint
    if origin is Annotated:
        inner = written(parts[0])
        return None if inner is None else Annotated[inner, *hint.__metadata__]
    if origin in (Union, types.UnionType):
        return _written_union(hint)
    if origin is Sequence:
        inner = written(parts[0])
        return None if inner is None else tuple[inner, ...]
    return hint if origin is tuple and all(map(written, parts)) else None


def _written_union(hint: Any) -> Any:
    offered = list(_alternatives(hint))
    if not offered:
        return None
    several = [part for part in offered if _takes_several(part)]
    kept = several[:1] or offered
    return Union[*kept, None] if types.NoneType in get_args(hint) else Union[*kept]


def _alternatives(hint: Any) -> Iterator[Any]:
    """The writable parts of a union but None; of another type the type itself."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return (inner for part in parts if part is not types.NoneType and (inner := written(part)) is not None)


def _takes_several(hint: Any) -> bool:
    return any(get_origin(part) is tuple and Ellipsis in get_args(part) for part in (hint, *get_args(hint)))


def _flags(estimator: type[Any]) -> dict[str, Flag]:
    hints = get_type_hints(estimator, include_extras=True)
    flags = {}
    for name, field in own_fields(estimator).items():
        hint = written(hints[name])
        if hint is None or name in _NOT_OFFERED:
            continue
        home = next(base for base in estimator.__mro__ if name in vars(base).get("__annotations__", {}))
        text = " ".join([*_descriptions(home)[name].split(), *_range(hint)])
        group = _SHARED_GROUPS.get(home.__name__, MODEL_GROUP)
        unwraps = not all(map(_takes_several, _alternatives(hints[name])))
        flags[name] = Flag(name, hint, _DEFAULTS.get(name, field.default), text, group, unwraps)
    return flags


def _descriptions(home: type[Any]) -> dict[str, str]:
    """The text of each parameter in a class's own docstring."""
    from docstring_parser import DocstringStyle, parse

    described = parse(cleandoc(vars(home)["__doc__"]), style=DocstringStyle.NUMPYDOC)
    return {
        name: parameter.description or ""
        for parameter in described.params
        for name in parameter.arg_name.split(", ")  # numpydoc names what is alike together, as in "l1, l2 : float"
    }


def _range(hint: Any) -> list[str]:
    """The range of a number, or of each of several, in brackets; nothing where there is none."""
    found = [(bound, name) for bound in _constraints(hint) for name in _SIGNS if hasattr(bound, name)]
    texts = [f"{_SIGNS[name]} {getattr(bound, name)}" for bound, name in found]
    return [f"[range: {', '.join(texts)}]"] if texts else []


def _constraints(hint: Any) -> list[Any]:
    if get_origin(hint) is not Annotated:
        return [bound for part in get_args(hint) for bound in _constraints(part)]
    return [bound for extra in hint.__metadata__ for bound in getattr(extra, "metadata", ())]


def _shown(default: Any) -> str:
    return " ".join(map(str, default)) if isinstance(default, tuple) else str(default)
