"""Rows padded to buckets, and the batches that the host draws."""

import numpy as np
import pytest

from rosenblatt.training.batches import batch_shape, bucket, draw_indices, make_rows, n_steps, pad_rows

SIZES = [1, 2, 31, 511, 512, 513, 2047, 2048, 8191, 8192, 10_000, 60_000, 70_000, 1_000_000, 1_234_567]


@pytest.mark.parametrize("n_rows", SIZES)
def test_a_bucket_has_room_for_a_padded_row_and_wastes_little(n_rows):
    length = bucket(n_rows)
    assert length > n_rows
    if n_rows >= 8192:
        assert length <= 1.125 * (n_rows + 1)


def test_buckets_grow_with_the_rows_and_are_few():
    lengths = [bucket(n) for n in range(1, 70_000)]
    assert lengths == sorted(lengths)
    assert set(lengths[:8191]) == {512, 2048, 8192}
    assert len(set(lengths)) < 40


@pytest.mark.parametrize("n_rows", [150, 569, 1797, 60_000])
@pytest.mark.parametrize("n_folds", [3, 5, 10])
def test_training_sets_of_a_cross_validation_share_a_bucket(n_rows, n_folds):
    smallest = n_rows - -(-n_rows // n_folds)
    assert bucket(smallest) == bucket(smallest + 1)


@pytest.mark.parametrize(
    ("batch_size", "n_rows", "steps"),
    [(64, 1797, 29), (64, 64, 1), (64, 65, 2), (1, 23, 23), (1000, 23, 1), ("full", 23, 1), ("full", 60_000, 1)],
)
def test_an_epoch_has_as_many_steps_as_batches(batch_size, n_rows, steps):
    assert n_steps(batch_size, n_rows) == steps
    most, batch = batch_shape(batch_size, n_rows)
    assert steps <= most
    assert n_rows <= steps * batch
    assert batch <= bucket(n_rows)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000, "full"])
@pytest.mark.parametrize("moves", [1, 3])
def test_each_moves_batches_hold_every_row_once(batch_size, moves):
    n_rows = 100
    shape = batch_shape(batch_size, n_rows)
    indices = draw_indices(np.random.default_rng(0), n_rows, shape, moves, shuffle=True)
    assert indices.shape == (shape[0], moves, shape[1])
    assert indices.dtype == np.int32
    for move in range(moves):
        drawn = indices[:, move].ravel()
        np.testing.assert_array_equal(np.sort(drawn[:n_rows]), np.arange(n_rows))
        np.testing.assert_array_equal(drawn[n_rows:], np.full(len(drawn) - n_rows, n_rows))
        assert not np.array_equal(drawn[:n_rows], np.arange(n_rows))


def test_moves_and_epochs_have_orders_of_their_own():
    rng = np.random.default_rng(0)
    first, second = (draw_indices(rng, 100, (4, 64), 2, shuffle=True) for _ in range(2))
    orders = [tuple(epoch[:, move].ravel()) for epoch in (first, second) for move in range(2)]
    assert len(set(orders)) == 4


def test_without_shuffling_rows_come_in_their_order():
    indices = draw_indices(np.random.default_rng(0), 5, (3, 2), 1, shuffle=False)
    np.testing.assert_array_equal(indices[:, 0], [[0, 1], [2, 3], [4, 5]])  # 5 is the first padded row


def test_every_row_is_as_likely_in_every_place():
    rng = np.random.default_rng(0)
    places = np.array([draw_indices(rng, 4, (2, 2), 1, shuffle=True).ravel() for _ in range(6000)])
    counts = np.stack([np.bincount(column, minlength=4) for column in places.T])
    assert np.abs(counts - 1500).max() < 6 * np.sqrt(6000 * 3 / 16)


def test_rows_are_padded_with_zeros_and_weights_have_mean_1(device):
    X, y = np.ones((3, 2), np.float32), np.array([4, 5, 6], np.int32)
    rows = make_rows(X, y, np.array([0.0, 1.0, 3.0]), device)
    assert rows.n_rows == 3
    assert {array.shape[0] for array in (rows.inputs, rows.targets, rows.weights)} == {bucket(3)}
    np.testing.assert_array_equal(rows.inputs[:4], [[1, 1], [1, 1], [1, 1], [0, 0]])
    np.testing.assert_array_equal(rows.targets[:4], [4, 5, 6, 0])
    np.testing.assert_allclose(rows.weights[:4], [0, 0.75, 2.25, 0])
    assert rows.weights.dtype == np.float32


def test_rows_without_weights_count_the_same_and_trees_of_inputs_are_padded_leaf_by_leaf(device):
    rows = make_rows({"a": np.ones((3, 2)), "b": np.ones(3)}, None, None, device)
    np.testing.assert_array_equal(rows.weights[:4], [1, 1, 1, 0])
    assert rows.inputs["a"].shape == (bucket(3), 2)
    assert rows.inputs["b"].shape == (bucket(3),)
    assert rows.targets is None


def test_tiny_weights_are_as_good_as_ordinary_ones(device):
    """Scaled in float64: 1e-60 is 0 in float32."""
    rows = make_rows(np.ones((2, 1), np.float32), None, np.array([1e-60, 3e-60]), device)
    np.testing.assert_allclose(rows.weights[:2], [0.5, 1.5])


def test_weights_that_are_all_zero_are_refused(device):
    """As class_weight or the split of a validation set can leave them, though some of the user's were not 0."""
    with pytest.raises(ValueError, match="all 3 rows have weight 0"):
        make_rows(np.ones((3, 1), np.float32), None, np.zeros(3), device)


def test_pad_rows_keeps_the_dtype():
    padded = pad_rows(np.array([[1, 2]], np.int16), 3)
    np.testing.assert_array_equal(padded, [[1, 2], [0, 0], [0, 0]])
    assert padded.dtype == np.int16
