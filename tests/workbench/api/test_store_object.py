"""The store from Python: stable tables, pictures, captions that can be undone, runs that a worker carries out."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tests.stores import PAINTS
from workbench import colorizations, reviews, runs
from workbench.api import TABLES
from workbench.errors import ConflictError, InvalidInputError, NotFoundError, WorkbenchError

pytestmark = pytest.mark.slow

STUDY = "one against two"


def table_of(store, name: str) -> pd.DataFrame:
    return store.ratings(STUDY) if name == "ratings" else getattr(store, name)()


def in_another_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def test_importing_workbench_loads_nothing_else_and_opening_a_store_loads_no_torch(tmp_path):
    loaded = "[name for name in ('pandas', 'sqlalchemy', 'torch', 'workbench.api') if name in sys.modules]"
    assert in_another_process(f"import sys, workbench; print({loaded})") == "[]"
    opened = f"import sys, workbench; workbench.open({str(tmp_path)!r}).captions(); print('torch' in sys.modules)"
    assert in_another_process(opened) == "False"


@pytest.mark.parametrize("name", [name for name in TABLES if name != "ratings"])
def test_a_table_has_the_same_columns_and_types_in_an_empty_store_and_in_a_full_one(filled, bare, name):
    full, empty = table_of(filled, name), table_of(bare, name)
    assert len(empty) == 0
    documented = {column.name: column.dtype for column in TABLES[name].columns}
    assert full.dtypes.astype(str).to_dict() == empty.dtypes.astype(str).to_dict() == documented


def test_ratings_have_the_columns_of_the_codebook_with_types_before_and_after_the_first_vote(filled):
    from workbench import studies

    with filled.store.writing() as session:
        studies.create(session, name="new", question="Which?", method="pair", votes_per_trial=1)
    given, none = filled.ratings(STUDY), filled.ratings("new")
    assert len(given) == 8
    assert len(none) == 0
    assert given.dtypes.astype(str).to_dict() == none.dtypes.astype(str).to_dict()
    assert given["counted"].all()
    assert set(given["choice"]) <= {"mini", "mini-2"}
    assert given["seconds"].eq(2.0).all()
    with pytest.raises(NotFoundError, match="nothing"):
        filled.ratings("nothing")


def test_queries_pick_the_rows_that_pages_show(filled):
    assert list(filled.captions("level:complete color:red")["text"]) == ["a red box in front of a gray wall"]
    [mention, _wall] = filled.captions("level:complete color:red")["mentions"][0]
    assert mention == {"phrase": "a red box", "object": "box", "start": 0, "end": 9, "colors": ["red"], "colorable": True}
    assert list(filled.images("file:blue")["file_name"]) == ["blue-box.png"]
    [blue] = filled.images("file:blue")["id"]
    assert set(filled.colorizations("file:blue")["image_id"]) == {blue}
    [region] = filled.regions("file:blue").to_dict("records")
    assert region["area_px"] == filled.mask(region["id"]).sum()
    assert {spoken["phrase"] for spoken in region["mentions"]} == {"a blue box", "a box"}
    with pytest.raises(InvalidInputError):
        filled.captions("level:middling")


def test_long_tables_are_read_whole_and_in_the_order_asked_for(filled, monkeypatch):
    at_once = filled.captions("sort:newest")
    monkeypatch.setattr("workbench.api.rows.TOGETHER", 5)
    assert filled.captions("sort:newest").equals(at_once)
    assert list(at_once["id"]) == sorted(at_once["id"], reverse=True)


def test_a_colorization_has_its_settings_its_metrics_and_whose_masks_its_adherence_was_measured_in(filled):
    with filled.store.writing() as session:
        row = colorizations.get(session, 1)
        row.facts = {"metrics": {"psnr": 21.5, "delta_e": 9.25}, "mask_origins": ["sam"], "steered": True, "independent_adherence": 0.25}
    told = filled.colorizations().set_index("id")
    first, second = told.loc[1], told.loc[2]
    assert (first["checkpoint"], first["level"], first["steps"], first["guidance"], first["instances"]) == (
        "mini",
        "complete",
        8,
        4.0,
        True,
    )
    assert (first["psnr"], first["delta_e"], first["adherence"], first["adherence_masks"]) == (21.5, 9.25, 0.25, "independent")
    assert pd.isna(second["psnr"])
    assert (second["adherence"], second["adherence_masks"]) == (0.9, "unknown")


def test_a_review_says_whether_it_counts(filled):
    with filled.store.writing() as session:
        reviews.review(session, 1, "reject", reviewer="first pass", kind="rule", reason="low adherence")
        reviews.review(session, 1, "accept", reviewer="ada")
    told = filled.reviews().set_index("reviewer")
    assert told["counts"].to_dict() == {"first pass": False, "ada": True}
    assert told.loc["first pass", "reason"] == "low adherence"


def test_pictures_are_those_of_the_store(filled):
    photo = np.asarray(filled.image(1))
    assert photo.shape == (96, 128, 3)
    assert tuple(photo[60, 30]) != tuple(photo[10, 30])
    gray = np.asarray(filled.image(1, gray=True))
    assert gray.ndim == 2 or (gray[..., 0] == gray[..., 1]).all()
    assert filled.colorized(1).size == (128, 96)
    with pytest.raises(NotFoundError):
        filled.image(99)


def test_added_captions_are_one_batch_that_is_taken_back_as_a_whole(filled):
    before = len(filled.captions())
    rows = pd.DataFrame({"image_id": [1, 2], "text": ["a red box", "a thing"], "level": [None, "scarce"]})
    added = filled.add_captions(rows)
    assert (added.added, len(added.ids)) == (2, 2)
    stored = filled.captions("caption:" + str(added.ids[1])).iloc[0]
    assert (stored["author"], stored["level"], stored["level_origin"], stored["status"]) == ("ada", "scarce", "human", "accepted")
    assert filled.add_captions(rows).added == 0
    assert filled.undo(added.batch) == 2
    assert len(filled.captions()) == before
    with pytest.raises(NotFoundError):
        filled.undo("no such batch")


def test_proposed_captions_wait_for_a_word_and_say_who_wrote_them(filled):
    added = filled.add_captions([{"image_id": 1, "text": "a crimson box"}], proposed=True, origin="model")
    stored = filled.captions(f"status:proposed caption:{added.ids[0]}").iloc[0]
    assert (stored["status"], stored["text_origin"]) == ("proposed", "model")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"text": "a cup"}, "Row 0 needs image_id"),
        ({"image_id": 1, "text": None}, "The text of row 0"),
        ({"image_id": 1, "text": "a cup", "level": "middling"}, "there are complete, partial, scarce"),
        ({"image_id": 1, "text": " "}, "A caption needs words"),
    ],
)
def test_a_row_that_is_no_caption_is_refused_in_a_sentence_and_nothing_is_kept(filled, row, says):
    before = len(filled.captions())
    with pytest.raises(InvalidInputError, match=says):
        filled.add_captions([{"image_id": 1, "text": "a fine one"}, row] if says.startswith("A caption") else [row])
    assert len(filled.captions()) == before


def test_results_are_those_of_the_command_line(filled):
    results = filled.results(STUDY)
    assert results["votes"] == 8
    assert {system["name"] for system in results["systems"]} == {"mini", "mini-2"}
    assert filled.results(STUDY, simulated=False)["votes"] == 0


def test_a_run_waits_for_a_worker_and_tells_how_it_stands(filled):
    state = filled.run("level_captions", query="level:complete")
    assert (state.status, state.requested_by) == ("queued", "ada")
    assert filled.runs().set_index("id").loc[state.id, "parameters"]["query"] == "level:complete"
    with filled.store.writing() as session:
        runs.start(session, state.id)
    with pytest.raises(ConflictError, match="still at work"):
        filled.undo(state.batch)
    with pytest.raises(InvalidInputError, match="There is no job"):
        filled.run("paint")
    with pytest.raises(InvalidInputError, match="has no parameter"):
        filled.run("level_captions", color="red")


def test_a_run_that_is_waited_for_is_carried_out_by_a_worker_and_can_be_undone(filled):
    before = len(filled.captions("status:proposed"))
    done = filled.run("level_captions", wait=True, query="level:complete")
    assert (done.status, done.done) == ("done", len(PAINTS))
    made = len(filled.captions("status:proposed")) - before
    assert made >= 0
    with pytest.raises(WorkbenchError, match="failed"):
        filled.run("import_captions", wait=True, file=str(filled.home / "missing.csv"))
