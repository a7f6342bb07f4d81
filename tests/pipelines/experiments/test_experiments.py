"""Each experiment is carried out with a real model and writes its page."""

import json

import numpy as np
import PIL.Image
import pytest

from lcad import load_pipeline
from pipelines.experiments import page
from pipelines.experiments.catalog import EXPERIMENTS
from pipelines.experiments.frame import MEASURES, Answer, Condition, Experiment, Outcome, carried_out
from pipelines.experiments.masks import grown
from tests.pipelines.experiments.things import case_of_three
from workbench import releases

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint):
    return load_pipeline(tiny_checkpoint)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_gives_a_page(tmp_path, pipeline, name):
    own = pipeline.settings
    answer = carried_out(EXPERIMENTS[name], pipeline, [case_of_three(number) for number in range(2)])
    assert pipeline.settings == own
    said = page.write(tmp_path, answer, {"checkpoint": "tiny"})
    text = (tmp_path / "index.md").read_text()
    assert said in text
    assert EXPERIMENTS[name].question in text
    numbers = json.loads((tmp_path / "numbers.json").read_text())["conditions"]
    assert [one["condition"] for one in numbers] == [one.name for one in EXPERIMENTS[name].conditions]
    assert all(f"| {one['condition']} |" in text for one in numbers)
    with PIL.Image.open(tmp_path / "pictures.webp") as sheet:
        assert sheet.width > sheet.height
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")


def test_conditions_that_change_something_give_other_pictures(pipeline):
    answer = carried_out(EXPERIMENTS["constraints"], pipeline, [case_of_three()])
    first, *others = (np.asarray(outcome.pictures[0]) for outcome in answer.outcomes)
    assert all(not np.array_equal(first, other) for other in others)


def test_the_sentence_says_what_is_sure_and_what_is_not():
    conditions = tuple(Condition(name) for name in ("first", "worse", "alike"))
    rng = np.random.default_rng(0)
    base = rng.uniform(0.4, 0.6, 20)
    scores = {"first": base, "worse": base - 0.2, "alike": base + rng.normal(0, 0.05, 20) * np.resize([1, -1], 20)}
    rows = {name: [dict.fromkeys(MEASURES) | {"adherence": float(value)} for value in values] for name, values in scores.items()}
    outcomes = [Outcome(name, of_condition, [], []) for name, of_condition in rows.items()]
    cases = [case_of_three(number) for number in range(20)]
    said = page.sentence(Answer(Experiment("x", "?", conditions), cases, outcomes))
    assert said.startswith("Beside “first” (adherence 0.5")
    assert "“worse” -0.200 [-0.200, -0.200]" in said
    assert "not told apart: “alike”" in said


def test_a_question_that_no_item_can_answer_is_refused(pipeline):
    with pytest.raises(ValueError, match="no item of this split can take part in the experiment overlap"):
        carried_out(EXPERIMENTS["overlap"], pipeline, [])


def test_a_grown_mask_holds_the_mask():
    mask = case_of_three().phrases[1].mask
    assert grown(mask)[mask].all()
    assert grown(mask).sum() > mask.sum()


def test_the_command_writes_the_page_and_names_what_there_is(tmp_path, store, library, tiny, workbench):
    library(8)
    with store.writing() as session:
        releases.create(session, store.media, name="small", author="tester")
    home = ("--home", store.settings.home, "--release", "small", "1.0.0", "--checkpoint", tiny, "--split", "train")
    told = workbench("experiments", "levels", *home, "--items", 6, "--out", tmp_path / "levels", "--json")
    assert told.status == 0, told.messages
    assert told.json["items"] > 0
    assert (tmp_path / "levels" / "index.md").is_file()
    refused = workbench("experiments", "levles", *home)
    assert refused.status == 1
    assert 'There is no experiment "levles"; there are levels, instances' in refused.messages
