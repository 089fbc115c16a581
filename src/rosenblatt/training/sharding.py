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


def mesh_of(placement: Any) -> Mesh | None:
    """The mesh of the devices that an array is on, by what ``over`` gave or by its sharding; None for one device."""
    if not isinstance(placement, NamedSharding) or not isinstance(placement.mesh, Mesh):
        return None
    return placement.mesh if placement.mesh.size > 1 else None


def split_axis(number: int) -> PartitionSpec:
    """An array of which each device gets its share along that axis."""
    return PartitionSpec(*(None,) * number, _AXIS)


def spread(
    function: Callable[..., PyTree], mesh: Mesh | None, specs: tuple[Any, ...], out: PartitionSpec = WHOLE
) -> Callable[..., PyTree]:
    """The function run by each device of the mesh on its share of the arguments.

    What it returns is the same on all devices, or with ``out`` each one's share of the whole.
    """
    if mesh is None:
        return function
    return jax.shard_map(function, mesh=mesh, in_specs=specs, out_specs=out, check_vma=False)


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
