"""How well phrases are found on gray photos, by kind of thing; whether chances are what they say; and what is not there.

    python -m tests.benchmarks.grounding_photos FOLDER [--limit N] [--checkpoint mini] [--json FILE] [--plot FILE.svg]

FOLDER has photos/ and set.jsonl, a line a photo: {"file", "size": [h, w], "template": "a {0} dog on {1} grass", "things":
[{"phrase_template": "a {0} dog", "noun", "counts"}]}, counts being run lengths of the mask down the columns, beginning with zeros. Each
caption is asked whole, its colors drawn by the photo's number. Nouns of other photos, that no caption of the photo names, stand for what
is not there; some of them may be there all the same. The plot shows of the masks at each chance how many are right, with 95 % intervals
(Wilson), beside the line on which chances are what they say.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import altair as alt
import numpy as np
import PIL.Image
from statsmodels.stats.proportion import proportion_confint

from lcad.grounding import load_finder
from lcad.grounding.phrase_context import GARMENTS
from lcad.imaging import lightness_of_image
from lcad.phrase_search import LEAST_CONFIDENCE
from lcad.prompts import find_phrases
from pipelines.pretraining.grounding_sources import decode_counts
from pipelines.pretraining.grounding_words import GROUNDS

COLORS = ("red", "green", "blue", "purple", "orange")
GROUND_NAMES = {name for meaning in GROUNDS.values() for name in meaning.names} | {"snow", "sand", "ground", "rocks", "pool"}
ABSENT = 2  # nouns asked of each photo that its caption does not name


def kind_of(noun: str) -> str:
    """Clothes, grounds or things, by the last word of a noun."""
    last = noun.lower().split()[-1]
    names = {last, last.removesuffix("s")}
    return "clothes" if names & GARMENTS else "grounds" if names & GROUND_NAMES else "things"


def ious_and_chances(folder: Path, limit: int | None, checkpoint: str = "mini") -> tuple[list[dict], list[dict]]:
    """For each phrase its kind, IoU and chance; and for each noun that is not there its chance."""
    finder = load_finder(checkpoint)
    photos = [json.loads(line) for line in (folder / "set.jsonl").read_text(encoding="utf-8").splitlines()][:limit]
    nouns = sorted({thing.get("noun", "") for photo in photos for thing in photo["things"]} - {""})
    masked, absent = [], []
    for number, photo in enumerate(photos):
        lightness = lightness_of_image(PIL.Image.open(folder / "photos" / photo["file"]).convert("RGB"))
        colors = [COLORS[(number + k) % len(COLORS)] for k in range(9)]
        caption = photo["template"].format(*colors)
        phrases = [thing["phrase_template"].format(*colors) for thing in photo["things"]]
        for thing, place in zip(photo["things"], finder.find(lightness, caption, find_phrases(caption, phrases)), strict=True):
            truth, mask = decode_counts(thing["counts"], photo["size"]), np.zeros(photo["size"], bool)
            if place is not None:
                mask = place.mask >= 0.5
            iou = float((mask & truth).sum() / max(1, (mask | truth).sum()))
            chance = 0.0 if place is None else place.confidence
            kind = kind_of(thing.get("noun", thing["phrase_template"]))
            masked.append({"kind": kind, "phrase": thing["phrase_template"], "iou": iou, "chance": chance})
        others = [noun for noun in nouns if noun.split()[-1] not in caption]
        for noun in np.random.default_rng(number).permutation(others)[:ABSENT]:
            (place,) = finder.find(lightness, f"a {noun}", [(0, 2 + len(noun))])
            absent.append({"noun": str(noun), "chance": 0.0 if place is None else place.confidence})
    return masked, absent


def _mean(values: list) -> float:
    return float(np.mean(values)) if values else float("nan")


def _of_kind(kind: str, ious: list[float]) -> str:
    """A line of the table; none where there is nothing of the kind."""
    right, nearly = (_mean([iou >= least for iou in ious]) for least in (0.5, 0.35))
    return f"{kind:8} {len(ious):4}   IoU ≥ 0.5 {right:.3f}   ≥ 0.35 {nearly:.3f}   mean {_mean(ious):.3f}" if ious else ""


def _by_chance(masked: list[dict]) -> Iterator[tuple[float, float, list[bool]]]:
    """Of five ranges of chances: the lower end, the mean chance, and which masks are right."""
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        group = [one for one in masked if low <= one["chance"] < low + 0.2 + (low == 0.8)]
        yield low, _mean([one["chance"] for one in group]), [one["iou"] >= 0.5 for one in group]


def plot(masked: list[dict]) -> alt.LayerChart:
    """The share of masks that are right by the chance that they were given."""
    rows = []
    for _, chance, group in _by_chance(masked):
        low, high = proportion_confint(sum(group), len(group), method="wilson") if group else (0.0, 1.0)
        rows.append({"chance": chance, "right": _mean(group), "low": low, "high": high, "phrases": len(group)})
    x = alt.X("chance:Q", scale=alt.Scale(domain=[0, 1]), title="chance that a mask was given")
    y = alt.Y("right:Q", scale=alt.Scale(domain=[0, 1]), title="share with IoU ≥ 0.5")
    line = alt.Chart(alt.Data(values=[{"chance": 0, "right": 0}, {"chance": 1, "right": 1}])).mark_line(color="#bbb", strokeDash=[4, 4])
    found = alt.Chart(alt.Data(values=[row for row in rows if row["phrases"]]))
    bars = found.mark_rule(color="#335").encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    points = found.mark_circle(color="#335", opacity=1).encode(x=x, y=y, size=alt.Size("phrases:Q", title="phrases"))
    return (line.encode(x=x, y=y) + bars + points).properties(width=320, height=320)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--checkpoint", default="mini")
    for name in ("--json", "--plot"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    masked, absent = ious_and_chances(options.folder, options.limit, options.checkpoint)
    lines = [
        _of_kind(kind, [one["iou"] for one in masked if kind in ("all", one["kind"])]) for kind in ("things", "grounds", "clothes", "all")
    ]
    for low, _, group in _by_chance(masked):
        lines.append(f"chance {low:.1f}–{low + 0.2:.1f}   {len(group):4} phrases   right {_mean(group):.2f}")
    missing, missed = (_mean([one["chance"] < LEAST_CONFIDENCE for one in group]) for group in (absent, masked))
    lines.append(f"not found: {missing:.3f} of {len(absent)} that are not there, {missed:.3f} of {len(masked)} that are")
    sys.stdout.write("\n".join(filter(None, lines)) + "\n")
    if options.json:
        options.json.write_text(json.dumps({"found": masked, "absent": absent}, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        plot(masked).save(options.plot)


if __name__ == "__main__":
    main()
