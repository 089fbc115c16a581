"""How a network computes: every number by its name in the lecture notes, and its gradient in four ways."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.explain.chain import sigmoid_neuron as sigmoid_neuron
    from rosenblatt.explain.chain import two_weights as two_weights
    from rosenblatt.explain.convolution import ConvolutionBench as ConvolutionBench
    from rosenblatt.explain.convolution import convolution_bench as convolution_bench
    from rosenblatt.explain.formulas import Backpropagation as Backpropagation
    from rosenblatt.explain.formulas import backpropagate as backpropagate
    from rosenblatt.explain.gradients import GradientCheck as GradientCheck
    from rosenblatt.explain.gradients import check_gradients as check_gradients
    from rosenblatt.explain.kernel_chain import ConvolutionChain as ConvolutionChain
    from rosenblatt.explain.kernel_chain import convolution_chain as convolution_chain
    from rosenblatt.explain.notation import Biases as Biases
    from rosenblatt.explain.notation import Units as Units
    from rosenblatt.explain.notation import Weights as Weights
    from rosenblatt.explain.pooling import PoolingBench as PoolingBench
    from rosenblatt.explain.pooling import pooling_bench as pooling_bench
    from rosenblatt.explain.replay import ScalarGraph as ScalarGraph
    from rosenblatt.explain.replay import scalar_graph as scalar_graph
    from rosenblatt.explain.saliency import Saliency as Saliency
    from rosenblatt.explain.saliency import grad_cam as grad_cam
    from rosenblatt.explain.saliency import input_gradient as input_gradient
    from rosenblatt.explain.saliency import integrated_gradients as integrated_gradients
    from rosenblatt.explain.scalar import Scalar as Scalar
    from rosenblatt.explain.scalar import topological_order as topological_order

_HOMES = {
    "Backpropagation": "formulas",
    "Biases": "notation",
    "ConvolutionBench": "convolution",
    "ConvolutionChain": "kernel_chain",
    "GradientCheck": "gradients",
    "PoolingBench": "pooling",
    "Saliency": "saliency",
    "Scalar": "scalar",
    "ScalarGraph": "replay",
    "Units": "notation",
    "Weights": "notation",
    "backpropagate": "formulas",
    "check_gradients": "gradients",
    "convolution_bench": "convolution",
    "convolution_chain": "kernel_chain",
    "pooling_bench": "pooling",
    "grad_cam": "saliency",
    "input_gradient": "saliency",
    "integrated_gradients": "saliency",
    "scalar_graph": "replay",
    "sigmoid_neuron": "chain",
    "topological_order": "scalar",
    "two_weights": "chain",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
