"""What waits for a person, the most useful first: each step with the page where it is done."""

from collections.abc import Container

import streamlit as st

from db.models import Release
from workbench.colorizations import checkpoints
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.links import link

MOST = 5
Step = tuple[str, str, dict[str, str]]
"""A page, the words of the way to it, and the query in its address."""


def draw(counts: dict[str, int], verdicts: dict[str, int], frozen: list[Release], studying: bool, busy: Container[str]) -> None:
    """The first steps that are to be taken; nothing where none is. What a job of `busy` does already is not asked for."""
    steps = [*_describing(counts, busy), *_judging(counts, verdicts, studying), *_training(verdicts, frozen, busy)]
    if steps:
        st.markdown("## Waiting for you")
        with st.container(gap="small", key="waiting"):
            for page, words, query in steps[:MOST]:
                link(page, words, **query)


def _describing(counts: dict[str, int], busy: Container[str]) -> list[Step]:
    steps: list[Step] = []
    bare = counts["images"] - counts["captioned_images"]
    if bare:
        steps.append(("caption", f"Describe {wording.count(bare, 'image')} without a caption", {"q": "NOT has:caption"}))
    if counts["proposals"]:
        steps.append(("caption", f"Decide on {wording.count(counts['proposals'], 'proposed caption')}", {"q": "status:proposed"}))
    if counts["captions"] and not counts["regions"] and "ground_phrases" not in busy:
        steps.append(("ground", "Find the masks of what the captions mention", {}))
    if counts["captions"] and not counts["colorizations"] and "colorize_images" not in busy:
        steps.append(("colorize", "Colorize the captioned images", {}))
    return steps


def _judging(counts: dict[str, int], verdicts: dict[str, int], studying: bool) -> list[Step]:
    steps: list[Step] = []
    if studying:
        steps.append(("rate", "Rate in an open study", {}))
    elif counts["colorizations"]:
        steps.append(("studies", "Ask people which colorizations are better", {}))
    if verdicts["disputed"]:
        said = f"Settle {wording.count(verdicts['disputed'], 'colorization')} that curators disagree about"
        steps.append(("review", said, {"whose": "dispute"}))
    if verdicts["waiting"]:
        steps.append(("review", f"Review {wording.count(verdicts['waiting'], 'colorization')}", {}))
    return steps


def _training(verdicts: dict[str, int], frozen: list[Release], busy: Container[str]) -> list[Step]:
    if "retrain_checkpoint" in busy:
        return []
    if not frozen:
        return [("releases", "Freeze what was accepted into a release", {})] if verdicts["accept"] else []
    with context.reading() as session:
        trained = [row for row in checkpoints.listing(session) if row.release_id == frozen[0].id]
    if not trained:
        return [("checkpoints", "Train with the newest release", {"release": str(frozen[0].id)})]
    newest = max(trained, key=lambda row: row.id)
    if newest.promoted_at is None:
        return [("checkpoints", f"See how {wording.plain(newest.name)} does, and put it to use", {})]
    return []
