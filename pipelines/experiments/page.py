"""The page of an experiment: question, answer in a sentence, table with intervals, plot, pictures, and the exact settings."""

import json
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import PIL.Image
import PIL.ImageDraw

from pipelines.experiments.frame import BETTER, MEASURES, Answer, Outcome
from workbench.analysis.image_bootstrap import MeanInterval

TITLES = {
    "adherence": "adherence", "right": "all right", "delta_e": "ΔE00", "bleeding": "bleeding", "colorfulness": "colorfulness",
}  # fmt: skip
SHOWN, SIDE, GAP, LINE = 5, 160, 6, 14


def write(folder: Path, answer: Answer, settings: dict[str, Any]) -> str:
    """Write `index.md`, `plot.svg`, `pictures.webp` and `numbers.json` into a folder; return the sentence that says what came out."""
    folder.mkdir(parents=True, exist_ok=True)
    said = sentence(answer)
    _plot(answer).save(str(folder / "plot.svg"))
    _sheet(answer).save(folder / "pictures.webp", quality=80)
    facts = {"experiment": answer.experiment.name, "question": answer.experiment.question, "sentence": said, "settings": settings}
    (folder / "numbers.json").write_text(json.dumps(facts | {"conditions": _numbers(answer)}, indent=1) + "\n", encoding="utf-8")
    (folder / "index.md").write_text(_page(answer, said, settings), encoding="utf-8")
    return said


def sentence(answer: Answer) -> str:
    """What the experiment says of its measure: what differs from the first condition by more than chance, and what does not."""
    measure, first = answer.experiment.measure, answer.outcomes[0]
    base = answer.mean(first, measure)
    changes = [(one.condition, change) for one in answer.outcomes[1:] if (change := answer.change(one, measure)) is not None]
    sure = [(name, change) for name, change in changes if change.excludes_zero]
    title = TITLES[measure]
    begin = f"Beside “{first.condition}” ({title} {_short(base, measure)})"
    if not sure:
        return f"{begin} none of the other conditions differs by more than chance on {len(set(answer.images))} images."
    order = sorted(sure, key=lambda one: -BETTER.get(measure, 1) * one[1].mean)
    told = ", ".join(f"“{name}” {_signed(change, measure)}" for name, change in order)
    unsure = [name for name, change in changes if not change.excludes_zero]
    rest = f"; not told apart: {', '.join(f'“{name}”' for name in unsure)}" if unsure else ""
    return f"{begin}: {told}{rest}."


def _short(interval: MeanInterval | None, measure: str) -> str:
    return "not judged" if interval is None else f"{interval.mean:.{_digits(measure)}f}"


def _signed(change: MeanInterval, measure: str) -> str:
    digits = _digits(measure)
    return f"{change.mean:+.{digits}f} [{change.low:+.{digits}f}, {change.high:+.{digits}f}]"


def _digits(measure: str) -> int:
    return 2 if measure in ("delta_e", "colorfulness") else 3


def _cell(interval: MeanInterval | None, measure: str) -> str:
    if interval is None:
        return ""
    digits = _digits(measure)
    ends = "" if interval.low is None else f" ({interval.low:.{digits}f} to {interval.high:.{digits}f})"
    return f"{interval.mean:.{digits}f}{ends}"


def _page(answer: Answer, said: str, settings: dict[str, Any]) -> str:
    experiment = answer.experiment
    heads = ["condition", *(TITLES[name] for name in MEASURES), f"{TITLES[experiment.measure]}: difference"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for one in answer.outcomes:
        change = None if one is answer.outcomes[0] else answer.change(one, experiment.measure)
        told = "" if change is None or change.low is None else _signed(change, experiment.measure)
        lines.append(f"| {' | '.join([one.condition, *(_cell(answer.mean(one, name), name) for name in MEASURES), told])} |")
    judged = f"{len(answer.cases)} items of {len(set(answer.images))} images, drawn at random from those that can take part."
    return f"""# {experiment.name.replace("-", " ").capitalize()}

{experiment.question}

**{said}**

{judged} In parentheses and brackets: 95 % intervals over images (bootstrap, images drawn whole); differences are of the same items beside
“{answer.outcomes[0].condition}”. Colors are judged in masks by people or exact ones, whichever masks steered them. {experiment.note}

{chr(10).join(lines)}

![{TITLES[experiment.measure]} by condition](plot.svg)

![The same items under each condition](pictures.webp)

```json
{json.dumps(settings, indent=1)}
```
"""


def _numbers(answer: Answer) -> list[dict[str, Any]]:
    def plain(interval: MeanInterval | None) -> dict[str, Any] | None:
        return None if interval is None else {"mean": interval.mean, "low": interval.low, "high": interval.high, "rows": interval.rows}

    return [
        {
            "condition": one.condition,
            "means": {name: plain(answer.mean(one, name)) for name in MEASURES},
            "differences": {name: plain(answer.change(one, name)) for name in MEASURES},
        }
        for one in answer.outcomes
    ]


def _plot(answer: Answer) -> alt.LayerChart:
    """The measure of each condition with its interval."""
    measure, order = answer.experiment.measure, [one.condition for one in answer.outcomes]
    rows = [
        {"condition": one.condition, "mean": mean.mean, "low": mean.low, "high": mean.high}
        for one in answer.outcomes
        if (mean := answer.mean(one, measure)) is not None
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("condition:N", sort=order, title=None))
    scale = alt.Scale(zero=False)
    line = base.mark_rule(color="#444").encode(x=alt.X("low:Q", title=TITLES[measure], scale=scale), x2="high:Q")
    point = base.mark_point(color="#111", filled=True, size=70, opacity=1).encode(x=alt.X("mean:Q", scale=scale))
    return (line + point).properties(width=420)


def _sheet(answer: Answer) -> PIL.Image.Image:
    """The first cases of as many images: each under every condition, and as it should be; conditions are the columns, named above."""
    seen: dict[str, int] = {}
    for place, image in enumerate(answer.images):
        seen.setdefault(image, place)
    places = list(seen.values())[:SHOWN]
    columns: list[tuple[str, Outcome | None]] = [("original", None), *((one.condition, one) for one in answer.outcomes)]
    sheet = PIL.Image.new("RGB", (len(columns) * (SIDE + GAP), LINE + len(places) * (SIDE + GAP)), "white")
    draw = PIL.ImageDraw.Draw(sheet)
    for column, (name, outcome) in enumerate(columns):
        draw.text((column * (SIDE + GAP), 1), name[:28], fill="black")
        for row, place in enumerate(places):
            picture = PIL.Image.fromarray(answer.cases[place].rgb) if outcome is None else outcome.pictures[place]
            sheet.paste(_fitted(picture), (column * (SIDE + GAP), LINE + row * (SIDE + GAP)))
    return sheet


def _fitted(picture: PIL.Image.Image) -> PIL.Image.Image:
    small = picture.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    square = PIL.Image.fromarray(np.full((SIDE, SIDE, 3), 235, np.uint8))
    square.paste(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return square
