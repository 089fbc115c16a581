"""The product with a matrix of weights, and its slopes in every form, against NumPy and XLA's own product."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.nn.product import contract_rows, plain_contraction, product, turned_rows, turned_slopes

TRANSFORMED = {
    "rows": lambda f, X, W: jax.vmap(f, (0, None))(X, W),
    "a matrix for each row": lambda f, X, W: jax.vmap(f)(X[:3], jnp.stack([W, 2 * W, W + 1])),
    "several matrices": lambda f, X, W: jax.vmap(lambda W: f(X[0], W))(jnp.stack([W, W + 1])),
    "the slope in the matrix": lambda f, X, W: jax.grad(lambda W: (jax.vmap(f, (0, None))(X, W) ** 3).sum())(W),
    "the slope for each row": lambda f, X, W: jax.vmap(jax.grad(lambda x, W: (f(x, W) ** 3).sum(), 1), (0, None))(X, W),
    "rows along the last axis": lambda f, X, W: jax.vmap(f, (1, None), 1)(X.T, W),
    "two axes of rows": lambda f, X, W: jax.vmap(jax.vmap(f, (0, None)), (0, None))(X.reshape(2, 2, -1), W),
    "forward mode": lambda f, X, W: jax.jvp(lambda W: jax.vmap(f, (0, None))(X, W), (W,), (W**2,))[1],
    "forward over reverse": lambda f, X, W: jax.jvp(
        jax.grad(lambda x: (f(x, W) ** 3).sum()), (X[0],), (jnp.cos(X[0]),)
    )[1],
    "reverse over reverse": lambda f, X, W: jax.grad(
        lambda W: (jax.grad(lambda X: (jax.vmap(f, (0, None))(X, W) ** 2).sum())(X) ** 2).sum()
    )(W),
    "a loop": lambda f, X, W: jax.lax.map(lambda x: f(x, W), X),
}


@pytest.mark.parametrize("transformed", TRANSFORMED.values(), ids=TRANSFORMED)
@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(10, 3), (10, 40), (130, 129)], ids=["slopes", "rows", "plain"])
def test_jax_transforms_it_like_its_own(transformed, n_inputs, n_outputs, float64):
    """In every order of vmap and derivatives, to the second."""
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(4, n_inputs)), rng.normal(size=(n_inputs, n_outputs))
    found = jax.jit(lambda X, W: transformed(product, X, W))(X, W)
    expected = jax.jit(lambda X, W: transformed(lambda x, W: x @ W, X, W))(X, W)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize("shape", [(5, 3, 2), (128, 784, 32), (64, 8, 100), (1, 20, 20), (7, 1, 1)])
@pytest.mark.parametrize("form", [contract_rows, plain_contraction, turned_rows, turned_slopes])
def test_contractions_are_numpys(form, shape):
    rng = np.random.default_rng(1)
    n_rows, n_inputs, n_outputs = shape
    X, d = (rng.normal(size=(n_rows, n)).astype(np.float32) for n in (n_inputs, n_outputs))
    expected = X.astype(float).T @ d
    # Sums of up to 128 products of float32 numbers about 1.
    np.testing.assert_allclose(jax.jit(form)(X, d), expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_on_an_accelerator_it_is_the_plain_product(monkeypatch):
    rng = np.random.default_rng(2)
    x, W = rng.normal(size=20).astype(np.float32), rng.normal(size=(20, 3)).astype(np.float32)
    expected = product(x, W)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert "product" not in {str(step.primitive) for step in jax.make_jaxpr(product)(x, W).eqns}
    np.testing.assert_allclose(product(x, W), expected, rtol=1e-6)


def test_integers_are_taken_as_numbers():
    np.testing.assert_array_equal(product(np.array([1, 2]), np.array([[1.0], [2.0]])), [5.0])
