"""What is minimised: pure functions, reduction left to the caller."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.losses.classification import binary_cross_entropy as binary_cross_entropy
    from rosenblatt.losses.classification import categorical_cross_entropy as categorical_cross_entropy
    from rosenblatt.losses.classification import perceptron as perceptron
    from rosenblatt.losses.codes import absolute_sum as absolute_sum
    from rosenblatt.losses.codes import rate_divergence as rate_divergence
    from rosenblatt.losses.codes import squared_jacobian as squared_jacobian
    from rosenblatt.losses.codes import squared_jacobian_estimate as squared_jacobian_estimate
    from rosenblatt.losses.divergence import gaussian_kl as gaussian_kl
    from rosenblatt.losses.divergence import kl_decomposition as kl_decomposition
    from rosenblatt.losses.divergence import log_normal as log_normal
    from rosenblatt.losses.divergence import stratified_weights as stratified_weights
    from rosenblatt.losses.penalties import elastic as elastic
    from rosenblatt.losses.penalties import elastic_slope as elastic_slope
    from rosenblatt.losses.reconstruction import bernoulli as bernoulli
    from rosenblatt.losses.reconstruction import gaussian as gaussian
    from rosenblatt.losses.reconstruction import squared_error as squared_error
    from rosenblatt.losses.regression import REGRESSION_LOSSES as REGRESSION_LOSSES
    from rosenblatt.losses.regression import Huber as Huber
    from rosenblatt.losses.regression import absolute as absolute
    from rosenblatt.losses.regression import poisson as poisson
    from rosenblatt.losses.regression import square as square

_HOMES = {
    "Huber": "regression",
    "REGRESSION_LOSSES": "regression",
    "absolute": "regression",
    "absolute_sum": "codes",
    "bernoulli": "reconstruction",
    "binary_cross_entropy": "classification",
    "categorical_cross_entropy": "classification",
    "elastic": "penalties",
    "elastic_slope": "penalties",
    "gaussian": "reconstruction",
    "gaussian_kl": "divergence",
    "kl_decomposition": "divergence",
    "log_normal": "divergence",
    "perceptron": "classification",
    "poisson": "regression",
    "rate_divergence": "codes",
    "square": "regression",
    "squared_error": "reconstruction",
    "squared_jacobian": "codes",
    "squared_jacobian_estimate": "codes",
    "stratified_weights": "divergence",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
