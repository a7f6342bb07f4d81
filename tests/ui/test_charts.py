"""Charts: what they are drawn with is Vega-Lite's, and one that is not valid does not pass the tests."""

import altair as alt
import pytest
from altair.utils.schemapi import SchemaValidationError
from jsonschema import ValidationError

from workbench.ui.shared import charts


def test_the_grays_are_a_configuration_of_vega_lite():
    alt.Config.from_dict(charts.GRAYS)
    with pytest.raises(ValidationError):
        alt.Config.from_dict(charts.GRAYS | {"axis": {"labelHue": "#333333"}})


def test_a_chart_keeps_its_own_configuration_and_the_sizes_that_altair_gives_it(monkeypatch):
    drawn = []
    monkeypatch.setattr(charts.st, "vega_lite_chart", lambda spec, **_more: drawn.append(spec["config"]))
    plain, other = (alt.Chart(alt.Data(values=[{"x": x}])).mark_point().encode(x="x:Q") for x in (1, 2))
    charts.show(plain.configure_axis(tickCount=3), "")
    charts.show(alt.hconcat(plain, other), "")
    assert drawn[0]["axis"] == charts.GRAYS["axis"] | {"tickCount": 3}
    for config in drawn:
        assert config["view"] == {"continuousWidth": 300, "continuousHeight": 300, "stroke": None}
        assert config["legend"] == charts.GRAYS["legend"]


@pytest.mark.parametrize("kind", [alt.layer, alt.hconcat])
def test_a_chart_that_is_not_valid_is_found_in_tests(kind):
    part = alt.Chart(alt.Data(values=[])).mark_point().properties(height=60)
    part.height = "tall"
    wrong = kind(part) if kind is alt.hconcat else kind(alt.Chart(alt.Data(values=[])).mark_point())
    if kind is alt.layer:
        wrong.height = "tall"
    with pytest.raises(SchemaValidationError):
        charts.show(wrong, "")
