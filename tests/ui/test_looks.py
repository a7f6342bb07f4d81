"""The interface is achromatic, its words are those of a colleague, and its parts know their place."""

import re
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from db.enums import CaptionLevel, RunStatus, Verdict
from db.models import Event, Run
from tests.ui.conftest import ROOT
from workbench.ui import guide
from workbench.ui.app.navigation import SECTIONS
from workbench.ui.components import color_chips
from workbench.ui.components.color_chips import Span
from workbench.ui.components.source import asset, style
from workbench.ui.shared import run_progress, wording

UI = ROOT / "workbench" / "ui"
HEX = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
STYLED = sorted(path for path in UI.rglob("*") if path.suffix in (".css", ".js", ".toml", ".html"))
"""What the browser is sent as it is."""


@pytest.mark.parametrize("path", STYLED, ids=lambda path: path.name)
def test_no_surface_has_a_tint(path):
    for code in HEX.findall(path.read_text()):
        full = code if len(code) == 6 else "".join(2 * digit for digit in code)
        assert full[:2].lower() == full[2:4].lower() == full[4:].lower(), f"#{code}"


@pytest.mark.parametrize("name", ["gallery", "compare", "caption_board", "keys", "loop", "mask_view", "matrix"])
def test_a_components_assets_are_taken_for_text_and_not_for_paths(name):
    for suffix in ("css", "js"):
        assert "\n" in asset(f"{name}.{suffix}").strip()


def test_nothing_is_fetched_from_elsewhere():
    for path in STYLED:
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text()), path.name


def test_levels_have_shapes_and_verdicts_have_signs():
    assert [wording.level(level) for level in CaptionLevel] == ["● complete", "◐ partial", "○ scarce"]
    assert [wording.verdict(verdict) for verdict in Verdict] == ["✓ accept", "↻ fix", "✗ reject"]
    assert wording.levels(["scarce", "complete", "scarce"]) == "●○"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (89, "89 s"), (95, "2 min"), (3600, "60 min"), (5400, "1 h 30 min"), (36000, "10 h 0 min")]
)
def test_spans_of_time_have_the_units_that_matter(seconds, words):
    assert wording.duration(seconds) == words


def test_moments_are_told_from_now():
    now = datetime.now(UTC)
    assert wording.ago(None) == "never"
    assert wording.ago(now) == "just now"
    assert wording.ago(now - timedelta(minutes=5)) == "5 min ago"
    assert wording.ago(now - timedelta(days=40)) == (now - timedelta(days=40)).date().isoformat()


def test_numbers_agree_with_their_nouns():
    assert wording.count(1, "image") == "1 image"
    assert wording.count(1204, "image") == "1,204 images"
    assert wording.count(2, "open study", "open studies") == "2 open studies"
    assert wording.share(None) == "–"


def test_a_persons_words_are_no_markdown():
    assert wording.plain("a *red* [cup](x) :red[b] $x$") == r"a \*red\* \[cup\]\(x\) \:red\[b\] \$x\$"


def test_a_caption_is_escaped_and_its_colors_follow_their_words():
    html = color_chips.marked("a red <cup>", [Span(0, 5, ("#c8202f",))])
    assert html == 'a red<i class="chip" style="background:#c8202f"></i> &lt;cup&gt;'


def test_a_run_tells_how_far_it_is_and_how_long_it_takes():
    started = datetime.now(UTC) - timedelta(seconds=100)
    run = Run(job="colorize_images", status=RunStatus.RUNNING, total=300, done=98, failed=2, skipped=0, message="", started_at=started)
    assert run_progress.sentence(run) == "100 of 300, 2 failed, 1 a second, 3 min left"
    assert run_progress.share(run) == pytest.approx(1 / 3)


def test_a_run_that_waits_says_so():
    run = Run(job="thumbnails", status=RunStatus.QUEUED, total=0, done=0, failed=0, skipped=0, message="Waits for a worker.")
    assert run_progress.sentence(run) == "Waits for a worker."
    assert run_progress.share(run) == 0


def test_what_happened_to_an_image_is_said_in_words():
    def event(action, subject, subject_id="12"):
        return Event(action=action, subject=subject, subject_id=subject_id)

    assert wording.happened(event("create", "image")) == "imported"
    assert wording.happened(event("tag", "image_tag", "12:night: rain")) == "tagged night: rain"
    assert wording.happened(event("untag", "image_tag", "12:night")) == "tag night removed"
    assert wording.happened(event("undo", "image_tag", "12:night")) == "undo image tag"


def test_every_component_takes_its_grays_from_the_theme_on_show():
    for path in sorted((UI / "components").glob("*.css")):
        assert style(path.name).startswith(asset("tokens.css")), path.name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_set_the_same_options_and_words_stand_out_from_their_ground(theme):
    themes = tomllib.loads((UI / "config.toml").read_text())["theme"]
    assert set(themes["light"]) == set(themes["dark"])
    chosen = themes[theme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(chosen["textColor"], chosen[ground]) > 7
        assert contrast(chosen["grayTextColor"], chosen[ground]) > 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two grays (WCAG 2, relative luminance)."""

    def luminance(code: str) -> float:
        value = int(code[1:3], 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_page_says_in_one_sentence_what_it_is_for_and_how_it_works():
    for name in (name for entries in SECTIONS.values() for name, _title in entries):
        assert guide.purpose(name).endswith("."), name
        assert guide.purpose(name).count(". ") == 0, name
        assert name == "guide" or guide.body(name), name
