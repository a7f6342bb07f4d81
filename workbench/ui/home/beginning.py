"""How a project begins: what the work is in five steps, with the demo to see it on, or with photos of one's own."""

import streamlit as st

from workbench.ui.components.steps import Step, steps
from workbench.ui.library import import_form
from workbench.ui.shared import first_step, run_progress

WORK = (
    Step("Describe", "Say what is in each photo, at three levels: with all colors, with some, with none."),
    Step("Find the masks", "Mark which part of the photo each phrase is about. The computer proposes, you confirm."),
    Step("Color", "The model gives the gray photo the colors of the caption, as often as you like."),
    Step("Judge", "Accept what is good. Ask other people which result is better, and see how sure the answer is."),
    Step("Release and train", "Freeze what was accepted, train the model with it, and color again."),
)


def draw() -> None:
    """The five steps, and both ways to begin."""
    run_progress.watch("make_demo", "import_images", "colorize_images")
    st.markdown("Photos are gray; words say what colors they should have; a model follows the words. The work has five steps:")
    steps(WORK)
    own, demo = st.columns([3, 2], gap="large")
    with demo, st.container(border=True):
        st.markdown("## See it on the demo")
        st.markdown(f"{first_step.DEMO}. Made on this computer in a few minutes; then a tour of five stops.")
        first_step.make_demo(primary=True, width="stretch")
    with own, st.container(border=True):
        st.markdown("## Begin with my own photos")
        import_form.draw("first")
