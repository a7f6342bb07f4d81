"""Clicks on the Ground page: who cuts them out is said, a worker's answer is waited for, a failure is a sentence and loses nothing."""

import itertools
from dataclasses import asdict

import pytest
import streamlit as st

from db.enums import RegionOrigin, RunStatus
from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import images, regions, runs
from workbench.imaging import masks
from workbench.imaging.mask_editing import Correction
from workbench.regions import interactive_segmentation
from workbench.ui.components import keys, mask_view

pytestmark = pytest.mark.slow


CLICK = Correction("add", ((120.0, 8.0),))
STROKE = Correction("paint", polygons=(((4.0, 4.0), (14.0, 4.0), (14.0, 14.0), (4.0, 14.0)),))


@pytest.fixture
def does(monkeypatch):
    """Let the mask view tell of corrections, one a draw, and note what it was given to wait for and to show."""
    said, waits, shown = [], [], []

    def view(_src, _size, outlines, *, bound, on_deeds, refused, waiting=None, **_options):
        waits.append(waiting)
        shown.append(outlines)
        if said:
            on_deeds([deed(said.pop(0), bound)])
            st.rerun()
        REFUSED.update(refused)

    monkeypatch.setattr(mask_view, "mask_view", view)
    return said, waits, shown


NUMBER = itertools.count()
REFUSED: dict[str, str] = {}


def deed(correction: Correction | dict, bound: mask_view.Bound) -> dict:
    """What the mask view tells of a correction to what is in hand, or of one that a test gives as it is."""
    own = {"id": f"mask-deed-{next(NUMBER)}", "kind": "correct", **asdict(bound), "fresh": "one"}
    return own | (correction if isinstance(correction, dict) else {"correction": asdict(correction)})


@pytest.fixture
def worker(filled):
    """A live worker with segment-anything."""
    with writing(filled) as session:
        runs.heartbeat(session, "sam", host="here", pid=1, queues=["clicks"], capabilities={"model": True})


def correcting(*said, does):
    """The page of the first image with the mask in hand, after some corrections."""
    app = visit("ground", image="1")
    does[0].extend(said)
    app.toggle[0].set_value(not app.toggle[0].value).run()
    return app


def area(filled) -> int:
    with reading(filled) as session:
        return masks.area(regions.get(session, 1).mask)


@pytest.mark.slow
def test_without_a_worker_grabcut_answers_at_once_and_the_page_says_how_to_get_better(filled, does, monkeypatch):
    monkeypatch.delenv("WORKBENCH_SAM_WEIGHTS", raising=False)
    before = area(filled)
    app = correcting(CLICK, does=does)
    assert area(filled) > before
    [said] = [caption for caption in app.caption if "turned into masks by" in caption.value]
    assert "by GrabCut, at once" in said.value
    assert "sam_vit_b_01ec64.pth" in said.help
    assert f"{filled.home / 'weights'}" in said.help
    (filled.home / "weights").mkdir()
    (filled.home / "weights" / "sam_vit_b.pth").touch()
    [said] = [caption for caption in app.run().caption if "turned into masks by" in caption.value]
    assert "takes them up within seconds" in said.help


@pytest.mark.slow
def test_with_a_worker_a_click_is_asked_of_it_and_shown_until_it_is_answered(filled, does, worker):
    before = area(filled)
    app = correcting(CLICK, does=does)
    assert "turned into masks by segment-anything" in texts(app)
    assert "is working on this click" in texts(app)
    assert does[1][-1] == CLICK
    assert area(filled) == before
    with reading(filled) as session:
        run = interactive_segmentation.latest(session, 1)
    assert (run.parameters["region_id"], run.requested_by) == (1, "ann")


@pytest.mark.slow
def test_a_stroke_is_done_at_once_though_a_worker_is_there(filled, does, worker):
    before = area(filled)
    correcting(STROKE, does=does)
    assert area(filled) > before


def test_a_click_that_failed_is_a_sentence_and_can_be_cut_with_grabcut(filled, does, worker):
    before = area(filled)
    app = correcting(CLICK, does=does)
    with writing(filled) as session:
        run = interactive_segmentation.latest(session, 1)
        runs.fail(session, run.id, "Segment-anything cannot be loaded: the file is damaged.")
    app.run()
    assert "the file is damaged" in app.error[0].value.replace("\\", "")
    app.button(key=f"here-{run.id}").click().run()
    assert area(filled) > before
    assert not app.error
    with reading(filled) as session:
        assert runs.get(session, run.id).status is RunStatus.CANCELLED


@pytest.mark.slow
def test_a_click_that_waits_can_be_dropped(filled, does, worker):
    before = area(filled)
    app = correcting(CLICK, does=does)
    with reading(filled) as session:
        run = interactive_segmentation.latest(session, 1)
    app.button(key=f"drop-{run.id}").click().run()
    assert "is cutting" not in texts(app)
    assert area(filled) == before


@pytest.fixture
def press(monkeypatch):
    """Press a key on the page at its next draw."""
    pressed = []
    monkeypatch.setattr(keys, "keys", lambda *_args, **_options: pressed.pop() if pressed else None)
    return pressed.append


@pytest.mark.slow
def test_digits_tie_the_mention_in_hand_to_the_region_of_that_number_and_take_it_off(filled, does, press):
    with writing(filled) as session:
        mask = masks.decode(regions.get(session, 1).mask)
        second = regions.add(session, 1, ~mask, origin=RegionOrigin.GRABCUT, label="wall", author="run").id
        first, wall = (view.mention.id for view in regions.for_caption(session, 1))
    app = visit("ground", image="1")
    assert [outline.label for outline in does[2][-1]] == ["2", "1"], "the larger one is drawn first"
    press("2")
    said = texts(app.run())
    assert _tied(filled, first) == [1, second]
    assert "2 wall · 78.1% · by GrabCut · linked to “box”" in said
    press("m")
    app.run()
    press("2")
    app.run()
    assert _tied(filled, wall) == [second]
    assert list(app.radio[0].proto.captions) == ["masks 1, 2 · shared with wall", "mask 2 · shared with box"]
    press("2")
    app.run()
    assert _tied(filled, wall) == []


def _tied(filled, mention_id: int) -> list[int]:
    with reading(filled) as session:
        return [region.id for view in regions.for_caption(session, 1) if view.mention.id == mention_id for region in view.regions]


@pytest.mark.slow
def test_captions_are_turned_and_correcting_is_switched_by_keys(filled, does, press):
    app = visit("ground", image="1")
    captions = [app.selectbox[0].value]
    for _ in range(3):
        press("n")
        captions.append(app.run().selectbox[0].value)
    assert captions[3] == captions[0]
    assert len(set(captions)) == 3
    press("d")
    assert app.run().toggle[0].value
    press("d")
    assert not app.run().toggle[0].value


@pytest.mark.slow
def test_a_stroke_that_was_made_on_another_image_lands_there_and_not_on_the_one_on_show(filled, does):
    with reading(filled) as session:
        before = masks.area(regions.get(session, 2).mask)
        picture, mention = images.get(session, 2).sha256, regions.for_caption(session, 4)[0].mention.id
    late = {"image": 2, "picture": picture, "mention": mention, "region": 2, "correction": asdict(STROKE)}
    shown = area(filled)
    correcting(late, does=does)
    assert area(filled) == shown
    with reading(filled) as session:
        assert masks.area(regions.get(session, 2).mask) > before


@pytest.mark.parametrize(
    ("strayed", "why"), [({"region": 2}, "another image"), ({"mention": 7}, "another image"), ({"region": 99}, "removed")]
)
@pytest.mark.slow
def test_a_stroke_that_does_not_fit_its_image_is_refused_with_a_reason(filled, does, strayed, why):
    before = area(filled)
    REFUSED.clear()
    correcting({"correction": asdict(STROKE), **strayed}, does=does)
    assert why in " ".join(REFUSED.values())
    assert area(filled) == before


@pytest.mark.slow
def test_a_box_replaces_the_mask_and_is_added_only_where_that_is_asked(filled, does):
    box = Correction("box", ((100.0, 70.0), (127.0, 95.0)))
    before = area(filled)
    correcting({"correction": asdict(box), "replaces": False}, does=does)
    added = area(filled)
    assert added > before
    correcting({"correction": asdict(box), "replaces": True}, does=does)
    assert area(filled) == added - before


@pytest.mark.slow
def test_two_strokes_of_a_new_mask_make_one(filled, does):
    second = Correction("paint", polygons=(((20.0, 4.0), (30.0, 4.0), (30.0, 14.0), (20.0, 14.0)),))
    correcting({"correction": asdict(STROKE), "region": 0}, {"correction": asdict(second), "region": 0}, does=does)
    with reading(filled) as session:
        made = [view.region for view in regions.of_image(session, 1)]
    assert len(made) == 2
    assert made[1].area_px == pytest.approx(2 * 11 * 11, abs=60)


@pytest.mark.slow
def test_what_grabcut_cut_out_is_a_persons_only_once_it_is_confirmed(filled, does):
    app = correcting(CLICK, does=does)
    with reading(filled) as session:
        assert regions.get(session, 1).origin is RegionOrigin.GRABCUT
    app.button(key="confirm-1").click().run()
    with reading(filled) as session:
        assert regions.get(session, 1).origin is RegionOrigin.HUMAN


@pytest.mark.slow
def test_a_click_on_a_mask_unlinks_the_phrase_and_another_links_it_again(filled, does):
    app = visit("ground", image="1")
    first = does[2][-1][0].id
    for linked, after in ((True, []), (False, [first])):
        does[0].append({"kind": "link", "region": first, "linked": linked})
        app.run()
        assert _tied(filled, 1) == after


@pytest.mark.slow
def test_a_first_stroke_becomes_a_mask_of_the_phrase_and_z_undoes_both(filled, does, press):
    with writing(filled) as session:
        regions.remove(session, 1, actor="ann")
    app = correcting(STROKE, does=does)
    with reading(filled) as session:
        [region] = regions.for_caption(session, 1)[0].regions
    assert (region.label, region.origin, region.author) == ("box", RegionOrigin.HUMAN, "ann")
    assert region.area_px == pytest.approx(100, rel=0.25)
    press("z")
    app.run()
    with reading(filled) as session:
        assert regions.of_image(session, 1) == []


@pytest.mark.slow
def test_an_eraser_takes_from_the_mask_in_hand_and_z_brings_it_back(filled, does, press):
    before = area(filled)
    app = correcting(Correction("erase", polygons=(((16.0, 24.0), (40.0, 24.0), (40.0, 72.0), (16.0, 72.0)),)), does=does)
    assert area(filled) < 0.7 * before
    press("z")
    app.run()
    assert area(filled) == before
