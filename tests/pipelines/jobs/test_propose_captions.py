"""Captions of a model are proposals with its name, cost nothing twice, and what goes wrong is named image by image."""

import io

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import select

from db.enums import CaptionLevel, CaptionStatus, Origin, RunStatus
from db.models import Caption, ModelAnswer, RunItem
from tests.chat_server import chat_server
from tests.pictures import encoded, picture
from workbench import images, runs, vision_language
from workbench.vision_language import Endpoint

pytestmark = pytest.mark.slow


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv(vision_language.KEY_VARIABLE, "very-secret")
    with chat_server() as told:
        yield told


@pytest.fixture
def photos(store):
    """Three photos, the last of them gray."""
    with store.writing() as session:
        pictures = [picture(0), picture(1), np.repeat(picture(2)[..., :1], 3, 2)]
        added = [
            images.import_file(session, store.media, encoded(pixels), file_name=f"{number}.png", source="test")
            for number, pixels in enumerate(pictures)
        ]
        return [outcome.image.id for outcome in added]


def parameters(server, **changes):
    return {"query": "", **Endpoint(server.address, "eyes", at_once=1, seconds=5, **changes).as_json()}


def proposals(store):
    with store.reading() as session:
        rows = session.scalars(select(Caption).order_by(Caption.image_id, Caption.id)).all()
    return [(row.image_id, row.text, row.level, row.text_origin) for row in rows]


def test_each_image_gets_a_complete_proposal_and_those_that_follow_from_it(store, server, photos, carry_out):
    run = carry_out("propose_captions", **parameters(server))
    assert (run.status, run.done, run.failed) == (RunStatus.DONE, 3, 0)
    first = [row[1:] for row in proposals(store) if row[0] == photos[0]]
    assert first[0] == ("A red cup on a brown table.", CaptionLevel.COMPLETE, Origin.MODEL)
    assert {level for _, level, _ in first} == set(CaptionLevel)
    assert {origin for _, _, origin in first[1:]} == {Origin.RULE}
    with store.reading() as session:
        made = session.scalars(select(Caption)).all()
        assert {row.status for row in made} == {CaptionStatus.PROPOSED}
        assert {row.author for row in made} == {f"eyes (run {run.id})"}
        answer = session.scalars(select(ModelAnswer).limit(1)).one()
        assert (answer.model, answer.prompt, answer.answer) == ("eyes", vision_language.PROMPT, "A red cup on a brown table.")
    assert run.summary["read_otherwise"] == 0
    assert "very-secret" not in str((run.parameters, run.summary))
    assert set(server.keys) == {"Bearer very-secret"}


def test_the_original_is_sent_where_it_has_color_and_the_gray_picture_else_or_where_that_is_asked_for(store, server, photos, carry_out):
    carry_out("propose_captions", **parameters(server))
    modes = [PIL.Image.open(io.BytesIO(server.picture(number))).mode for number in range(3)]
    assert modes == ["RGB", "RGB", "L"]
    carry_out("propose_captions", **parameters(server, face="gray"))
    assert [PIL.Image.open(io.BytesIO(server.picture(number))).mode for number in (3, 4)] == ["L", "L"]
    assert len(server.questions) == 5  # the gray one was asked about already


def test_all_levels_can_be_asked_for_and_what_reads_otherwise_or_looks_misspelled_is_counted(store, server, photos, carry_out):
    server.answers = ['{"complete": "A red cup on a brwon table.", "partial": "A cup on a table.", "scarce": "A cup, on a table."}']
    run = carry_out("propose_captions", **parameters(server, mode="ask") | {"query": f"id:{photos[0]}"})
    assert run.summary == {"proposals": 3, "read_otherwise": 1, "misspelled": 1}


def test_what_goes_wrong_is_named_and_going_on_asks_about_that_alone(store, server, photos, carry_out):
    server.answers = ["A red cup on a brown table.", b"<html>", "I'm sorry, I cannot help."]
    run = carry_out("propose_captions", **parameters(server))
    assert (run.done, run.failed) == (1, 2)
    with store.reading() as session:
        reasons = dict(session.execute(select(RunItem.item, RunItem.reason)).all())
    assert "no chat completion" in reasons["1.png"]
    assert "refused" in reasons["2.png"]
    server.answers = ["A blue bowl on a green table."]
    again = carry_out("propose_captions", **parameters(server))
    assert (again.done, again.skipped, again.failed) == (1, 1, 1)
    assert len(server.questions) == 4  # one image was answered, and of the refusal the answer is kept as well


def test_a_run_that_was_cancelled_goes_on_without_paying_twice(store, server, photos, monkeypatch):
    from pipelines.jobs import propose_captions
    from pipelines.worker.engine import execute
    from pipelines.worker.job import JobContext

    with store.writing() as session:
        run = runs.create(session, "propose_captions", parameters(server), requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, run.requested_by)
    keep = propose_captions._keep

    def keep_and_cancel(*arguments):
        keep(*arguments)
        with store.writing() as session:
            if runs.get(session, run.id).status is RunStatus.RUNNING:
                runs.cancel(session, run.id, actor="ann")

    monkeypatch.setattr(propose_captions, "_keep", keep_and_cancel)
    assert execute(context) is RunStatus.CANCELLED
    assert len(server.questions) == 1
    monkeypatch.setattr(propose_captions, "_keep", keep)
    with store.writing() as session:
        runs.resume(session, run.id, actor="ann")
        runs.start(session, run.id)
    assert execute(context) is RunStatus.DONE
    assert len(server.questions) == 3
    assert {row[0] for row in proposals(store)} == set(photos)


def test_a_refused_key_ends_the_run_with_a_sentence(store, server, photos, carry_out):
    server.answers = [401]
    run = carry_out("propose_captions", **parameters(server))
    assert run.status is RunStatus.FAILED
    assert vision_language.KEY_VARIABLE in run.message
    assert "very-secret" not in run.message
