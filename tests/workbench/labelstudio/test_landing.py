"""Annotations land once, a changed one replaces what it had brought, and what cannot be used is refused with its reason."""

import numpy as np
import pytest
from sqlalchemy import func, select

from db.enums import CaptionStatus, RegionOrigin, TaskKind
from db.models import Caption, Colorization, Grounding, LabelStudioProject, Rating, Region, Stimulus, Trial
from tests.stores import HEIGHT, WIDTH, colorize, insert_caption, insert_checkpoint, insert_grounding, insert_image
from workbench import studies
from workbench.errors import InvalidInputError, StudyNotOpenError
from workbench.imaging import masks
from workbench.labelstudio import labeling_configs
from workbench.labelstudio.annotations import Annotation, Task
from workbench.labelstudio.import_annotations import Landed, land
from workbench.labelstudio.result_json import mask_result, text_result
from workbench.labelstudio.tasks import caption_drafts, order_of, region_drafts, study_drafts, trial_sizes
from workbench.rating import votes_csv
from workbench.reviews import facts_of
from workbench.store import events

PAINTED = np.zeros((HEIGHT, WIDTH), bool)
PAINTED[2:5, 3:7] = True


def project_for(session, kind, study_id=None):
    row = LabelStudioProject(server="http://ls", project=len(kind), title=str(kind), kind=kind, study_id=study_id)
    session.add(row)
    session.flush()
    return row


def annotation(results, *, key=1, updated="2026-01-01", user=7, skipped=False):
    return Annotation(key, updated, "2026-01-01", "ann@example.org", user, 2.5, skipped, results)


def landed(session, project, key, *annotations):
    landing = Landed()
    land(session, project, Task(key, "2026-01-01", list(annotations)), landing, batch_id="b")
    return landing


def texts(*lines):
    return [text_result("captions", lines)]


def painted(label, mask=PAINTED):
    return mask_result("m", masks.encode(mask), label)


def polygon(label):
    value = {"points": [[12.5, 16.7], [75, 16.7], [75, 83.3], [12.5, 83.3]], "polygonlabels": [label], "closed": True}
    size = {"original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0}
    return {"id": "p", "type": "polygonlabels", "from_name": "polygon", "to_name": "image", **size, "value": value}


@pytest.fixture
def image(session, media):
    return insert_image(session, media, 1)


def test_new_descriptions_are_added_and_those_that_are_there_are_not(session, image):
    insert_caption(session, image)
    project = project_for(session, TaskKind.CAPTIONS)
    landing = landed(session, project, f"image:{image.id}", annotation(texts("a red cup on a table", "a green cup")))
    assert (landing.annotations, landing.captions) == (1, 1)
    row = session.scalar(select(Caption).where(Caption.text == "a green cup"))
    assert (row.author, row.text_origin, row.level) == ("ann@example.org (Label Studio)", "human", "complete")


def test_the_same_annotation_again_changes_nothing(session, image):
    project = project_for(session, TaskKind.CAPTIONS)
    sent = annotation(texts("a green cup"))
    landed(session, project, f"image:{image.id}", sent)
    again = landed(session, project, f"image:{image.id}", sent)
    assert (again.annotations, again.present, again.captions) == (0, 1, 0)


def test_a_changed_annotation_sets_aside_what_it_no_longer_says(session, image):
    project = project_for(session, TaskKind.CAPTIONS)
    own = insert_caption(session, image)
    landed(session, project, f"image:{image.id}", annotation(texts("a green cup", "a blue cup", own.text)))
    landing = landed(session, project, f"image:{image.id}", annotation(texts("a blue cup", "a pink cup"), updated="2026-01-02"))
    assert (landing.captions, landing.taken_back) == (1, 1)
    statuses = dict(session.execute(select(Caption.text, Caption.status)).all())
    assert statuses == {
        own.text: CaptionStatus.ACCEPTED,
        "a green cup": CaptionStatus.DROPPED,
        "a blue cup": CaptionStatus.ACCEPTED,
        "a pink cup": CaptionStatus.ACCEPTED,
    }


def test_what_a_pull_brought_is_taken_back_as_a_batch_and_stays_away(session, image):
    caption = insert_caption(session, image)
    insert_grounding(session, caption)
    described, outlined = project_for(session, TaskKind.CAPTIONS), project_for(session, TaskKind.REGIONS)
    outlined_task = f"caption:{caption.id}", annotation([painted("a red cup")])
    landed(session, described, f"image:{image.id}", annotation(texts("a green cup")))
    landed(session, outlined, *outlined_task)
    assert events.rollback(session, "b", actor="ada") == 3
    assert session.scalars(select(Caption.text)).all() == [caption.text]
    assert session.scalar(select(func.count()).select_from(Region)) == 1
    assert landed(session, outlined, *outlined_task).present == 1


def test_a_description_that_somebody_dropped_does_not_come_back(session, image):
    project = project_for(session, TaskKind.CAPTIONS)
    landed(session, project, f"image:{image.id}", annotation(texts("a green cup")))
    session.scalar(select(Caption)).status = CaptionStatus.DROPPED
    session.flush()
    landed(session, project, f"image:{image.id}", annotation(texts("a green cup")))
    assert session.scalar(select(Caption.status)) == CaptionStatus.DROPPED


def test_a_painted_and_a_drawn_mask_become_regions_that_their_phrases_mean(session, image):
    caption = insert_caption(session, image, "a red cup on a table")
    insert_grounding(session, caption)
    project = project_for(session, TaskKind.REGIONS)
    landing = landed(session, project, f"caption:{caption.id}", annotation([painted("a red cup"), polygon("a red cup")]))
    assert (landing.annotations, landing.regions, landing.refused) == (1, 2, [])
    rows = session.scalars(select(Region).where(Region.author.contains("Label Studio")).order_by(Region.id)).all()
    assert (masks.decode(rows[0].mask) == PAINTED).all()
    assert {row.origin for row in rows} == {RegionOrigin.HUMAN}
    assert session.scalar(select(func.count()).select_from(Grounding)) == 3
    redrawn = landed(session, project, f"caption:{caption.id}", annotation([painted("a red cup")], updated="2026-01-02"))
    assert (redrawn.regions, redrawn.taken_back) == (0, 1)


def test_what_cannot_be_used_is_refused_with_its_reason_and_leaves_nothing(session, image):
    caption = insert_caption(session, image)
    insert_grounding(session, caption)
    before = session.scalar(select(func.count()).select_from(Region))
    project = project_for(session, TaskKind.REGIONS)
    landing = landed(
        session,
        project,
        f"caption:{caption.id}",
        annotation([painted("a red cup"), painted("a dog")]),
        annotation([], key=2),
        annotation([{**painted("a red cup"), "image_rotation": 90}], key=3),
        annotation([painted("a red cup")], key=4, skipped=True),
    )
    assert [reason for _, reason in landing.refused] == [
        'The caption mentions no "a dog" now: it reads "a red cup on a table".',
        "No mask was drawn.",
        "A mask was drawn on a rotated picture; turn the picture back in Label Studio.",
    ]
    assert session.scalar(select(func.count()).select_from(Region)) == before
    assert landed(session, project, "caption:999", annotation([painted("a red cup")], key=9)).refused


ANSWERS = {
    "pair": ([{"type": "pairwise", "from_name": "winner", "value": {"selected": "right"}}], 1),
    "choice": ([{"type": "choices", "from_name": "winner", "value": {"choices": ["2"]}}], 1),
    "ranking": ([{"type": "ranker", "from_name": "ranking", "value": {"ranker": {"ranking": ["2", "1"]}}}], 1),
    "category": (
        [
            {"type": "rating", "from_name": "scale_0_1", "value": {"rating": 2}},
            {"type": "rating", "from_name": "scale_0_2", "value": {"rating": 5}},
        ],
        1,
    ),
}


def open_study(session, media, method):
    image = insert_image(session, media, 3)
    insert_caption(session, image)
    colored = [row.id for row in colorize(session, media, insert_checkpoint(session), seeds=(0, 1), adherence=0.7)]
    study = studies.create(session, name=method, question='Which "fits"?', method=method, votes_per_trial=1)
    (studies.add_pairs if method == "pair" else studies.add_sets)(session, study.id, colored, between=["seed"])
    studies.open_study(session, study.id, actor="ada")
    return study, session.scalar(select(Trial))


@pytest.mark.parametrize("method", ANSWERS)
def test_an_answer_becomes_a_rating_of_a_pseudonym_once(session, media, method):
    study, trial = open_study(session, media, method)
    project = project_for(session, TaskKind.STUDY, study.id)
    results, best = ANSWERS[method]
    landing = landed(session, project, f"trial:{trial.id}", annotation(results))
    assert (landing.ratings, landing.refused) == (1, [])
    assert landed(session, project, f"trial:{trial.id}", annotation(results)).present == 1
    changed = landed(session, project, f"trial:{trial.id}", annotation(results, updated="2026-01-02"))
    assert (changed.ratings, changed.annotations) == (0, 1)
    (row,) = session.scalars(select(Rating)).all()
    assert row.seconds == 2.5
    shown = order_of(study, trial, list(session.scalars(select(Stimulus))))
    (vote,) = votes_csv.export_rows(session, study.id)
    assert vote["rater"].startswith("ls-")
    assert "ann" not in vote["rater"]
    if method in ("pair", "choice"):
        assert vote["choice"] == shown[best].system
    assert shown[best].system in vote["choice"]


def test_a_tie_and_another_answer_to_the_same_trial(session, media):
    study, trial = open_study(session, media, "pair")
    project = project_for(session, TaskKind.STUDY, study.id)
    tie = [{"type": "choices", "from_name": "tie", "value": {"choices": ["no difference"]}}]
    landed(session, project, f"trial:{trial.id}", annotation(tie))
    assert session.scalar(select(Rating.is_tie))
    other = landed(session, project, f"trial:{trial.id}", annotation(ANSWERS["pair"][0], updated="2026-01-02"))
    assert "answers are final" in other.refused[0][1]
    empty = landed(session, project, f"trial:{trial.id}", annotation([], key=5, user=8))
    assert empty.refused[0][1] == "Nothing was chosen."


def test_a_closed_study_stops_the_pull_so_that_nothing_is_taken_for_refused(session, media):
    study, trial = open_study(session, media, "pair")
    studies.close(session, study.id, actor="ada")
    with pytest.raises(StudyNotOpenError):
        landed(session, project_for(session, TaskKind.STUDY, study.id), f"trial:{trial.id}", annotation(ANSWERS["pair"][0]))


def test_a_task_that_is_none_of_ours_is_refused(session, image):
    landing = landed(session, project_for(session, TaskKind.CAPTIONS), "image:x", annotation(texts("a cup")))
    assert landing.refused == [("image:x, annotation 1", 'The task\'s "image:x" is no key of ours.')]


def test_drafts_show_captions_and_masks_as_predictions(session, image):
    caption = insert_caption(session, image, "a red cup and a red cup")
    insert_grounding(session, caption)
    (described,) = caption_drafts(session, "")
    assert described.predictions[0]["result"][0]["value"]["text"] == [caption.text]
    (grounded,) = region_drafts(session, "")
    assert grounded.key == f"caption:{caption.id}"
    assert grounded.data["phrases"] == [{"value": "a red cup"}]
    assert grounded.predictions[0]["result"][0]["value"]["brushlabels"] == ["a red cup"]


@pytest.mark.parametrize("method", ANSWERS)
def test_a_study_s_tasks_are_blind_unless_asked_otherwise_and_fit_their_form(session, media, method):
    from label_studio_sdk.label_interface import LabelInterface

    study, _ = open_study(session, media, method)
    form = LabelInterface(labeling_configs.study_form(study, trial_sizes(session, study)[1]))
    blind = next(study_drafts(session, study, predicted=False))
    seen = next(study_drafts(session, study, predicted=True))
    assert blind.predictions == []
    assert form.validate_task({"data": {**blind.data, **blind.pictures}})
    assert form.validate_prediction(seen.predictions[0], return_errors=True) == []
    systems = session.scalars(select(Stimulus.system)).all()
    assert not any(system in str(blind.data) for system in systems)


def test_what_only_the_masks_that_steered_say_predicts_nothing(session, media):
    study, _ = open_study(session, media, "pair")
    for row in session.scalars(select(Colorization)):
        row.facts = facts_of([RegionOrigin.SAM], steered=True)
    session.flush()
    assert next(study_drafts(session, study, predicted=True)).predictions == []


def test_a_trial_with_fewer_pictures_than_others_has_every_name_of_the_form(session, media):
    study, _ = open_study(session, media, "choice")
    extra = Trial(study_id=study.id, position=9, image_id=None, caption_text=None)
    session.add(extra)
    session.flush()
    session.add(Stimulus(trial_id=extra.id, position=0, system="alone", media_key=session.scalar(select(Stimulus.media_key))))
    session.flush()
    assert trial_sizes(session, study) == (1, 2)
    whole, small = study_drafts(session, study, predicted=True)
    assert {*whole.data, *whole.pictures} == {*small.data, *small.pictures} == {"caption", "gray", "picture_1", "picture_2"}
    assert small.data["picture_2"].startswith("data:image/png;base64,")
    assert small.predictions == []


def test_labels_that_come_again_are_numbered():
    from workbench.labelstudio.result_json import labels_of

    assert labels_of(["a cup", "a dog", "a cup"]) == ["a cup", "a dog", "a cup (2)"]


def test_a_polygon_of_two_points_is_refused():
    from workbench.labelstudio.annotation_values import drawn_in

    with pytest.raises(InvalidInputError, match="three or more points"):
        drawn_in([{**polygon("x"), "value": {"points": [[0, 0], [1, 1]], "polygonlabels": ["x"]}}])
