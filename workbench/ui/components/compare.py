"""Compare: two pictures by slider, in place, or side by side, zoomed and moved together on a neutral gray."""

import streamlit as st

from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_compare",
    html='<div class="compare" tabindex="0"></div>\n',
    css=style("compare.css"),
    js=script("dom.js", "zoom.js", "compare.js"),
)


def compare(
    left: tuple[str, str], right: tuple[str, str], *, key: str, mode: str = "slider", height: str = "max(360px, calc(100vh - 330px))"
) -> None:
    """Show two pictures, each as (address, label), at first in `mode`: slider, flip or side; `height` is a length of CSS.

    S slider, F flip in place (hold or press), B both side by side; the wheel zooms, dragging moves, 0 fits.
    """
    data = {"left": {"src": left[0], "label": left[1]}, "right": {"src": right[0], "label": right[1]}, "mode": mode, "height": height}
    _component(key=key, data=data)
