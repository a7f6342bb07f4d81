"""One colorization's numbers, and the means of many by caption level and number of instances."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from lcad.metrics.adherence import Adherence
from lcad.metrics.bleeding import bleeding
from lcad.metrics.colorfulness import colorfulness
from lcad.metrics.fidelity import color_difference, psnr, ssim

ABSENT = "not computed: weights absent"
MEASURES = ("psnr", "ssim", "delta_e", "colorfulness", "colorfulness_gap", "bleeding", "adherence")
LEARNED = ("lpips", "clip_score")
MOST_INSTANCES = 3  # more are counted with them


def compare(image: np.ndarray, reference: np.ndarray, judged: Adherence | None = None, masks: Sequence[np.ndarray] = ()) -> dict[str, Any]:
    """A colorization's numbers beside its original, by their names in `MEASURES`, less those of learned networks.

    judged  whether its regions have their colors; masks (H, W) bool: where colors may bleed over. `right` is whether all mentions of
    color are. Where there is nothing to judge, a value is None. Raises ValueError for images of different sizes.
    """
    if image.shape != reference.shape:
        raise ValueError(f"the image is {image.shape}, the original {reference.shape}")
    color, target = colorfulness(image), colorfulness(reference)
    return {
        "psnr": psnr(image, reference),
        "ssim": ssim(image, reference),
        "delta_e": color_difference(image, reference),
        "colorfulness": color,
        "colorfulness_of_original": target,
        "colorfulness_gap": abs(color - target),
        "bleeding": bleeding(image, masks),
        "adherence": judged.score if judged else None,
        "right": judged.right if judged else None,
    }


def summarize(findings: Sequence[dict[str, Any]], fid: float | str = ABSENT) -> dict[str, Any]:
    """The means over all findings, over those of each caption level, and over those of each number of instances ("3" stands for more).

    A finding is what `compare` gives, with `level` and `instances`, and with `lpips` and `clip_score` where networks measured them. What
    no network measured says so. `fid` is of the whole set: a number, or why there is none.
    """
    return {
        **dict.fromkeys(LEARNED, ABSENT),
        **_means(findings),
        "fid": round(fid, 4) if isinstance(fid, float) else fid,
        "by_level": _grouped(findings, lambda row: row["level"]),
        "by_instances": _grouped(findings, lambda row: str(min(row["instances"], MOST_INSTANCES))),
    }


def _grouped(findings: Sequence[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    return {name: _means([row for row in findings if key(row) == name]) for name in sorted({key(row) for row in findings})}


def _means(findings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means of each measure where it is known; `right` is the share of judged images whose mentions are all right.

    `colorfulness_gap` is the mean of per-image differences, `colorfulness_gap_of_means` the difference of the means.
    """
    learned = [name for name in LEARNED if any(name in row for row in findings)]
    means = {name: _mean(row.get(name) for row in findings) for name in (*MEASURES, *learned)}
    own, target = means["colorfulness"], _mean(row["colorfulness_of_original"] for row in findings)
    means["colorfulness_gap_of_means"] = None if target is None or own is None else round(abs(own - target), 5)
    return {"items": len(findings), "right": _mean(row["right"] for row in findings), **means}


def _mean(values: Iterable[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None and math.isfinite(value)]
    return round(sum(known) / len(known), 5) if known else None
