"""Fine-tune a checkpoint on an exported release.

    accelerate launch -m lcad.training --release DIR --base CHECKPOINT --stage denoiser --steps 300 --out DIR

DIR of `--out` becomes a checkpoint folder; `training/` in it has the log (`log.jsonl`), the encoded release and the states from
which the same command resumes. Exit status: 0 done, 1 refused (a sentence says why), 143 stopped by SIGTERM and resumable.
"""

import argparse
import logging
import sys
from pathlib import Path

from lcad.training.finetuning import STAGES, FineTuning, finetune
from lcad.training.preferences import METHODS

STOPPED = 143  # 128 + SIGTERM


def _arguments(argv: list[str] | None) -> FineTuning:
    parser = argparse.ArgumentParser(
        prog="python -m lcad.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--release", type=Path, required=True, help="an exported release with the splits train and validation, or exported pairs"
    )
    parser.add_argument("--base", default="mini", help="a checkpoint folder, or the name of an embedded one")
    parser.add_argument("--stage", choices=STAGES, default="denoiser")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=FineTuning.learning_rate)
    parser.add_argument("--trained", choices=("everything", "published"), default=FineTuning.trained, help="of the denoiser")
    parser.add_argument(
        "--lora-rank", type=int, default=0, help="of the denoiser stage: above 0 its attention learns by low-rank additions"
    )
    parser.add_argument(
        "--denoiser-keep", type=float, default=FineTuning.denoiser_keep, help="of the denoiser stage: weight of what the base predicts"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--caption-dropout", type=float, default=FineTuning.caption_dropout, help="share of captions left out")
    parser.add_argument("--level-weights", type=_level_weights, default=(), metavar="LEVEL=WEIGHT,…", help="how often levels are drawn")
    parser.add_argument("--accumulate", type=int, default=1, help="batches of a step; accelerate's processes have one each")
    parser.add_argument("--chosen-by", choices=("adherence", "loss"), default=FineTuning.chosen_by, help="what chooses the kept weights")
    parser.add_argument(
        "--patience", type=int, default=FineTuning.patience, help="validations without a better one before it ends; 0 never"
    )
    parser.add_argument(
        "--natural-steps", type=int, default=FineTuning.natural_steps, help="of the denoiser stage: steps of the color prior; 0 leaves it"
    )
    parser.add_argument(
        "--grounder-steps", type=int, default=FineTuning.grounder_steps, help="of the denoiser stage: steps of the grounder; 0 leaves it"
    )
    parser.add_argument("--validations", type=int, default=FineTuning.validations, help="how often it is validated")
    parser.add_argument("--method", choices=METHODS, default=FineTuning.method, help="of the preferences stage")
    parser.add_argument(
        "--beta", type=float, default=FineTuning.beta, help="of dpo: how far from the base preferences may lead (less: farther)"
    )
    parser.add_argument("--keep", type=float, default=FineTuning.keep, help="of the preferences stage: weight of what the base predicts")
    return FineTuning(**vars(parser.parse_args(argv)))


def _level_weights(text: str) -> tuple[tuple[str, float], ...]:
    """The weights in "complete=1,scarce=0.5"; ValueError, which argparse tells, for anything else."""
    pairs = [part.partition("=") for part in text.split(",")]
    return tuple((level.strip(), float(weight)) for level, _, weight in pairs)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        return 0 if finetune(_arguments(argv)) else STOPPED
    except (ValueError, OSError) as error:
        logging.getLogger(__name__).error("%s", error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
