"""Asking for the comparison by which crops are found, for images that came before crops were looked for."""

import streamlit as st

from db.models import Image
from workbench import images
from workbench.ui.app import context
from workbench.ui.shared import run_progress

JOB = "compare_images"
STARTED = "Images are being compared; crops appear among their near duplicates."


def draw(image_id: int) -> None:
    """Where an image was not compared with the others, say so and offer to; it compares all that were not."""
    with context.reading() as session:
        compared = session.scalar(images.uncompared().where(Image.id == image_id)) is None
    if compared:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Not yet compared with the others to find crops.")
        button(f"crops-of-{image_id}")


def button(key: str) -> None:
    """The button that asks for it."""
    if st.button("Look for crops", key=key, help="Compares the images that were not compared yet with all others, about ten per second"):
        run_progress.start(JOB, {}, STARTED)
        st.rerun()
