"""What checkpoints were measured at: the numbers of every item kept beside the means, so that two checkpoints can be compared by item."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Split
from db.models import Checkpoint, Evaluation
from workbench.analysis.image_bootstrap import MeanInterval, mean_interval, paired_interval
from workbench.errors import ConflictError, NotFoundError
from workbench.store import MediaStore

ItemRow = Mapping[str, Any]
"""An item's numbers by the names of MEASURES, with `item` (its id), `image`, `level`, `instances` and `source`."""

MEASURES = ("adherence", "right", "delta_e", "psnr", "ssim", "colorfulness", "colorfulness_gap", "bleeding", "lpips", "clip_score")
ITEMS_KEY = "items_key"
CAPTIONS_ALONE = "captions_alone"
"""Of an evaluation's settings: true where captions alone steered the colors, absent where the release's masks did."""
MOST_INSTANCES = 3
MOST_CHANGED = 12
GROUPS: dict[str, Callable[[ItemRow], str]] = {
    "by_level": lambda row: str(row["level"]),
    "by_instances": lambda row: str(min(row["instances"], MOST_INSTANCES)),
    "by_source": lambda row: str(row["source"]),
}


@dataclass(frozen=True)
class Comparison:
    """Two checkpoints on the same items, captions, masks and seeds, both steered by masks or both by captions alone: second − first.

    differences   by measure; those of a group are under its name in `groups`, as {"by_level": {"complete": {measure: …}}}
    most_changed  (item id, difference of adherence), those that changed most in front
    """

    first: str
    second: str
    differences: dict[str, MeanInterval]
    groups: dict[str, dict[str, dict[str, MeanInterval]]]
    most_changed: list[tuple[int, float]]


def of_checkpoint(session: Session, checkpoint_id: int) -> list[Evaluation]:
    """The evaluations of a checkpoint, newest first."""
    statement = select(Evaluation).where(Evaluation.checkpoint_id == checkpoint_id)
    return list(session.scalars(statement.order_by(Evaluation.created_at.desc(), Evaluation.id.desc())))


def by_captions_alone(evaluation: Evaluation) -> bool:
    """Whether captions alone steered the colors."""
    return bool(evaluation.settings.get(CAPTIONS_ALONE))


def intervals(rows: Sequence[ItemRow]) -> dict[str, Any]:
    """The 95 % intervals over images of the means of every measure: [low, high] by measure, and so by level, instances and source."""
    return {"all": _ends(rows)} | {
        name: {group: _ends([row for row in rows if key(row) == group]) for group in sorted({key(row) for row in rows})}
        for name, key in GROUPS.items()
    }


def _ends(rows: Sequence[ItemRow]) -> dict[str, list[float]]:
    images = [row["image"] for row in rows]
    mean_intervals = {name: mean_interval([row.get(name) for row in rows], images) for name in MEASURES}
    return {
        name: [round(one.low, 5), round(one.high, 5)]
        for name, one in mean_intervals.items()
        if one and one.low is not None and one.high is not None
    }


def keep_items(media: MediaStore, rows: Sequence[ItemRow]) -> str:
    """Keep the numbers of every item; return the media key, which belongs into the evaluation's metrics as ITEMS_KEY."""
    return media.put(json.dumps(list(rows), sort_keys=True).encode(), ".json")


def items_of(media: MediaStore, evaluation: Evaluation) -> list[dict[str, Any]]:
    """The numbers of every item. Raises ConflictError for an evaluation made before they were kept."""
    key = evaluation.metrics.get(ITEMS_KEY)
    if key is None:
        raise ConflictError("This evaluation was made before the numbers of single items were kept; evaluate the checkpoint again.")
    return json.loads(media.read(key))


def compare(
    session: Session,
    media: MediaStore,
    first: Checkpoint,
    second: Checkpoint,
    release_id: int,
    split: Split,
    captions_alone: bool = False,
) -> Comparison:
    """The newest two evaluations of two checkpoints on a split under the same settings, item by item.

    Raises NotFoundError naming the evaluation that is missing, ConflictError where one has no numbers of single items.
    """
    one, other = of_same_settings(session, first, second, release_id, split, captions_alone)
    before, after = ({row["item"]: row for row in items_of(media, evaluation)} for evaluation in (one, other))
    pairs = [(before[item], after[item]) for item in sorted(before.keys() & after.keys())]
    groups = {
        name: {group: _differences([pair for pair in pairs if key(pair[0]) == group]) for group in sorted({key(row) for row, _ in pairs})}
        for name, key in GROUPS.items()
    }
    changes = [(row["item"], new["adherence"] - row["adherence"]) for row, new in pairs if None not in (row["adherence"], new["adherence"])]
    changed = sorted(changes, key=lambda change: -abs(change[1]))[:MOST_CHANGED]
    return Comparison(first.name, second.name, _differences(pairs), groups, changed)


def _differences(pairs: Sequence[tuple[ItemRow, ItemRow]]) -> dict[str, MeanInterval]:
    images = [row["image"] for row, _ in pairs]
    paired = {name: paired_interval([a.get(name) for a, _ in pairs], [b.get(name) for _, b in pairs], images) for name in MEASURES}
    return {name: one for name, one in paired.items() if one is not None}


def of_same_settings(
    session: Session, first: Checkpoint, second: Checkpoint, release_id: int, split: Split, captions_alone: bool = False
) -> tuple[Evaluation, Evaluation]:
    """The newest evaluations of two checkpoints on a split under the same settings; raises NotFoundError as `compare` does."""
    by_settings = [
        {
            row.settings_hash: row
            for row in reversed(of_checkpoint(session, checkpoint.id))
            if (row.release_id, row.split, by_captions_alone(row)) == (release_id, split, captions_alone)
        }
        for checkpoint in (first, second)
    ]
    for checkpoint, known in zip((first, second), by_settings, strict=True):
        if not known and captions_alone:
            raise NotFoundError(
                f"{checkpoint.name} was not evaluated by captions alone on the split {split} of this release; evaluate it so first."
            )
        if not known:
            raise NotFoundError(f"{checkpoint.name} was not evaluated on the split {split} of this release; evaluate it first.")
    shared = [row for key, row in by_settings[0].items() if key in by_settings[1]]
    if not shared:
        raise NotFoundError(f"{first.name} and {second.name} were evaluated with different steps or guidance; evaluate both alike.")
    return shared[-1], by_settings[1][shared[-1].settings_hash]
