"""Charts in the page's grays."""

import altair as alt
import streamlit as st


def grayscale(chart: alt.LayerChart) -> alt.LayerChart:
    """A chart in the page's grays."""
    axis = {"labelColor": "#333333", "titleColor": "#333333", "gridColor": "#d0d0d0", "domainColor": "#8a8a8a", "tickColor": "#8a8a8a"}
    chart = chart.configure(background="#e9e9e9").configure_axis(**axis, titleFontWeight="normal", labelLimit=260)
    return chart.configure_legend(labelColor="#333333", titleColor="#333333", labelLimit=400).configure_view(stroke=None)


def show(chart: alt.LayerChart | None, alt_text: str) -> None:
    """A chart across its column, described for those who do not see it; nothing where there is none."""
    if chart is None:
        return
    st.altair_chart(grayscale(chart), width="stretch", theme=None, alt=alt_text)
