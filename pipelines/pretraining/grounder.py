"""The grounder of `lcad-mini`: trained on photos that people and teachers marked, seen in gray.

    python -m pipelines.pretraining.grounder SOURCES --cutouts DIR --out DIR [--steps 2500] [--start mini | --nouns DIR --detector FILE]

SOURCES is a folder as `grounding_sources` reads it, the cut-outs a folder with `cutouts.jsonl` and `photos.jsonl`; those whose labels
are held out stay out. A training from nothing needs the nouns that `noun_table` wrote and the detector's file; one from a checkpoint's
grounder has them from there. What the classifier sees in each view is worked out once and kept in DIR; a training that was stopped goes
on. The finished grounder is in DIR/grounder, with the chance that a mask is right fitted on half of the photos held out.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import save_file

from lcad.grounding.detector import ThingDetector
from lcad.grounding.finder_files import CONFIG, DETECTOR, WEIGHTS, load_finder
from lcad.grounding.nouns import NounTable, int8_of
from lcad.grounding.phrase_finder import ODDS_UNIT, FrozenClassifier, facts_of
from lcad.imaging import lightness_of_image
from lcad.models.phrase_grounder import PhraseGrounder, PhraseHints
from lcad.training.loop import LoopConfig, Training
from lcad.training.phrase_grounding import RIGHT_IOU, GroundingObjective, PhraseBatch, fit_calibration, fit_deviations, overlap
from pipelines.composing.scenes import Cutout
from pipelines.pretraining.color_prior import classifier_weights
from pipelines.pretraining.grounding_scenes import Features, SeenScenes
from pipelines.pretraining.grounding_sources import GroundingSources, Marked, marked_view
from pipelines.pretraining.grounding_targets import AskedPhrase, MarkedView, PhraseDrawer
from pipelines.pretraining.grounding_views import Pasted, View, whole_view, zoomed_view
from pipelines.pretraining.grounding_words import BY_CAPTION, GARMENTS, GROUNDS, THINGS
from pipelines.pretraining.source_files import parted, read_backdrops, read_cutouts

PICTURES, PHRASES = 8, 10
STREET_STYLE = "ccp"
RATE, FURTHER_RATE, FITTED_ON, VALIDATED_ON = 2e-3, 1.5e-3, 256, 64


def new_classifier() -> FrozenClassifier:
    """The classifier with its weights (`color_prior.classifier_weights`), all layers of it."""
    classifier, weights = FrozenClassifier(), list(classifier_weights().values())
    classifier.network.load_state_dict(dict(zip(classifier.network.state_dict(), weights, strict=True)))
    return classifier


class SeenViews:
    """The views of photos, what is marked in them, and what the classifier sees in them, kept as float16 in a folder."""

    def __init__(self, sources: GroundingSources, cutouts: Sequence[Pasted], folder: Path, classifier: FrozenClassifier):
        self.sources, self.cutouts, self.folder, self.classifier = sources, cutouts, folder, classifier
        self.folder.mkdir(parents=True, exist_ok=True)
        clothed = [photo.name for photo in sources.photos.values() if photo.clothes and photo.name not in sources.held_out]
        self.people = [sources.person(name) for name in clothed]

    def view(self, name: str, number: int) -> View:
        """The first or second view of a photo; those held out are seen whole, as they are."""
        lightness = self.sources.lightness(name)
        if number:
            return zoomed_view(lightness, name, self.people, self.cutouts)
        return whole_view(lightness, name, moved=name not in self.sources.held_out)

    def marked(self, name: str, number: int) -> MarkedView:
        """What is marked in a view."""
        return marked_view(self.sources.photos[name], self.view(name, number), self.sources.lightness(name).shape)

    @torch.no_grad()
    def features(self, name: str, number: int) -> Features:
        """The classifier's features (1, C, h, w) of a view at 1/8, 1/16 and 1/32."""
        path = self.folder / f"{Path(name).stem}.{number}.pt"
        if not path.is_file():
            levels = self.classifier(torch.from_numpy(self.view(name, number).lightness)[None, None])
            torch.save([level.half() for level in levels], path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
        eighth, sixteenth, coarsest = (level.float() for level in torch.load(path, weights_only=True))
        return eighth, sixteenth, coarsest


@dataclass(frozen=True)
class MixedViews:
    """Views of photos, and composed scenes, which have one view each."""

    photos: SeenViews
    scenes: SeenScenes | None

    @cached_property
    def scene_names(self) -> frozenset[str]:
        """The names that are scenes'."""
        return frozenset(self.scenes.names if self.scenes else ())

    def marked(self, name: str, number: int) -> MarkedView:
        """What is marked in a view."""
        return self.scenes.marked(name) if self.scenes and name in self.scene_names else self.photos.marked(name, number)

    def features(self, name: str, number: int) -> Features:
        """What the classifier sees in a view."""
        return self.scenes.features(name) if self.scenes and name in self.scene_names else self.photos.features(name, number)


class BatchDrawer:
    """Draws batches of views and phrases; called with a generator as `GroundingObjective` does."""

    def __init__(self, views: MixedViews, names: Sequence[str], nouns: NounTable, vectors: torch.Tensor, numbers: Sequence[int] = (0, 1)):
        self.views, self.names, self.nouns, self.vectors, self.numbers = views, list(names), nouns, vectors, numbers
        self.classifier = views.photos.classifier

    def __call__(self, generator: torch.Generator) -> PhraseBatch:
        """PICTURES views with PHRASES phrases each."""
        rng = np.random.default_rng(int(torch.randint(2**31, (), generator=generator)))
        chosen = [(self.names[int(rng.integers(len(self.names)))], int(rng.choice(self.numbers))) for _ in range(PICTURES)]
        return self.batch(chosen, rng, noisy=True)

    def batch(self, chosen: Sequence[tuple[str, int]], rng: np.random.Generator, noisy: bool) -> PhraseBatch:
        """The batch of chosen views, their phrases drawn."""
        eighth, sixteenth, coarsest = (torch.cat(levels) for levels in zip(*(self.views.features(*one) for one in chosen), strict=True))
        phrases: list[AskedPhrase] = []
        for one in chosen:
            phrases += PhraseDrawer(self.nouns, self.views.marked(*one), rng, noisy).draw(PHRASES)
        rows = torch.arange(len(chosen)).repeat_interleave(PHRASES)

        def stacked(name: str) -> torch.Tensor:
            return torch.from_numpy(np.stack([getattr(phrase, name) for phrase in phrases])).float()[:, None]

        words = self.vectors[[phrase.noun.number for phrase in phrases]]
        hints = PhraseHints(rows, words, stacked("boxes"), stacked("people"), self._classes(coarsest, rows, phrases))
        present = torch.tensor([float(phrase.is_present) for phrase in phrases])
        return PhraseBatch((eighth, sixteenth, coarsest), hints, stacked("target"), stacked("known"), present)

    @torch.no_grad()
    def _classes(self, coarsest: torch.Tensor, rows: torch.Tensor, phrases: Sequence[AskedPhrase]) -> torch.Tensor:
        logits = self.classifier.classes(coarsest)
        logits = (logits - logits.mean(1, keepdim=True)) / ODDS_UNIT
        classes = torch.zeros(len(phrases), 2, *coarsest.shape[-2:])
        for number, (row, phrase) in enumerate(zip(rows.tolist(), phrases, strict=True)):
            if phrase.noun.classes:
                classes[number, 0], classes[number, 1] = logits[row, list(phrase.noun.classes)].amax(0).clamp(-0.5, 2), 1
        return classes


@torch.no_grad()
def calibration_of(grounder: PhraseGrounder, batches: Sequence[PhraseBatch]) -> list[float]:
    """The weights of the chance that a mask is right, from batches of photos held out."""
    facts, right = [], []
    for batch in batches:
        logits, judged = grounder(grounder.see(batch.features), batch.hints)
        iou = overlap(logits, batch.target, batch.known)
        scores = batch.hints.boxes.amax((1, 2, 3)).tolist()
        masks = logits[:, 0].sigmoid().numpy()
        facts += [facts_of(*one) for one in zip(masks, judged.tolist(), scores, strict=True)]
        right += [float(one >= RIGHT_IOU and present > 0) for one, present in zip(iou.tolist(), batch.is_present.tolist(), strict=True)]
    return fit_calibration(torch.tensor(facts), torch.tensor(right))


def write_grounder(
    folder: Path,
    grounder: PhraseGrounder,
    classifier: FrozenClassifier,
    nouns: NounTable,
    vectors: torch.Tensor,
    detector: Path,
    calibration: Sequence[float],
) -> None:
    """Write the folder that `lcad.grounding.phrase_finder.read_finder` reads; of the classifier only its last layers, in float16."""
    folder.mkdir(parents=True, exist_ok=True)
    small, scale = int8_of(vectors)
    weights = {f"grounder.{name}": tensor.half().contiguous() for name, tensor in grounder.state_dict().items()}
    for name, tensor in classifier.network.state_dict().items():
        if name.split(".")[0] in ("conv_head", "bn2", "classifier"):
            weights[f"classifier.{name}"] = (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
    save_file(weights | {"nouns.vectors": small, "nouns.scale": scale}, folder / WEIGHTS)
    nouns.write(folder)
    shutil.copyfile(detector, folder / DETECTOR)
    content = {"grounder": grounder.config, "calibration": list(calibration), "taught": taught_names()}
    (folder / CONFIG).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def taught_names() -> list[str]:
    """The nouns that the marked views teach."""
    meant = {name for group in (GARMENTS, GROUNDS) for meaning in group.values() for name in meaning.names}
    return sorted(meant | BY_CAPTION.keys() | {name for names in THINGS.values() for name in names})


def train_grounder(
    views: MixedViews, nouns: NounTable, vectors: torch.Tensor, steps: int, out: Path, start: PhraseGrounder | None = None
) -> PhraseGrounder | None:
    """The trained grounder, averaged; None when SIGTERM stopped the training."""
    torch.manual_seed(0)
    photos = views.photos
    grounder, held_out = start or PhraseGrounder(words=vectors.shape[1]), sorted(photos.sources.held_out)
    names = [photo.name for photo in photos.sources.photos.values() if photo.name not in photos.sources.held_out and _teaches(photo)]
    if start is None:
        fit_deviations(grounder, [photos.features(name, 0) for name in names[:: max(1, len(names) // FITTED_ON)]])
    checked = BatchDrawer(views, held_out[::2][:VALIDATED_ON], nouns, vectors, (0,))
    batches = [checked(torch.Generator().manual_seed(number)) for number in range(VALIDATED_ON // PICTURES)]
    drawer = BatchDrawer(views, [*names, *sorted(views.scene_names)], nouns, vectors)
    objective = GroundingObjective(grounder.train().requires_grad_(True), drawer, batches)
    rate = RATE if start is None else FURTHER_RATE
    config = LoopConfig(steps, rate, warmup=100, cooldown=steps // 2, weight_decay=0.02, ema_decay=0.995, validate_every=250)
    training = Training(objective, config, out / "training", Accelerator(mixed_precision="bf16"))
    if not training.run():
        return None
    with training.averaged():
        averaged = PhraseGrounder(**grounder.config)
        averaged.load_state_dict(grounder.state_dict())
    return averaged.eval()


def _teaches(photo: Marked) -> bool:
    """Whether a photo teaches something new: of people in the street whose clothes nobody outlined there are too many."""
    return bool(photo.clothes) or photo.source != STREET_STYLE


def main(arguments: list[str] | None = None) -> None:
    """Train, calibrate and write a grounder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    for name in ("--cutouts", "--out"):
        parser.add_argument(name, type=Path, required=True)
    for name in ("--nouns", "--detector"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--start", help="an embedded checkpoint whose grounder is trained further")
    parser.add_argument("--scenes", type=int, default=2600, help="composed scenes beside the photos")
    parser.add_argument("--steps", type=int, default=2500)
    args = parser.parse_args(arguments)
    if not args.start and not (args.nouns and args.detector):
        parser.error("either --start, or both --nouns and --detector")
    begun = load_finder(args.start) if args.start else None
    nouns = begun.nouns if begun else NounTable.read(args.nouns)
    vectors = begun.vectors if begun else torch.from_numpy(np.load(args.nouns / "nouns.npy"))
    detector = begun.detector if begun else ThingDetector(args.detector)
    classifier = begun.classifier if begun else new_classifier()
    (cutouts, _), (backdrops, _) = parted(read_cutouts(args.cutouts)), parted(read_backdrops(args.cutouts))
    scenes = SeenScenes(cutouts, backdrops, args.out / "scenes", classifier, detector, args.scenes) if args.scenes else None
    views = MixedViews(SeenViews(GroundingSources(args.sources), pasted_cutouts(cutouts), args.out / "features", classifier), scenes)
    grounder = train_grounder(views, nouns, vectors, args.steps, args.out, begun.grounder if begun else None)
    if grounder is not None:
        half = sorted(views.photos.sources.held_out)[1::2]
        drawer, rng = BatchDrawer(views, half, nouns, vectors, (0,)), np.random.default_rng(0)
        batches = [drawer.batch([(name, 0) for name in half[at : at + PICTURES]], rng, noisy=False) for at in range(0, len(half), PICTURES)]
        write_grounder(args.out / "grounder", grounder, classifier, nouns, vectors, detector.path, calibration_of(grounder, batches))


def pasted_cutouts(cutouts: Sequence[Cutout]) -> list[Pasted]:
    """Cut-outs as they are pasted into views, with their labels."""
    return [Pasted(lightness_of_image(one.rgba[..., :3]), one.rgba[..., 3] / 255.0, one.label.lower(), {}) for one in cutouts]


if __name__ == "__main__":
    main()
