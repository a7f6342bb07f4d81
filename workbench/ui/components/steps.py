"""Steps: what a piece of work consists of, in order, each with a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Step:
    """One step: its name, and what is done in it."""

    name: str
    says: str


def steps(told: Sequence[Step]) -> None:
    """Draw the steps side by side, numbered; below each other where there is little room."""
    items = "".join(f"<li><b>{number} {escape(one.name)}</b><span>{escape(one.says)}</span></li>" for number, one in enumerate(told, 1))
    st.html(f'<ol class="steps">{items}</ol>')
