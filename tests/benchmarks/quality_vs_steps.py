"""What fewer steps cost: DDIM in 50 steps against DPM-Solver++ in 8 to 20, with guidance everywhere and inside an interval.

    python -m tests.benchmarks.quality_vs_steps SOURCES [--checkpoint mini] [--scenes 60] [--interval 0.3 1] [--out docs]

SOURCES holds `cutouts.jsonl` and `photos.jsonl`; scenes are composed of what training holds out. Writes `quality_vs_steps.md` and `.svg`
into OUT. All conditions color the same pictures from the same noise. The default number of steps is the smallest that loses at most
0.2 dB PSNR and 0.3 ΔE00 against DDIM, and no adherence beyond what chance explains.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from lcad import LCADPipeline, load_pipeline
from lcad.metrics import adherence, color_difference, psnr
from pipelines.demo import demo_photos
from tests.benchmarks.scenes import Shown, composed, demo_pictures

REFERENCE_STEPS, STEPS = 50, (8, 10, 12, 16, 20)
MOST_PSNR, MOST_DELTA_E = 0.2, 0.3
BATCH = 12
EVERYWHERE = (0.0, 1.0)
SHAPES, DASHES = ["circle", "triangle-up"], [[2, 2], [1, 0]]  # of the plot, for guidance inside the interval and everywhere


@dataclass(frozen=True)
class Condition:
    """A way to sample: solver, steps, and the interval of guidance in time (1 is noise, 0 the finished image)."""

    solver: str
    steps: int
    interval: tuple[float, float]

    @property
    def guided(self) -> str:
        """Where captions are guided, in words."""
        low, high = self.interval
        return "everywhere" if self.interval == EVERYWHERE else f"{low:g} to {high:g}"


@dataclass(frozen=True)
class Outcome:
    """What a condition gave: values by picture (NaN where a picture cannot be judged), and processor seconds a picture.

    psnr and delta_e are against the originals, the `to_reference` ones against DDIM's result for the same picture, all with masks.
    """

    condition: Condition
    psnr: np.ndarray
    delta_e: np.ndarray
    psnr_to_reference: np.ndarray
    delta_e_to_reference: np.ndarray
    adherence: np.ndarray
    adherence_of_captions: np.ndarray
    seconds: float


def conditions(interval: tuple[float, float]) -> Iterator[Condition]:
    """The reference first."""
    yield Condition("ddim", REFERENCE_STEPS, EVERYWHERE)
    for guided in (EVERYWHERE, interval):
        yield from (Condition("dpm++", steps, guided) for steps in STEPS)


def color(pipeline: LCADPipeline, shown: Sequence[Shown], condition: Condition, masks: bool) -> tuple[list[np.ndarray], float]:
    """Results (H, W, 3) uint8 and processor seconds a picture; a picture's seed is its number."""
    pipeline.settings = replace(pipeline.settings, caption=replace(pipeline.settings.caption, interval=condition.interval))
    started = time.process_time()
    results = pipeline(
        [one.rgb for one in shown],
        [one.caption for one in shown],
        [one.regions if masks else () for one in shown],
        list(range(len(shown))),
        condition.steps,
        solver_name=condition.solver,
        batch_size=BATCH,
    ).images
    return [np.asarray(result) for result in results], (time.process_time() - started) / len(shown)


def adherences(images: Sequence[np.ndarray], shown: Sequence[Shown]) -> np.ndarray:
    """The score of each picture, NaN where nothing can be judged."""
    scores = (adherence(image, one.phrases, one.masks).score for image, one in zip(images, shown, strict=True))
    return np.array([np.nan if score is None else score for score in scores])


def measure(pipeline: LCADPipeline, shown: Sequence[Shown], interval: tuple[float, float]) -> list[Outcome]:
    """All conditions on all pictures."""
    outcomes, reference = [], None
    for condition in conditions(interval):
        images, seconds = color(pipeline, shown, condition, masks=True)
        of_captions, _ = color(pipeline, shown, condition, masks=False)
        reference = images if reference is None else reference
        originals = [one.rgb for one in shown]
        values = [
            np.array([metric(image, other) for image, other in zip(images, group, strict=True)])
            for group in (originals, reference)
            for metric in (psnr, color_difference)
        ]
        outcomes.append(Outcome(condition, *values, adherences(images, shown), adherences(of_captions, shown), seconds))
        sys.stderr.write(f"{condition.solver} {condition.steps} {condition.guided}: {seconds:.2f} s a picture\n")
    return outcomes


def loss(outcome: Outcome, reference: Outcome, name: str) -> tuple[float, float]:
    """How much less of a value a condition has than the reference on average, and the standard error of that."""
    differences = getattr(reference, name) - getattr(outcome, name)
    known = differences[np.isfinite(differences)]
    return float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known)))


def holds(outcome: Outcome, reference: Outcome) -> bool:
    """Whether a condition loses no more than it may."""
    fidelity = loss(outcome, reference, "psnr")[0] <= MOST_PSNR and -loss(outcome, reference, "delta_e")[0] <= MOST_DELTA_E
    losses = [loss(outcome, reference, name) for name in ("adherence", "adherence_of_captions")]
    return fidelity and all(lost <= error for lost, error in losses)


def chosen(outcomes: Sequence[Outcome]) -> Outcome | None:
    """The cheapest condition that holds: by steps, then by guidance inside the interval."""
    reference, *others = outcomes
    able = [outcome for outcome in others if holds(outcome, reference)]
    return min(able, key=lambda one: (one.condition.steps, one.condition.interval == EVERYWHERE), default=None)


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a Markdown table."""
    reference = outcomes[0]
    lines = [
        "| solver | steps | guidance | PSNR dB | ΔE00 | adherence, masks | captions alone | PSNR to DDIM | ΔE00 to DDIM | processor s | |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in outcomes:
        means = [np.nanmean(values) for values in (one.psnr, one.delta_e, one.adherence, one.adherence_of_captions)]
        apart = (one.psnr_to_reference[np.isfinite(one.psnr_to_reference)], one.delta_e_to_reference)
        to_reference = ["", ""] if one is reference else [f"{apart[0].mean():.2f}", f"{apart[1].mean():.2f}"]
        cells = [one.condition.solver, one.condition.steps, one.condition.guided, *(f"{mean:.3f}" for mean in means), *to_reference]
        lines.append(
            "| "
            + " | ".join(map(str, [*cells, f"{one.seconds:.2f}", "✓" if one is not reference and holds(one, reference) else ""]))
            + " |"
        )
    return "\n".join(lines)


def plot(outcomes: Sequence[Outcome]) -> alt.HConcatChart:
    """Three panels over the number of steps; shapes tell the guidance apart, a dashed line is the reference."""
    titles = {
        "psnr": "PSNR, dB",
        "delta_e": "ΔE00",
        "adherence": "adherence with masks",
        "adherence_of_captions": "adherence, captions alone",
    }
    rows = [
        {"steps": one.condition.steps, "guidance": one.condition.guided} | {name: float(np.nanmean(getattr(one, name))) for name in titles}
        for one in outcomes
    ]
    reference, points = pd.DataFrame(rows[:1]), pd.DataFrame(rows[1:])
    panels = []
    for name, title in titles.items():
        base = alt.Chart(points).encode(
            x=alt.X("steps:Q", title="steps", axis=alt.Axis(values=list(STEPS))),
            y=alt.Y(f"{name}:Q", title=title, scale=alt.Scale(zero=False)),
        )
        line = base.mark_line(color="#444").encode(strokeDash=alt.StrokeDash("guidance:N", legend=None, scale=alt.Scale(range=DASHES)))
        legend = alt.Legend(symbolFillColor="#111", symbolStrokeColor="#111")
        point = base.mark_point(color="#111", filled=True, size=70).encode(
            shape=alt.Shape("guidance:N", title="DPM-Solver++, guidance", scale=alt.Scale(range=SHAPES), legend=legend)
        )
        rule = alt.Chart(reference).mark_rule(strokeDash=[8, 4], color="#777").encode(y=f"{name}:Q")
        panels.append((line + point + rule).properties(width=210, height=200))
    return alt.hconcat(*panels).properties(title="Dashed: DDIM, 50 steps")


def document(outcomes: Sequence[Outcome], pictures: str, checkpoint: str, scale: float) -> str:
    """The page for the documentation."""
    best = chosen(outcomes)
    verdict = (
        f"The cheapest that holds: **{best.condition.steps} steps, guidance {best.condition.guided}**."
        if best
        else "None of them holds: more steps than 20 are needed."
    )
    return f"""# Quality against the number of steps

{pictures}, colored by `{checkpoint}` with guidance {scale:g}; every condition from the same noise.
PSNR and ΔE00 are against the originals, and in two columns against DDIM's own results, where they say how far a solution is from the one
of 50 steps. Adherence is the mean score of `lcad.metrics`. ✓: at most {MOST_PSNR} dB PSNR and {MOST_DELTA_E} ΔE00 worse than DDIM in
50 steps, and no adherence lost beyond one standard error of the paired difference.

{table(outcomes)}

{verdict}

![The same as a plot](quality_vs_steps.svg)

Made by `python -m tests.benchmarks.quality_vs_steps SOURCES`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--checkpoint", default="mini")
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--interval", type=float, nargs=2, default=(0.3, 1.0), metavar=("LOW", "HIGH"))
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args()
    pipeline = load_pipeline(options.checkpoint)
    size = pipeline.settings.native_size
    photos = demo_pictures((photo for photo in demo_photos() if photo.reference), longest=2 * size)
    outcomes = measure(pipeline, composed(options.sources, options.scenes, size) + photos, tuple(options.interval))
    pictures = f"{options.scenes} scenes composed of held-out pictures, and {len(photos)} photos of the demo"
    page = document(outcomes, pictures, Path(options.checkpoint).name, pipeline.settings.caption.scale)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "quality_vs_steps.md").write_text(page, encoding="utf-8")
    plot(outcomes).save(options.out / "quality_vs_steps.svg")
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
