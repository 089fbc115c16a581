"""Receptive fields, against the pixels that really have a say: where the gradient of one unit is not 0."""

import jax
import numpy as np
import pytest

from rosenblatt.nn import receptive_fields
from rosenblatt.nn.activations import identity
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.windows import Window

GRID = [
    (Window.of(3, padding="same"), ("average", 2), (4, 5)),
    (Window.of(3), ("average", 2), (3,)),
    (Window.of(5, stride=2, padding=1), None, (2, 3)),
    (Window.of((3, 2), stride=(1, 2), dilation=(2, 1)), ("average", 2), (3, 2)),
    (Window.of(4, stride=3, padding="same"), ("average", 2), (2,)),
]


def positive_network(window, pooling, channels, shape=(23, 26, 1)):
    """All weights are positive, so that no way from a pixel to a unit cancels another."""
    rng = np.random.default_rng(0)
    network = ConvNet.initialize(
        shape, channels, window, pooling, None, (), 2, [identity] * len(channels), "glorot", rng
    )
    return jax.tree.map(lambda leaf: np.abs(leaf) + 0.1, network)


@pytest.mark.parametrize(("window", "pooling", "channels"), GRID)
def test_fields_are_where_the_gradient_is(window, pooling, channels):
    features = positive_network(window, pooling, channels).features
    image = np.ones(features.image_shape, np.float32)
    maps = jax.jit(lambda x: features.maps(x))(image)
    slopes_of = jax.jit(lambda chosen: jax.vjp(features.maps, image)[1](chosen)[0])  # all units by one program
    for depth, fields in enumerate(receptive_fields(features)):
        for layer, field in ((0, fields.convolution), (-1, fields.output)):
            shape = maps[depth][layer].shape[:-1]
            spans = field.spans(shape)
            for unit in {(0, 0), (shape[0] // 2, shape[1] // 2), (shape[0] - 1, shape[1] - 1)}:
                chosen = jax.tree.map(lambda layer: np.zeros(layer.shape, np.float32), maps)
                chosen[depth][layer][(*unit, 0)] = 1
                seen = np.nonzero(np.asarray(slopes_of(chosen))[..., 0])
                for axis, pixels in enumerate(seen):
                    first, last = spans[axis][unit[axis]]
                    # A dilated window leaves gaps, but its ends are where they are said to be.
                    assert pixels.min() == max(first, 0)
                    assert pixels.max() == min(last, image.shape[axis] - 1)


def test_sizes_by_hand():
    """3 x 3, 2 x 2 pooling, 3 x 3, 2 x 2 pooling: 3, then 3 + 1, then 4 + 2 * 2, then 8 + 2."""
    network = positive_network(Window.of(3, padding="same"), ("average", 2), (4, 5), (28, 28, 1))
    first, second = receptive_fields(network.features)
    assert [field.size for field in (*first, *second)] == [(3, 3), (4, 4), (8, 8), (10, 10)]
    assert [field.stride for field in (*first, *second)] == [(1, 1), (2, 2), (2, 2), (4, 4)]
    assert [field.center for field in (*first, *second)] == [(0.0, 0.0), (0.5, 0.5), (0.5, 0.5), (1.5, 1.5)]


def test_signals_have_one_axis():
    network = positive_network(Window.of(5, stride=2, n_axes=1), None, (3,), (30, 2))
    ((field, _),) = receptive_fields(network.features)
    assert field == ((5,), (2,), (2.0,))
    np.testing.assert_array_equal(field.spans((13,))[0][[0, 12]], [[0, 4], [24, 28]])
