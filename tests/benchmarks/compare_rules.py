"""How masks may steer the attention: rules beside each other on composed scenes of two and three held-out objects.

    python -m tests.benchmarks.compare_rules SOURCES [--scenes 24] [--checkpoint mini] [--level complete] [--json]

    published   the published update: minus the gradient of the mean BCE of a phrase's logits, times the step (1 as released), which is
                "push" with λ = step / (heads · tokens · cells); in the single pass, where `tests.lcad.official_sampling` holds the
                closed form to the official procedure
    push        the same in closed form with λ in logits
    add         the additive bias λ · (2m − 1), what training uses
    hard        a phrase cannot be seen from a cell that its mask does not touch

All rules color the same scenes from the same noise, with exact masks and the checkpoint's own settings otherwise. Printed are the share
of mentions with a color that are right, with its standard error over scenes, by the number of objects, and bleeding.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lcad import LCADPipeline, load_pipeline
from lcad.attention import MaskBias
from lcad.guidance import InstanceGuidance
from lcad.metrics import adherence, bleedings
from lcad.models import cross_attentions
from tests.benchmarks.scenes import COUNTS, Shown, composed
from tests.lcad.official_sampling import PublishedBias

BATCH = 8


@dataclass(frozen=True)
class PublishedGuidance(InstanceGuidance):
    """The published rule in the single pass; `strength` is the step, `heads` the denoiser's."""

    heads: int = 8

    def bias(self, tokens: torch.Tensor, masks: torch.Tensor) -> MaskBias:
        """The bias of the published update."""
        return PublishedBias(tokens, masks, self.strength, "push", heads=self.heads)


def conditions(heads: int) -> dict[str, InstanceGuidance]:
    """What is compared, by name; the first is without masks."""
    named = {"no masks": InstanceGuidance(strength=0)}
    named |= {f"published, step {step:g}": PublishedGuidance("push", step, heads=heads) for step in (1, 1_000, 10_000, 100_000)}
    named |= {f"{rule} {strength:g}": InstanceGuidance(rule, strength) for rule in ("push", "add") for strength in (1, 3, 6, 12)}
    return named | {"hard": InstanceGuidance("hard")}


def scenes_of(sources: Path, count: int, size: int, level: str) -> list[tuple[int, Shown]]:
    """So many composed scenes of two and three objects in turn, each with its number of objects."""
    numbered = [(COUNTS[n % len(COUNTS)], one) for n, one in enumerate(composed(sources, count * 3 // 2, size, level=level))]
    return [(objects, one) for objects, one in numbered if objects > 1]


def color(pipeline: LCADPipeline, shown: Sequence[Shown], instance: InstanceGuidance) -> list[np.ndarray]:
    """Results (H, W, 3) uint8; a picture's seed is its number. All know the masks when chroma is joined with lightness."""
    results = pipeline(
        [one.rgb for one in shown],
        [one.caption for one in shown],
        [one.regions for one in shown],
        list(range(len(shown))),
        instance=instance,
        batch_size=BATCH,
    ).images
    return [np.asarray(result) for result in results]


def measure(images: Sequence[np.ndarray], scenes: Sequence[tuple[int, Shown]]) -> dict[str, float]:
    """The shares of mentions that are right (of all, and of scenes with two and three objects), its error, and bleeding."""
    judged, bled = [], []
    for image, (objects, one) in zip(images, scenes, strict=True):
        rights = [region.right for region in adherence(image, one.phrases, one.masks).judged]
        judged += [(objects, rights)] if rights else []
        bled += bleedings(image, one.masks)
    measured = {"right": np.concatenate([rights for _, rights in judged]).mean()}
    measured |= {f"right_of_{n}": np.concatenate([rights for objects, rights in judged if objects == n]).mean() for n in COUNTS if n > 1}
    measured["error"] = np.std([np.mean(rights) for _, rights in judged], ddof=1) / np.sqrt(len(judged))
    return {name: round(float(value), 3) for name, value in (measured | {"bleeding": np.mean(bled)}).items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="folder with cutouts.jsonl and photos.jsonl")
    parser.add_argument("--scenes", type=int, default=24)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--level", default="complete", choices=("complete", "partial", "scarce"))
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    scenes = scenes_of(options.sources, options.scenes, pipeline.settings.native_size, options.level)
    heads = next(iter(cross_attentions(pipeline.unet).values())).heads
    measured = {}
    for name, instance in conditions(heads).items():
        measured[name] = measure(color(pipeline, [one for _, one in scenes], instance), scenes)
        sys.stdout.write(f"{name:24}" + "".join(f"{key} {value:6.3f}   " for key, value in measured[name].items()) + "\n")
        sys.stdout.flush()
    if options.json:
        sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
