"""Pictures, as scikit-learn's Display objects: computed data in the constructor, all drawing in ``plot``.

Each has a class method (``from_estimator``, and others where they make sense) that computes the data and plots them.
Colours, fonts and colormaps are those of matplotlib's settings at the time of plotting. ``plot(ax=...)`` draws into an
axes of any figure; without it a figure is made by pyplot, as scikit-learn does, so that a notebook shows it and
``pyplot.show()`` finds it. ``figure_`` and ``ax_`` hold what was drawn on. Nothing is ever shown or saved by itself.

For a confusion matrix use scikit-learn's ``ConfusionMatrixDisplay``; ``cmap=None`` gives it the colormap of the
settings.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.display.convolution import ConvolutionDisplay as ConvolutionDisplay
    from rosenblatt.display.decision import DecisionDisplay as DecisionDisplay
    from rosenblatt.display.feature_maps import FeatureMapDisplay as FeatureMapDisplay
    from rosenblatt.display.filters import FilterDisplay as FilterDisplay
    from rosenblatt.display.game import GameDisplay as GameDisplay
    from rosenblatt.display.game_history import GameHistoryDisplay as GameHistoryDisplay
    from rosenblatt.display.images import ImagesDisplay as ImagesDisplay
    from rosenblatt.display.interpolation import InterpolationDisplay as InterpolationDisplay
    from rosenblatt.display.label_curves import LabelCurveDisplay as LabelCurveDisplay
    from rosenblatt.display.latent import LatentDisplay as LatentDisplay
    from rosenblatt.display.latent_comparison import LatentComparisonDisplay as LatentComparisonDisplay
    from rosenblatt.display.latent_samples import LatentSamplesDisplay as LatentSamplesDisplay
    from rosenblatt.display.latent_sweep import LatentSweepDisplay as LatentSweepDisplay
    from rosenblatt.display.manifold import ManifoldDisplay as ManifoldDisplay
    from rosenblatt.display.mistakes import MistakesDisplay as MistakesDisplay
    from rosenblatt.display.network import NetworkDisplay as NetworkDisplay
    from rosenblatt.display.rate_distortion import RateDistortionDisplay as RateDistortionDisplay
    from rosenblatt.display.reconstruction import ReconstructionDisplay as ReconstructionDisplay
    from rosenblatt.display.risk import RiskDisplay as RiskDisplay
    from rosenblatt.display.saliency import SaliencyDisplay as SaliencyDisplay
    from rosenblatt.display.samples import SamplesDisplay as SamplesDisplay
    from rosenblatt.display.shift import ShiftDisplay as ShiftDisplay
    from rosenblatt.display.traversal import TraversalDisplay as TraversalDisplay

_HOMES = {
    "ConvolutionDisplay": "convolution",
    "DecisionDisplay": "decision",
    "FeatureMapDisplay": "feature_maps",
    "FilterDisplay": "filters",
    "GameDisplay": "game",
    "GameHistoryDisplay": "game_history",
    "ImagesDisplay": "images",
    "InterpolationDisplay": "interpolation",
    "LabelCurveDisplay": "label_curves",
    "LatentComparisonDisplay": "latent_comparison",
    "LatentDisplay": "latent",
    "LatentSamplesDisplay": "latent_samples",
    "LatentSweepDisplay": "latent_sweep",
    "ManifoldDisplay": "manifold",
    "MistakesDisplay": "mistakes",
    "NetworkDisplay": "network",
    "RateDistortionDisplay": "rate_distortion",
    "ReconstructionDisplay": "reconstruction",
    "RiskDisplay": "risk",
    "SaliencyDisplay": "saliency",
    "SamplesDisplay": "samples",
    "ShiftDisplay": "shift",
    "TraversalDisplay": "traversal",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
