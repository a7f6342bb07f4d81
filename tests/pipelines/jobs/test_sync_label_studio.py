"""Both ways with a real Label Studio server: what its people answer lands once, and pulling again changes nothing."""

import os

import numpy as np
import pytest
from label_studio_sdk import LabelStudio
from sqlalchemy import func, select

from db.enums import RunStatus
from db.models import Caption, Event, Grounding, LabelStudioAnnotation, Mention, Rating, Region
from tests import label_studio
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_grounding, insert_image
from workbench import captions, exports, regions, releases, studies
from workbench.imaging import masks
from workbench.labelstudio.result_json import mask_result, text_result

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A running server."""
    if not label_studio.is_installed():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Label Studio is needed here: `make labelstudio` installs it under {label_studio.home()}")
        pytest.skip("Label Studio is not installed for tests; `make labelstudio` does that")
    with label_studio.server(tmp_path_factory.mktemp("label-studio") / "data") as server:
        yield server


@pytest.fixture
def sdk(address, monkeypatch):
    """The server as an annotator's program sees it; the job finds it by its environment."""
    monkeypatch.setenv("LABEL_STUDIO_URL", address.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", address.token)
    client = LabelStudio(base_url=address.url, api_key=address.token)
    yield client
    for project in client.projects.list():
        client.projects.delete(project.id)


def sync(carry_out, direction, **parameters):
    run = carry_out("sync_label_studio", direction=direction, **parameters)
    assert run.status is RunStatus.DONE, run.message
    return run


def counts(store):
    """How much there is of all that a pull could add or change."""
    with store.reading() as session:
        tables = (Caption, Mention, Region, Grounding, Rating, LabelStudioAnnotation, Event)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def tasks_of(sdk, project):
    return list(sdk.tasks.list(project=project, fields="all", page_size=100))


def test_fifty_tasks_of_every_kind_are_annotated_and_land_once(store, carry_out, sdk):
    with store.writing() as session:
        images = [insert_image(session, store.media, number) for number in range(20)]
        for image in images:
            insert_grounding(session, insert_caption(session, image))
        colored = [row.id for row in colorize(session, store.media, insert_checkpoint(session), seeds=(0, 1))]
        study = studies.create(session, name="seeds", question="Which is better?", method="pair", votes_per_trial=1)
        assert studies.add_pairs(session, study.id, colored[:20], between=["seed"]) == 10
        studies.open_study(session, study.id, actor="ada")
    pushed = [sync(carry_out, "push", kind="captions"), sync(carry_out, "push", kind="regions")]
    pushed.append(sync(carry_out, "push", kind="study", study="seeds"))
    assert [run.summary["pushed"] for run in pushed] == [20, 20, 10]
    assert sync(carry_out, "push", kind="captions").summary["present"] == 20
    described, outlined, compared = (tasks_of(sdk, run.summary["project"]) for run in pushed)
    _annotate(sdk, described, outlined, compared)
    before = counts(store)
    run = sync(carry_out, "pull")
    pulled = {name: run.summary[name] for name in ("annotations", "captions", "regions", "ratings", "taken_back", "refused")}
    assert pulled == {"annotations": 50, "captions": 20, "regions": 20, "ratings": 10, "taken_back": 0, "refused": 0}
    after = counts(store)
    assert after != before
    again = sync(carry_out, "pull")
    assert again.summary["annotations"] == 0
    assert counts(store) == after
    with store.reading() as session:
        for image in images:
            view = captions.of_image(session, image.id)[-1]
            assert (view.caption.text, view.caption.author) == (f"a green cup {image.id}", "ann@example.org (Label Studio)")
            caption = captions.of_image(session, image.id)[0].caption
            (mention,) = regions.for_caption(session, caption.id)[:1]
            assert [masks.decode(mask).sum() for mask in mention.masks] == [9, 4]
        assert len({rating.rater_id for rating in session.scalars(select(Rating))}) == 1
    _change_one(sdk, described)
    changed = sync(carry_out, "pull").summary
    assert (changed["annotations"], changed["captions"], changed["taken_back"]) == (1, 1, 1)
    assert sync(carry_out, "pull").summary["annotations"] == 0


def _annotate(sdk, described, outlined, compared):
    """Answer every task as a person would: another caption beside those predicted, another mask beside those predicted, a winner."""
    small = np.zeros((6, 8), bool)
    small[4:6, 6:8] = True
    for task in described:
        written = task.predictions[0].result[0]["value"]["text"]
        image = task.data["wb_id"].partition(":")[2]
        sdk.annotations.create(task.id, result=[text_result("c", [*written, f"a green cup {image}"])])
    for task in outlined:
        extra = mask_result("extra", masks.encode(small), task.data["phrases"][0]["value"])
        sdk.annotations.create(task.id, result=[*task.predictions[0].result, extra])
    for task in compared:
        value = {"id": "w", "type": "pairwise", "from_name": "winner", "to_name": "winner", "value": {"selected": "left"}}
        sdk.annotations.create(task.id, result=[value], lead_time=3.5)


def _change_one(sdk, described):
    task = described[7]
    (annotation,) = sdk.annotations.list(task.id)
    sdk.annotations.update(annotation.id, result=[text_result("c", ["a violet cup"])])


def test_the_pictures_of_a_task_are_the_store_s_own_and_the_source_is_gray(store, carry_out, sdk, address):
    import io

    import httpx
    import PIL.Image

    with store.writing() as session:
        insert_caption(session, insert_image(session, store.media, 1))
        colored = [row.id for row in colorize(session, store.media, insert_checkpoint(session), seeds=(0, 1))]
        study = studies.create(session, name="seeds", question="Which?", method="pair", votes_per_trial=1)
        studies.add_pairs(session, study.id, colored, between=["seed"])
    (task,) = tasks_of(sdk, sync(carry_out, "push", kind="study", study="seeds").summary["project"])

    def picture(name):
        answer = httpx.get(address.url + task.data[name], headers={"Authorization": f"Token {address.token}"})
        return answer.content, PIL.Image.open(io.BytesIO(answer.content)).mode

    with store.reading() as session:
        keys = {row.media_key for row in studies_stimuli(session)}
        assert {picture("picture_1")[0], picture("picture_2")[0]} == {store.media.read(key) for key in keys}
    assert picture("gray")[1] == "L"


def studies_stimuli(session):
    from db.models import Stimulus

    return session.scalars(select(Stimulus)).all()


def test_an_export_s_tasks_are_taken_by_the_import_page_s_endpoint(store, sdk, tmp_path):
    import json

    from tests.stores import release_of_twelve

    with store.writing() as session:
        release = release_of_twelve(session, store.media)
        exports.write(session, store.media, release.id, "label-studio", tmp_path / "out")
        pictures = len({item.color_key for item in releases.items(session, release.id)})
    form = (tmp_path / "out" / "label_config.xml").read_text()
    project = sdk.projects.create(title="an export", label_config=form)
    answer = sdk.projects.import_tasks(project.id, request=json.loads((tmp_path / "out" / "tasks.json").read_text()))
    assert (answer.task_count, answer.prediction_count) == (pictures, pictures)


def test_without_a_token_or_a_server_the_run_says_what_to_do(store, carry_out, monkeypatch):
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    assert "LABEL_STUDIO_API_KEY is not set" in carry_out("sync_label_studio", direction="push").message
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "x")
    silent = "http://127.0.0.1:9"
    assert f"No Label Studio answers at {silent}" in carry_out("sync_label_studio", direction="push", server=silent).message
    assert "push first" in carry_out("sync_label_studio", direction="pull", server=silent).message
    assert "need the name of a study" in carry_out("sync_label_studio", direction="push", kind="study", server=silent).message
    assert "of the kind" in carry_out("sync_label_studio", direction="push", kind="dogs", server=silent).message


def test_a_wrong_token_and_a_project_of_somebody_else_are_named(store, carry_out, sdk, monkeypatch):
    sdk.projects.create(title="workbench: captions", label_config="<View></View>")
    assert "that this store did not make" in carry_out("sync_label_studio", direction="push").message
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "wrong")
    assert "does not know this token" in carry_out("sync_label_studio", direction="push").message
