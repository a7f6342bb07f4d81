"""Rating board: one blind trial on neutral gray, answered by keys or taps; the time is taken from when all pictures are visible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from workbench.ui.components.source import asset

_component = st.components.v2.component(
    "workbench_rating_board",
    html='<div class="board" tabindex="0"></div>\n',
    css=asset("rating_board.css"),
    js=asset("rating_board.js"),
)


@dataclass(frozen=True)
class Answer:
    """A rater's answer: the trial, a stimulus id or "tie" (or values by stimulus id), and how long it took."""

    trial: int
    choice: Any
    seconds: float
    shown_at: datetime


def rating_board(
    trial: int,
    *,
    key: str,
    question: str,
    caption: str,
    source: str | None,
    stimuli: Sequence[tuple[int, str]],
    ties: bool,
    method: str,
    scales: Sequence[tuple[str, int]] = (),
    progress: tuple[int, int],
    on_answer: Callable[[Answer], None],
) -> None:
    """Show a trial's stimuli (id, address) in their order, with the gray source between two; `on_answer` is called before the next draw.

    Methods: pair and choice take one stimulus, category a value on every scale (name, points; 1 is worst), ranking all, best first.
    """

    def answered() -> None:
        given = st.session_state[key]["answered"]
        if given:
            shown_at = datetime.fromisoformat(given["shown_at"])
            on_answer(Answer(int(given["trial"]), _choice(given["choice"]), float(given["seconds"]), shown_at))

    _component(
        key=key,
        data={
            "trial": trial,
            "question": question,
            "caption": caption,
            "source": source,
            "stimuli": [{"id": stimulus, "src": src} for stimulus, src in stimuli],
            "ties": ties,
            "method": method,
            "scales": [{"name": name, "points": points} for name, points in scales],
            "progress": list(progress),
        },
        on_answered_change=answered,
    )


def _choice(choice: Any) -> Any:
    """Values keyed by stimulus id again: JSON knows texts as keys only."""
    return {int(stimulus): value for stimulus, value in choice.items()} if isinstance(choice, dict) else choice
