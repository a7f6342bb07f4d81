"""What happened to an image's captions is told, and taken back by the step."""

import pytest

from tests.stores import add_caption, add_image
from tests.stores.counted_steps import steps_of
from workbench import captions, runs
from workbench.captions import Edit, bulk_edit, completions, history
from workbench.store import events


def test_the_history_tells_every_step_newest_first(session, media):
    caption = add_caption(session, add_image(session, media), "a cup")
    captions.edit(session, caption.id, "a red cup", actor="bo")
    captions.drop(session, [caption.id], actor="cy")
    told = [(event.actor, event.action) for event in history.of_image(session, caption.image_id)]
    assert told == [("cy", "drop"), ("bo", "edit"), ("ada", "create")]


def test_one_step_takes_all_proposals_of_a_derivation_back_and_forward_again(session, media):
    caption = add_caption(session, add_image(session, media), "a red cup on a brown table")
    made = captions.derive(session, caption.id, author="ada")
    change = history.last_change(session, caption.image_id)
    undone = history.take_back(session, change, actor="ada")
    assert len(undone) == len(made) > 1
    assert [view.caption.id for view in captions.of_image(session, caption.image_id)] == [caption.id]
    for event_id in reversed(undone):
        events.undo(session, event_id, actor="ada")
    assert [view.caption.text for view in captions.of_image(session, caption.image_id)][1:] == [each.text for each in made]


def test_a_batch_over_many_images_is_taken_back_on_this_one_alone(session, media):
    ids = [add_caption(session, add_image(session, media, seed), "a cup").id for seed in (1, 2)]
    bulk_edit.apply(session, Edit("replace", pattern="cup", replacement="mug"), actor="bo")
    history.take_back(session, history.last_change(session, captions.get(session, ids[0]).image_id), actor="bo")
    assert [captions.get(session, key).text for key in ids] == ["a cup", "a mug"]


def test_what_a_run_did_is_no_step_of_a_person(session, media):
    image = add_image(session, media)
    assert history.last_change(session, image.id) is None


def test_the_vocabulary_has_colors_first_then_the_nouns_that_are_used_most(session, media):
    image = add_image(session, media)
    for text in ("a teal cup", "a cup and a dog", "a cup and a cat and a dog"):
        add_caption(session, image, text)
    words = completions.words(session)
    assert words[:2] == ["black", "white"]
    assert [word for word in words if word in ("teal", "cup", "dog", "cat")] == ["teal", "cup", "dog", "cat"]


@pytest.mark.sqlite
def test_the_newest_batches_are_found_without_sorting_what_imports_brought(session, media):
    caption = add_caption(session, add_image(session, media), "a cup")
    bulk_edit.apply(session, Edit("replace", pattern="cup", replacement="mug"), actor="bo")
    few = steps_of(session, history.recent)
    run = runs.create(session, "import_images", {"paths": ["photos"]}, requested_by="ada")
    told = [(number, None, {"id": number, "text": "a dog"}) for number in range(10, 3000)]
    events.record_many(session, told, actor="ada", action="create", subject="caption", batch_id=events.batch_of_run(run.id), run_id=run.id)
    assert [batch.actor for batch in history.recent(session)] == ["bo"]
    assert steps_of(session, history.recent) < 2 * few
    assert caption.text == "a mug"
