"""Charts in the page's grays, drawn as for the light; in the dark the frame's style mirrors them, at once when the theme is changed.

A chart goes to the browser as its specification without Altair checking it against its schema, which takes longer than all the rest of a
page; the tests check the charts that there are.
"""

from typing import Any

import altair as alt
import streamlit as st

TEXT, TITLE = {"labelColor": "#333333", "titleColor": "#333333"}, {"color": "#333333"}
GRAYS: dict[str, Any] = {
    "background": "transparent",
    "axis": TEXT
    | {"gridColor": "#d0d0d0", "domainColor": "#8a8a8a", "tickColor": "#8a8a8a", "titleFontWeight": "normal", "labelLimit": 260},
    "legend": TEXT | {"labelLimit": 400},
    "title": TITLE,
    "header": TEXT,
    "view": {"stroke": None},
}
"""Vega-Lite's configuration."""


def show(chart: alt.TopLevelMixin | None, alt_text: str) -> None:
    """A chart across its column, described for those who do not see it; nothing where there is none."""
    if chart is None:
        return
    spec = chart.to_dict(validate=False)
    own = spec.get("config", {})  # a chart's own, and Altair's sizes of what has none
    grays = {name: own.get(name, {}) | value if isinstance(value, dict) else value for name, value in GRAYS.items()}
    st.vega_lite_chart(spec=spec | {"config": own | grays}, width="stretch", theme=None, alt=alt_text)
