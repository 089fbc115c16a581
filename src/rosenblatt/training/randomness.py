"""Random bits that are cheap inside a compiled epoch.

JAX's default generator (threefry) adds half a second of compilation to a training loop and is several times slower on
a CPU than what it feeds. This one hashes a counter: the bits of element i under the key (a, b) are
mix(mix(i + mix(a)) ^ b), where ``mix`` is a 32-bit finaliser with close to ideal avalanche (Wellons 2018, "lowbias32").
It is an ordinary JAX key type, so ``jax.random`` and Equinox layers work on it. It is not for cryptography.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import define_prng_impl
from jaxtyping import Array, PRNGKeyArray, UInt32

from rosenblatt.types import AnyArray

_WIDTHS = {8: jnp.uint8, 16: jnp.uint16, 32: jnp.uint32}


def mix(x: UInt32[Array, "..."]) -> UInt32[Array, "..."]:
    """A bijection of 32-bit words in which each input bit flips each output bit with probability near one half."""
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)


def _hash(key: UInt32[Array, "2"], counter: UInt32[Array, "..."]) -> UInt32[Array, "..."]:
    # Mixed, since keys whose first words are near would otherwise give the same words, shifted.
    return mix(mix(counter + mix(key[0])) ^ key[1])


def _counter(shape: tuple[int, ...]) -> UInt32[Array, "..."]:
    return jax.lax.iota(jnp.uint32, math.prod(shape)).reshape(shape)


def _seed(seed: Array) -> UInt32[Array, "2"]:
    word = jnp.asarray(seed).astype(jnp.uint32)
    return jnp.stack([mix(word), mix(word ^ jnp.uint32(0x9E3779B9))])


def _fold_in(key: UInt32[Array, "2"], data: Array | int) -> UInt32[Array, "2"]:
    word = jnp.asarray(data).astype(jnp.uint32)
    first = mix(key[0] ^ mix(word + jnp.uint32(0x9E3779B9)))
    return jnp.stack([first, mix(key[1] + first)])


def _split(key: UInt32[Array, "2"], shape: tuple[int, ...]) -> UInt32[Array, "... 2"]:
    keys = jax.vmap(lambda word: _fold_in(key, word))(jax.lax.iota(jnp.uint32, math.prod(shape)))
    return keys.reshape(*shape, 2)


def _random_bits(key: UInt32[Array, "2"], bit_width: int, shape: tuple[int, ...]) -> Array:
    if bit_width not in _WIDTHS:
        raise NotImplementedError(f"{bit_width}-bit random words; the engine draws 8, 16 or 32 bits (float32 numbers)")
    return _hash(key, _counter(shape)).astype(_WIDTHS[bit_width])


_GENERATOR = define_prng_impl(
    key_shape=(2,), seed=_seed, split=_split, random_bits=_random_bits, fold_in=_fold_in, name="counter_hash", tag="hsh"
)


def wrap_key(words: UInt32[AnyArray, "2"]) -> PRNGKeyArray:
    """A JAX key of this generator from two 32-bit words, as the host draws them for each step."""
    return jax.random.wrap_key_data(jnp.asarray(words), impl=_GENERATOR)


def fixed_key() -> PRNGKeyArray:
    """The key of what is to be drawn alike each time, such as in evaluations: digits of pi."""
    return wrap_key(np.array((0x243F6A88, 0x85A308D3), np.uint32))


def row_key(x: Array) -> PRNGKeyArray:
    """A key that the numbers or bytes of one row determine: a row's noise is its own, wherever the row stands."""
    words = jax.lax.bitcast_convert_type(x.astype(jnp.float32), jnp.uint32)
    hashed = mix(words + mix(_counter(words.shape)))
    return wrap_key(jnp.stack([hashed.sum(dtype=jnp.uint32), mix(hashed).sum(dtype=jnp.uint32)]))
