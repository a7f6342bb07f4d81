"""The experiments by name."""

from pipelines.experiments import (
    ablation,
    constraints,
    instances,
    levels,
    masks,
    out_of_distribution,
    overlap,
    sampling,
    wording,
)
from pipelines.experiments.frame import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (levels, instances, sampling, constraints, wording, masks, overlap, out_of_distribution, ablation)
}
