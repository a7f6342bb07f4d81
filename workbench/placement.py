"""The splits of what was selected for a release: who stands where, and which target each item has there."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from db.enums import Split
from workbench import split_assignments, splits
from workbench.errors import ConflictError
from workbench.selection import Exclusion, Rules, Selection
from workbench.splits import Bound, Partition

__all__ = ["place", "settle"]

UNMEASURED = "the original is gray, and {} measures against originals in color only"


def place(session: Session, rules: Rules, selection: Selection) -> dict[str, Bound]:
    """The place of every image of the selection's candidates, by SHA-256.

    Candidates that cannot be placed, or cannot be measured against where they stand, move to the exclusions; those in validation and
    test take the original's own colors as their target. Raises ConflictError where the splits would leak.
    """
    images = {candidate.image.sha256: candidate.image.has_reference for candidate in selection.candidates}
    partition = _partition(session, images, rules)
    _fit(selection, partition)
    return partition.placed


def settle(session: Session, images: Mapping[str, bool]) -> dict[str, Split]:
    """Bind images (by SHA-256, with whether they have a reference) to splits for good, as a release of all of them would.

    Returns the split of each; one that belongs together with images of several splits is not among them.
    """
    placed = _partition(session, images, Rules()).placed
    split_assignments.bind(session, placed)
    return {sha256: bound.split for sha256, bound in placed.items()}


def _partition(session: Session, images: Mapping[str, bool], rules: Rules) -> Partition:
    """The places of images, by SHA-256; a gray one can only teach. Raises ConflictError where they would leak."""
    ties = split_assignments.ties(session)
    partition = splits.assign(
        images,
        ties.links,
        sources=ties.sources,
        bound=split_assignments.bound(session),
        only_train={sha256 for sha256, has_reference in images.items() if not has_reference},
        shares={split: rules.shares[split] for split in Split},
        seed=rules.seed,
    )
    leaks = splits.leaks(partition.placed, ties.links, sources=ties.sources)
    if leaks:
        named = "; ".join(f"{leak.first[:12]} and {leak.second[:12]}: {leak.reason}" for leak in leaks[:5])
        raise ConflictError(f"The splits would leak in {len(leaks)} places, so nothing was bound or released. {named}.")
    return partition


def _fit(selection: Selection, partition: Partition) -> None:
    """Give the selection's candidates the targets of their places, and move those that have none to the exclusions."""
    left_out = dict(partition.left_out)
    fitted = []
    for candidate in selection.candidates:
        sha256 = candidate.image.sha256
        if sha256 in left_out:
            continue
        split = partition.placed[sha256].split
        if split is Split.TRAIN:
            fitted.append(candidate)
        elif candidate.image.has_reference:
            fitted.append(candidate.measured())
        else:
            left_out[sha256] = UNMEASURED.format(split)
    selection.candidates[:] = fitted
    selection.exclusions.extend(Exclusion(sha256, reason) for sha256, reason in sorted(left_out.items()))
