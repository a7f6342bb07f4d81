"""Fine-tuning: a checkpoint and an exported release in, a new checkpoint of the same kind out."""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from lcad.dataset import SPLITS, Example, ReleaseDataset
from lcad.grounding.finder_files import FOLDER, finder_folder, load_finder, write_finder
from lcad.pipeline import LCADPipeline
from lcad.training.augmentation import MARGIN, view
from lcad.training.blending import ALL_OF_GAIN, HALF_OF_GAIN, shortest_share
from lcad.training.denoiser import DenoiserConfig, DenoiserObjective, Trained
from lcad.training.loop import LoopConfig, Objective, Training
from lcad.training.low_rank import fold_low_rank
from lcad.training.luminance import LuminanceConfig, LuminanceObjective
from lcad.training.natural_colors import as_lively, learn_natural_colors
from lcad.training.packed_dataset import Pack, encode, write_pack
from lcad.training.preferences import Method, PreferenceConfig, PreferenceObjective, pack_pairs
from lcad.training.release_phrases import learn_phrases
from lcad.training.validation_judge import ValidationJudge

Chosen = Literal["adherence", "loss"]
STAGES = ("luminance", "denoiser", "preferences")
VIEWED, MOST_VIEWS = 400, 12
"""A release of fewer images than VIEWED is brought to about that number by views of them, at most MOST_VIEWS of each."""
SMALL_RELEASE = 1000
"""Images to train on; with fewer a release is small. Of its way from the base no more is gone than half of the
gain in validation loss takes. Of 271 pictures of things: at the way's end 3.5 points fewer of the parts of 100 photos of other kinds had
the colors asked for, at 0.3 and at 0.6 of it 0.9; and under captions alone the release's test split had gained as much."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FineTuning:
    """What to train on what; ValueError for an unknown stage and for no steps.

    chosen_by      what chooses the weights that are kept: "adherence" (with ΔE00, `lcad.training.validation_judge`) or "loss"; stages
    that are not the denoiser's go by their loss
    patience       validations without a better one after which it ends; 0 never
    level_weights  how often captions of a level are drawn beside others of their picture, as (("scarce", 0.5), …)
    natural_steps  steps in which the color prior learns, beside the denoiser, the colors that no caption asks for, after which they are
    made as lively as the release's (`lcad.training.natural_colors`); 0, and a checkpoint without a prior, leaves them
    grounder_steps steps in which the grounder learns to find the release's phrases (`lcad.training.release_phrases`); 0 leaves it
    validations    how often it is validated
    Of the stage "preferences" `release` is a folder of pairs, and `method`, `beta` and `keep` are its (`lcad.training.preferences`).
    """

    release: Path
    base: str | Path
    out: Path
    stage: str = "denoiser"
    steps: int = 300
    batch_size: int = 16
    learning_rate: float = 3e-5
    trained: Trained = "everything"
    lora_rank: int = 0
    denoiser_keep: float = DenoiserConfig.keep
    seed: int = 0
    caption_dropout: float = DenoiserConfig.caption_dropout
    level_weights: tuple[tuple[str, float], ...] = ()
    accumulate: int = 1
    chosen_by: Chosen = "adherence"
    patience: int = 4
    natural_steps: int = 0
    grounder_steps: int = 0
    validations: int = 10
    method: Method = "dpo"
    beta: float = PreferenceConfig.beta
    keep: float = PreferenceConfig.keep

    def __post_init__(self):
        if self.stage not in STAGES or self.steps < 1 or self.validations < 1:
            raise ValueError(f"expected a stage of {', '.join(STAGES)} and at least 1 step, got {self.stage!r} and {self.steps}")

    @property
    def loop(self) -> LoopConfig:
        """A short run: warmup over a tenth, cooldown over the last third, validated `validations` times."""
        return LoopConfig(
            self.steps, self.learning_rate, accumulate=self.accumulate, patience=self.patience,
            warmup=max(1, self.steps // 10), cooldown=self.steps // 3, seed=self.seed, ema_decay=0.99,
            log_every=max(1, self.steps // 100), validate_every=max(1, self.steps // self.validations), save_seconds=60.0,
        )  # fmt: skip

    @property
    def denoiser(self) -> DenoiserConfig:
        """The settings of the denoiser's stage."""
        return DenoiserConfig(
            batch_size=self.batch_size, trained=self.trained, lora_rank=self.lora_rank, keep=self.denoiser_keep,
            caption_dropout=self.caption_dropout, level_weights=dict(self.level_weights),
        )  # fmt: skip


def views_of_each(pictures: int) -> int:
    """In how many views each of so many pictures is shown, beside the whole one."""
    return min(MOST_VIEWS, VIEWED // pictures)


def _views(config: FineTuning, size: int) -> tuple[Iterator[Example], int]:
    """The training split's examples and their number: each image whole, then in as many views as bring a small release to VIEWED."""
    release = ReleaseDataset(config.release, "train", size)
    larger = ReleaseDataset(config.release, "train", round(MARGIN * size))
    rounds = views_of_each(len(release))
    others = (view(np.random.default_rng([config.seed, n, i]), larger[i], size) for n in range(rounds) for i in range(len(larger)))
    return chain(_examples(release), others), (1 + rounds) * len(release)


def _examples(release: ReleaseDataset) -> Iterator[Example]:
    return (release[i] for i in range(len(release)))


def _pack(config: FineTuning, folder: Path, split: str, size: int) -> Pack:
    """The pack of a split, written when it is not there."""
    target = folder / f"{split}-{size}"
    if not (target / "captions.jsonl").is_file():
        if split == "train":
            examples, count = _views(config, size)
        else:
            release = ReleaseDataset(config.release, split, size)
            examples, count = _examples(release), len(release)
        write_pack(target, examples, count, size)
    return Pack(target)


def _objective(config: FineTuning, pipeline: LCADPipeline, packs: tuple[Pack, Pack]) -> Objective:
    """The objective of the config's stage."""
    if config.stage == "luminance":
        settings = LuminanceConfig(batch_size=config.batch_size, crop=min(64, pipeline.settings.native_size))
        return LuminanceObjective(pipeline.autoencoder, *packs, settings)
    train, validation = (encode(pack, pipeline.autoencoder) for pack in packs)
    parts = (pipeline.unet, pipeline.text_encoder, pipeline.tokenizer, pipeline.scheduler)
    return DenoiserObjective(*parts, train, validation, config.denoiser)


def _preferences(config: FineTuning, pipeline: LCADPipeline, folder: Path) -> Objective:
    """The objective of pairs."""
    size = pipeline.settings.native_size
    train, validation = (pack_pairs(config.release, split, folder, size, pipeline.autoencoder) for split in SPLITS[:2])
    settings = PreferenceConfig(config.batch_size, config.method, config.beta, config.keep, config.trained)
    return PreferenceObjective(pipeline.unet, pipeline.text_encoder, pipeline.tokenizer, pipeline.scheduler, train, validation, settings)


def _same_run(config: FineTuning, folder: Path) -> None:
    """Note what the folder's run is; ValueError when it was begun as another one."""
    options = {name: str(value) for name, value in asdict(config).items() if name != "out"}
    path = folder / "run.json"
    if path.is_file():
        begun = json.loads(path.read_text())
        changed = [name for name in options if begun.get(name) != options[name]]
        if changed:
            raise ValueError(f"{folder} holds a run with another {', '.join(changed)}: use another folder, or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(options, indent=2) + "\n")


def finetune(config: FineTuning) -> bool:
    """Train, and write the checkpoint to `config.out` when done; False when SIGTERM stopped it (run it again to resume).

    A small release is soon learned by heart and other things forgotten, so of the times at which the averaged weights are validated the
    best is kept, and of the way from the base to it what half of the gain takes (`lcad.training.blending`). What is best
    on the split that chooses it is no evidence of a gain, which only another split can give; and the log's first row has what the base is
    worth there, for even the best may be worse.

    Raises ValueError for a release that cannot be trained on or a folder with another run, FileNotFoundError for a base that
    is not there.
    """
    folder = Path(config.out) / "training"
    _same_run(config, folder)
    pipeline = LCADPipeline.from_pretrained(config.base)
    for model in (pipeline.autoencoder, pipeline.unet):
        model.to(memory_format=torch.channels_last)
    if config.stage == "preferences":
        objective = _preferences(config, pipeline, folder)
    else:
        size = pipeline.settings.native_size
        objective = _objective(config, pipeline, (_pack(config, folder, "train", size), _pack(config, folder, "validation", size)))
    judge = None
    if config.stage == "denoiser" and config.chosen_by == "adherence":
        validation = ReleaseDataset(config.release, "validation", pipeline.settings.native_size)
        judge = ValidationJudge(pipeline, validation, pictures=folder / "pictures")
    start = [p.detach().clone() for p in objective.modules.parameters() if p.requires_grad]
    training = Training(objective, config.loop, folder, judge=judge)
    logger.info("%s stage: %d of %d steps done", config.stage, training.step, config.steps)
    if not training.run():
        logger.info("stopped at step %d; the same command resumes", training.step)
        return False
    training.take_best()
    if judge is not None and training.best is not None:
        known, part = training.known_losses, _part_of_way(config)
        share, loss, _ = shortest_share(training, start, lambda: objective.validation_loss(objective.modules), part, known)
        with training.averaged(), torch.no_grad():
            training.log(**{"validation_loss": loss, **judge()}, kept_step=training.best.step, kept_share=share)
    with training.averaged():
        if not _natural(config, pipeline, folder) or not _phrases(config, folder):
            return False
        if config.stage == "denoiser" and config.lora_rank:
            fold_low_rank(pipeline.unet)
        pipeline.save_pretrained(config.out, torch.float16)
    return True


def _part_of_way(config: FineTuning) -> float:
    """How far a release leads away from its base: of a small one no more is gone than half of what is gained takes."""
    return HALF_OF_GAIN if len(ReleaseDataset(config.release, "train")) < SMALL_RELEASE else ALL_OF_GAIN


def _natural(config: FineTuning, pipeline: LCADPipeline, folder: Path) -> bool:
    """Let the color prior learn what the denoiser's stage does not reach; False when SIGTERM stopped it."""
    prior = pipeline.autoencoder.color_prior
    if config.stage != "denoiser" or prior is None or not config.natural_steps:
        return True
    packs, settings = [_pack(config, folder, split, pipeline.settings.native_size) for split in SPLITS[:2]], pipeline.settings
    if not learn_natural_colors(prior, *packs, folder / "natural", config.natural_steps, config.seed):
        return False
    if settings.lively is not None:
        pipeline.settings = replace(settings, lively=as_lively(prior, settings.lively, packs[0], _part_of_way(config)))
    return True


def _phrases(config: FineTuning, folder: Path) -> bool:
    """Let the grounder learn where the release's phrases are, and give the checkpoint its own; False when SIGTERM stopped it.

    Where nothing was learned the checkpoint has its base's, and only where that is not the embedded one a copy of it.
    """
    start, own = finder_folder(config.base), Path(config.out) / FOLDER
    if config.stage == "denoiser" and config.grounder_steps:
        learned = learn_phrases(load_finder(config.base), config.release, folder / "phrases", config.grounder_steps, config.seed)
        if learned is None:
            return False
        grounder, taught = learned
        if taught:
            write_finder(own, start, grounder, taught)
            return True
    if start != finder_folder():
        shutil.copytree(start, own, dirs_exist_ok=True)
    return True
