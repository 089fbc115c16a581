"""The engine's random bits: uniform, independent between keys, rows and steps, and usable by ``jax.random``.

Statistics are within six standard errors, or their p-values not below 1e-8, which is as rare.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from rosenblatt.training.randomness import mix, wrap_key

N = 2**16
RARE = 1e-8
ORDINARY = [0x243F6A88, 0x85A308D3]  # as the host draws them
# The others differ from their neighbours as little as keys can.
WORDS = np.uint32([[0, 0], [0, 1], [0, 2], [2**31, 0], [0, 2**31], [1, 2**31], [2**32 - 1] * 2, ORDINARY])


def as_words(keys):
    return np.asarray(jax.random.key_data(keys))


@jax.jit
def streams(keys):
    """A row of words for each key."""
    return jax.vmap(lambda key: jax.random.bits(key, (N,)))(keys)


def key_families():
    """64 keys each, as training makes them: drawn by the host for steps, split for rows, folded in for layers."""
    rng = np.random.default_rng(0)
    root = wrap_key(np.uint32(ORDINARY))
    return {
        "drawn": wrap_key(rng.integers(0, 2**32, (64, 2), dtype=np.uint32)),
        "folded": jax.vmap(lambda i: jax.random.fold_in(root, i))(jnp.arange(64)),
        "split": jax.random.split(root, 64),
    }


@pytest.fixture(scope="module")
def families():
    return key_families()


@pytest.fixture(scope="module")
def words():
    return np.asarray(streams(wrap_key(WORDS)))


def correlations(rows):
    """The largest correlation between two rows, in standard errors."""
    matrix = np.corrcoef(rows)
    return np.abs(matrix[np.triu_indices(len(rows), 1)]).max() * np.sqrt(rows.shape[1])


def test_every_bit_is_fair(words):
    bits = (words[..., None] >> np.arange(32, dtype=np.uint32)) & 1
    standard_errors = (bits.mean(axis=1) - 0.5) * 2 * np.sqrt(N)
    assert np.abs(standard_errors).max() < 6


@pytest.mark.parametrize("shift", [0, 8, 16, 24])
def test_every_byte_is_uniform_and_not_too_uniform(words, shift):
    for row in words:
        counts = np.bincount((row >> shift) & 0xFF, minlength=256)
        assert RARE < stats.chisquare(counts).pvalue < 1 - RARE


def test_successive_words_are_independent(words):
    for row in words:
        high = row >> 27
        pairs = np.bincount(high[:-1:2] * 32 + high[1::2], minlength=1024)
        assert RARE < stats.chisquare(pairs).pvalue < 1 - RARE
        centred = row / 2**32 - 0.5
        lagged = [np.mean(centred[:-lag] * centred[lag:]) * 12 * np.sqrt(N) for lag in (1, 2, 3, 16, 64, 256, 1024)]
        assert np.abs(lagged).max() < 6


@pytest.mark.parametrize("bit_width", [8, 16])
def test_narrow_words_are_uniform(bit_width):
    dtype = {8: jnp.uint8, 16: jnp.uint16}[bit_width]
    drawn = np.asarray(jax.random.bits(wrap_key(WORDS[0]), (N,), dtype))
    counts = np.bincount(drawn >> (bit_width - 8), minlength=256)
    assert RARE < stats.chisquare(counts).pvalue < 1 - RARE


def test_uniforms_are_uniform():
    for key in wrap_key(WORDS[[0, 1, -1]]):
        drawn = np.asarray(jax.random.uniform(key, (N,)), np.float64)
        assert 0 <= drawn.min() < drawn.max() < 1
        assert RARE < stats.chisquare(np.histogram(drawn, 1000, (0, 1))[0]).pvalue < 1 - RARE
        assert abs(drawn.mean() - 0.5) < 6 / np.sqrt(12 * N)
        assert abs(drawn.var() - 1 / 12) < 6 / np.sqrt(180 * N)


def test_normal_and_bernoulli_follow_their_laws():
    key = wrap_key(WORDS[-1])
    normal = np.asarray(jax.random.normal(key, (N,)), np.float64)
    assert stats.kstest(normal, "norm").pvalue > RARE
    assert abs(normal.mean()) < 6 / np.sqrt(N)
    assert abs(normal.var() - 1) < 6 * np.sqrt(2 / N)
    heads = np.asarray(jax.random.bernoulli(key, 0.3, (N,)))
    assert abs(heads.mean() - 0.3) < 6 * np.sqrt(0.3 * 0.7 / N)


def test_integers_and_permutations_work():
    key = wrap_key(WORDS[-1])
    counts = np.bincount(jax.random.randint(key, (N,), 0, 10), minlength=10)
    assert RARE < stats.chisquare(counts).pvalue < 1 - RARE
    shuffled = np.asarray(jax.random.permutation(key, 1000))
    np.testing.assert_array_equal(np.sort(shuffled), np.arange(1000))
    assert abs(stats.spearmanr(shuffled, np.arange(1000)).statistic) * np.sqrt(1000) < 6


@pytest.mark.parametrize("family", ["drawn", "folded", "split"])
def test_streams_of_different_keys_are_independent(families, family):
    rows = np.asarray(streams(families[family]))[:, :4096]
    assert correlations(rows.astype(float)) < 6
    for bit in (0, 15, 31):
        assert correlations(((rows >> bit) & 1).astype(float)) < 6


@pytest.mark.parametrize("family", ["drawn", "folded", "split"])
def test_no_stream_is_another_one_shifted(families, family):
    """By chance 64 streams of 1,024 words hold half a pair of equal words: 2^16 choose 2, over 2^32."""
    rows = np.asarray(streams(families[family]))[:, :1024]
    _, counts = np.unique(rows, return_counts=True)
    assert (counts - 1).sum() < 8


def test_neighbouring_raw_keys_share_no_words():
    first, second = np.asarray(streams(wrap_key(np.uint32([[5, 7], [6, 7]]))))[:, :1024]
    assert len(np.intersect1d(first, second)) < 4


@pytest.mark.parametrize("second_word", [1, 500])
def test_children_of_a_key_share_no_words(second_word):
    children = jax.random.split(wrap_key(np.uint32([0, second_word])), 64)
    _, counts = np.unique(np.asarray(streams(children))[:, :1024], return_counts=True)
    assert (counts - 1).sum() < 8


@pytest.mark.parametrize("derive", [jax.random.fold_in, lambda key, i: jax.random.split(key, 2**14)[i]])
def test_derived_keys_do_not_repeat(derive):
    root = wrap_key(np.uint32([0, 0]))
    keys = as_words(jax.jit(jax.vmap(lambda i: derive(root, i)))(jnp.arange(2**14)))
    assert len(np.unique(keys, axis=0)) == 2**14
    # One word alone repeats as often as 2^14 of 2^32 words do, 0.03 times.
    assert len(np.unique(keys[:, 0])) > 2**14 - 4
    assert len(np.unique(keys[:, 1])) > 2**14 - 4


def test_seeds_make_keys_that_do_not_repeat():
    implementation = jax.random.key_impl(wrap_key(np.uint32([0, 0])))
    keys = as_words(jax.vmap(lambda seed: jax.random.key(seed, impl=implementation))(jnp.arange(2**12)))
    assert len(np.unique(keys[:, 0])) == len(np.unique(keys[:, 1])) == 2**12


def test_masks_of_rows_and_layers_and_steps_are_independent():
    """As dropout draws them: a key a step from the host, split over rows, folded in for each layer."""
    steps = wrap_key(np.random.default_rng(1).integers(0, 2**32, (4, 2), dtype=np.uint32))

    @jax.jit
    @jax.vmap
    def masks(step_key):
        def of_row(key):
            layers = [jax.random.uniform(jax.random.fold_in(key, depth), (4096,)) for depth in (0, 1)]
            return jnp.stack(layers)

        return jax.vmap(of_row)(jax.random.split(step_key, 8)).reshape(16, -1)

    kept = np.asarray(masks(steps) >= 0.4).reshape(4 * 16, -1).astype(float)
    assert np.abs(kept.mean(axis=1) - 0.6).max() < 6 * np.sqrt(0.24 / 4096)
    assert np.abs(kept.mean(axis=0) - 0.6).max() < 6 * np.sqrt(0.24 / 64)
    assert correlations(kept) < 6


def test_mix_has_avalanche():
    """Flipping any input bit flips each output bit with probability one half."""
    n = 2**14
    inputs = np.random.default_rng(2).integers(0, 2**32, n, dtype=np.uint32)
    flipped = inputs[:, None] ^ (np.uint32(1) << np.arange(32, dtype=np.uint32))
    change = np.asarray(mix(jnp.asarray(inputs))[:, None] ^ mix(jnp.asarray(flipped)))
    rates = ((change[..., None] >> np.arange(32, dtype=np.uint32)) & 1).mean(axis=0)
    # 1,024 rates; the function's own deviation from one half is below 0.01 (Wellons 2018), sampling adds to it.
    assert np.abs(rates - 0.5).max() < 0.01 + 6 * 0.5 / np.sqrt(n)


def test_mix_is_the_published_function_and_loses_nothing():
    """lowbias32 in Python's integers, and its inverse."""

    def published(x):
        x = (x ^ x >> 16) * 0x7FEB352D % 2**32
        x = (x ^ x >> 15) * 0x846CA68B % 2**32
        return x ^ x >> 16

    inputs = [0, 1, 2, 0xDEADBEEF, 2**32 - 1]
    np.testing.assert_array_equal(mix(jnp.asarray(np.uint32(inputs))), [published(x) for x in inputs])
    consecutive = np.asarray(mix(jnp.arange(N, dtype=jnp.uint32)))
    assert len(np.unique(consecutive)) == N


def test_the_same_key_gives_the_same_bits_in_any_shape_compiled_or_not():
    key = wrap_key(WORDS[-1])
    flat = np.asarray(jax.random.bits(key, (24,)))
    np.testing.assert_array_equal(jax.random.bits(key, (2, 3, 4)), flat.reshape(2, 3, 4))
    np.testing.assert_array_equal(jax.jit(lambda key: jax.random.bits(key, (24,)))(key), flat)
    np.testing.assert_array_equal(streams(key[None])[0, :24], flat)
    assert jax.random.bits(key, ()) == flat[0]
    assert jax.random.bits(key, (0,)).shape == (0,)


def test_a_vector_of_keys_is_one_key_after_the_other():
    keys = wrap_key(WORDS)
    together = as_words(jax.vmap(lambda key: jax.random.split(key, 3))(keys))
    np.testing.assert_array_equal(together, [as_words(jax.random.split(key, 3)) for key in keys])


def test_64_bit_words_are_refused(float64):
    with pytest.raises(NotImplementedError, match=r"64-bit random words; the engine draws 8, 16 or 32 bits"):
        jax.random.uniform(wrap_key(WORDS[0]), (3,), jnp.float64)
