"""Charts in the page's grays."""

import altair as alt


def grayscale(chart: alt.LayerChart) -> alt.LayerChart:
    """A chart in the page's grays."""
    axis = {"labelColor": "#333333", "titleColor": "#333333", "gridColor": "#d0d0d0", "domainColor": "#8a8a8a", "tickColor": "#8a8a8a"}
    return chart.configure(background="#e9e9e9").configure_axis(**axis, titleFontWeight="normal").configure_view(stroke=None)
