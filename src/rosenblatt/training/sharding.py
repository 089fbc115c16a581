"""Spreading the rows of each batch over several devices, which then all take the same step.

Every device holds all rows and all parameters, works on its share of a batch without waiting for the others, and adds
its sums to theirs once a step. The cores of a CPU count as devices here: convolutions gain from it, since each core's
images stay in its own cache; the small matrix products of dense networks would only wait for one another.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

from rosenblatt.types import Device

_AXIS = "share"

WHOLE = PartitionSpec()  # the same on each device


def over(devices: list[Device]) -> NamedSharding | Device:
    """Where to put what all of these devices hold: ``jax.device_put`` takes it."""
    return devices[0] if len(devices) == 1 else NamedSharding(Mesh(devices, (_AXIS,)), WHOLE)


def mesh_of(array: jax.Array) -> Mesh | None:
    """The mesh of the devices that hold the array, None where there is one device."""
    held = array.sharding
    if not isinstance(held, NamedSharding) or not isinstance(held.mesh, Mesh):
        return None
    return held.mesh if held.mesh.size > 1 else None


def split_axis(number: int) -> PartitionSpec:
    """An array of which each device gets its share along that axis."""
    return PartitionSpec(*(None,) * number, _AXIS)


def spread(function: Callable[..., PyTree], mesh: Mesh | None, specs: tuple[Any, ...]) -> Callable[..., PyTree]:
    """The function run by each device of the mesh on its share of the arguments; what it returns is the same on all."""
    if mesh is None:
        return function
    return jax.shard_map(function, mesh=mesh, in_specs=specs, out_specs=WHOLE, check_vma=False)


def n_devices() -> int:
    """How many devices run the function that is being traced."""
    try:
        return lax.axis_size(_AXIS)
    except NameError:  # so JAX says that there is no such axis
        return 1


def device_number() -> jax.Array | int:
    """Which of them this is."""
    return lax.axis_index(_AXIS) if n_devices() > 1 else 0


def total(values: PyTree) -> PyTree:
    """The sum over all of them."""
    return lax.psum(values, _AXIS) if n_devices() > 1 else values
