"""A release is made, checked, compared, exported and trained on from its pages."""

import json

import PIL.Image
import pytest
from sqlalchemy import delete, insert

from db.enums import Split
from db.models import Evaluation, Landmarks, ReleaseItem
from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import captions, exports, images, releases, runs
from workbench.analysis.image_bootstrap import MeanInterval
from workbench.colorizations import checkpoints, evaluations
from workbench.colorizations.evaluations import Comparison
from workbench.ui.shared import evaluation_table

pytestmark = pytest.mark.slow


def _button(app, label):
    return next(button for button in app.button if button.label == label)


@pytest.fixture
def released(filled):
    """The store with one release in it."""
    with writing(filled) as session:
        releases.create(session, filled.media, name="boxes", author="ann")
    return filled


@pytest.mark.slow
def test_a_release_is_made_from_the_form_and_shows_splits_by_levels(filled):
    app = visit("releases")
    _button(app, "Create").click().run()
    table = app.dataframe[0].value
    assert list(table["split"]) == ["train", "validation", "test"]
    assert table["items"].sum() == 12
    assert "12 items of 4 images" in texts(app)


def test_a_name_that_cannot_be_used_is_a_sentence(filled):
    app = visit("releases")
    app.text_input[0].set_value("two words")
    _button(app, "Create").click().run()
    assert "no name for a release" in app.error[0].value


@pytest.mark.slow
def test_beside_the_gate_crops_are_looked_for_among_images_that_were_not_compared(filled):
    with writing(filled) as session:
        session.execute(delete(Landmarks))
        releases.create(session, filled.media, name="boxes", author="ann")
    app = visit("releases")
    assert "4 images in it were imported before crops were looked for" in texts(app)
    _button(app, "Look for crops").click().run()
    with reading(filled) as session:
        assert runs.listing(session, limit=1)[0].job == "compare_images"


@pytest.mark.slow
def test_verify_says_sound_and_then_names_the_broken_file(released):
    app = visit("releases")
    _button(app, "Verify").click().run()
    assert "All is well" in app.success[0].value
    with reading(released) as session:
        key = releases.items(session, 1, limit=1)[0].color_key
    path = released.home / "media" / key
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    _button(app, "Verify").click().run()
    assert "1 problem" in app.error[0].value
    [problems] = [frame.value for frame in app.dataframe if "what" in frame.value]
    assert key in list(problems["what"])


@pytest.mark.slow
def test_two_versions_are_compared(released):
    with writing(released) as session:
        captions.drop(session, [1], actor="ann")
        releases.create(session, released.media, name="boxes", author="ann")
    app = visit("releases", ["changed-2"])
    assert "− removed: 1" in texts(app)
    assert [option.partition(" · ")[0] for option in app.radio[0].proto.captions] == ["−1 since 1.0.0", "the first version"]


@pytest.mark.slow
def test_the_gate_the_lineage_and_the_rules_are_shown(released):
    words = texts(visit("releases", ["lineage-1", "rules-1"]))
    assert "✓ **Leak gate** · 0 pairs of near duplicates and 0 scene sources among 4 images, none across splits" in words
    assert "0 curators gave 0 verdicts" in words
    assert "Manifest `" in words


@pytest.mark.slow
def test_foreign_images_are_kept_out_from_the_form(filled, tmp_path):
    with reading(filled) as session:
        (tmp_path / "benchmark.txt").write_text(images.get(session, 1).sha256)
    app = visit("releases")
    app.multiselect[0].set_value([str(tmp_path / "benchmark.txt")])
    _button(app, "Create").click().run()
    assert "benchmark lists: benchmark \\(1\\); 1 image kept out" in texts(app)
    assert "9 items of 3 images" in texts(app)


@pytest.mark.slow
def test_a_large_release_is_verified_by_the_workers(released):
    app = visit("releases")
    with writing(released) as session:
        original = session.get(ReleaseItem, 1)
        facts = {column.key: getattr(original, column.key) for column in ReleaseItem.__table__.columns if column.key != "id"}
        session.execute(insert(ReleaseItem), [facts | {"caption_text": f"words {number}"} for number in range(2000)])
    app.run()
    _button(app, "Verify").click().run()
    with reading(released) as session:
        assert runs.listing(session, limit=1)[0].job == "verify_release"


@pytest.mark.slow
def test_exporting_asks_the_workers(released):
    _button(visit("releases"), "Export").click().run()
    with reading(released) as session:
        run = runs.listing(session, limit=1)[0]
    assert (run.job, run.parameters["release_id"], run.parameters["format"]) == ("export_release", 1, "imagefolder")


@pytest.mark.slow
def test_where_an_export_lies_is_said_beside_its_release(released, tmp_path):
    with writing(released) as session:
        exports.write(session, released.media, 1, "imagefolder", tmp_path / "files", actor="ann")
        exports.write(session, released.media, 1, "imagefolder", released.home / "trainings" / "k" / "release", actor="ann")
        far = tmp_path.parent / f"{tmp_path.name}-far"
        exports.write(session, released.media, 1, "imagefolder", far, actor="ann")
        exports.write(session, released.media, 1, "imagefolder", far / "trainings" / "k" / "release", actor="ann")
    app = visit("releases")
    said = texts(app)
    assert "`files`" in said, "as seen from the folder that the store's home lies in"
    assert f"`{tmp_path / 'files'}`" in [caption.help for caption in app.caption]
    assert f"`{far}`" in said, "what lies elsewhere has its full path"
    assert "trainings" not in said, "what a training reads is no file for people, also of a store that was moved"


@pytest.mark.slow
def test_retraining_asks_the_workers_with_the_release_that_was_chosen(released):
    app = visit("checkpoints", release="1")
    _button(app, "Train").click().run()
    with reading(released) as session:
        run = runs.listing(session, limit=1)[0]
    assert run.job == "retrain_checkpoint"
    told = {name: value for name, value in run.parameters.items() if value is not None}
    assert told == {"release_id": 1, "base": "mini-2", "stage": "denoiser", "steps": 200, "method": "dpo"}


@pytest.mark.slow
def test_evaluating_asks_the_workers(released):
    app = visit("checkpoints")
    app.button(key="do-evaluate-1").click().run()
    with reading(released) as session:
        run = runs.listing(session, limit=1)[0]
    assert (run.job, run.parameters["checkpoint"], run.parameters["split"]) == ("evaluate_checkpoint", "mini", "test")
    assert run.parameters["captions_alone"] is False


@pytest.mark.slow
def test_evaluating_by_captions_alone_is_an_option(released):
    app = visit("checkpoints")
    app.checkbox(key="alone-1").check().run()
    app.button(key="do-evaluate-1").click().run()
    with reading(released) as session:
        run = runs.listing(session, limit=1)[0]
    assert (run.job, run.parameters["captions_alone"]) == ("evaluate_checkpoint", True)


@pytest.mark.slow
def test_evaluations_by_captions_alone_have_a_line_and_a_comparison_of_their_own(released):
    def items(adherence):
        shared = {"level": "complete", "instances": 1, "source": "test", "right": True, "delta_e": 8.0, "psnr": 20.0}
        return [{"item": n, "image": f"i{n}", "adherence": adherence, **shared} for n in range(4)]

    with writing(released) as session:
        for checkpoint_id, masked, alone in ((1, 0.9, 0.5), (2, 0.9, 0.7)):
            for asked, adherence in (({}, masked), ({"captions_alone": True}, alone)):
                metrics = {"items": 4, "adherence": adherence, "items_key": evaluations.keep_items(released.media, items(adherence))}
                session.add(
                    Evaluation(
                        checkpoint_id=checkpoint_id,
                        release_id=1,
                        split=Split.TEST,
                        settings=asked,
                        settings_hash=str(asked),
                        metrics=metrics,
                    )
                )
    app = visit("checkpoints")
    lines = {row["evaluated on"]: row["adherence"] for row in app.dataframe[1].value.to_dict("records")}
    assert lines == {"boxes 1.0.0, test": 0.9, "boxes 1.0.0, test, captions alone": 0.7}
    said = texts(app)
    assert "on boxes 1.0.0, test: adherence, points ±0.0" in said
    assert "on boxes 1.0.0, test, captions alone: adherence, points +20.0" in said


@pytest.mark.slow
def test_an_evaluation_is_a_line_with_adherence_by_level_and_fidelity(released):
    by_level = {"complete": {"adherence": 0.75}, "partial": {"adherence": 0.5}, "scarce": {"adherence": None}}
    metrics = {"items": 7, "right": 0.25, "adherence": 0.625, "psnr": 21.346, "ssim": 0.9, "delta_e": 8.0, "by_level": by_level}
    with writing(released) as session:
        session.add(
            Evaluation(
                checkpoint_id=1, release_id=1, split=Split.TEST, settings={}, settings_hash="h", metrics=metrics | {"colorfulness": None}
            )
        )
    line = visit("checkpoints").dataframe[0].value.iloc[0].to_dict()
    assert line["evaluated on"].endswith(", test")
    assert (line["adherence"], line["● complete"], line["◐ partial"], line["all right"]) == (0.625, 0.75, 0.5, 0.25)
    assert (line["items"], line["PSNR dB"], line["ΔE00"]) == (7, 21.35, 8.0)
    assert "colorfulness" not in line, "a column that says nothing of any evaluation"


def test_a_change_that_rounds_to_nothing_has_no_sign():
    means = {"delta_e": (0.01, -0.04, 0.26), "psnr": (-0.02, None, None), "adherence": (0.021, None, None)}
    changes = {name: MeanInterval(*ends, rows=3, images=3) for name, ends in means.items()}
    compared = Comparison("mini", "mini-2", changes, {}, [])
    assert evaluation_table.said(compared) == "adherence, points +2.1; ΔE00 ±0.0 (±0.0 to +0.3); PSNR dB ±0.0."


@pytest.mark.slow
def test_a_promoted_checkpoint_colorizes_by_default(released):
    app = visit("checkpoints")
    app.button(key="promote-2").click().run()
    assert "mini\\-2** · in use" in texts(app)
    with reading(released) as session:
        assert checkpoints.default(session).name == "mini-2"


@pytest.mark.slow
def test_the_curve_of_a_finished_training_can_be_looked_at(released):
    losses = {"validation_loss_before": 0.5, "validation_loss_after": 0.4}
    facts = {"training_key": "k", "steps": 20, "stage": "denoiser", "seconds": 4.0} | losses
    with writing(released) as session:
        checkpoints.register(
            session, name="mini-3", location="checkpoints/mini-3", digest="3" * 64, parent_id=1, release_id=1, facts=facts
        )  # fmt: skip
    log = released.home / "trainings" / "k" / "checkpoint" / "training" / "log.jsonl"
    log.parent.mkdir(parents=True)
    judged = {"validation_loss": 0.4, "adherence": 0.8, "delta_e": 9.0}
    rows = ({"step": 0, "validation_loss": 0.5}, {"step": 10, "loss": 0.45}, {"step": 20, **judged})
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (log.parent / "pictures").mkdir()
    PIL.Image.new("RGB", (12, 8)).save(log.parent / "pictures" / "000020.webp")
    app = visit("checkpoints")
    assert "validation loss 0\\.5000 → 0\\.4000" in texts(app)
    app.toggle(key="curve-3").set_value(True).run()
    assert len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")) == 2, "losses, and what the weights are worth"
    assert "as colored after step 20" in texts(app)
