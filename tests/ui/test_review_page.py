"""Verdicts are given by single keys with their reasons, taken back by one, and given in bulk by rules."""

import pytest

from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import reviews
from workbench.reviews import queue
from workbench.ui.components import keys

pytestmark = pytest.mark.slow


@pytest.fixture
def press(monkeypatch):
    """Let the page see keys as pressed, one a draw."""
    waiting: list[str] = []
    monkeypatch.setattr(keys, "keys", lambda *_args, **_options: waiting.pop(0) if waiting else None)
    return waiting.append


def _counts(filled) -> tuple[int, ...]:
    with reading(filled) as session:
        counts = queue.counts(session)
    return counts["accept"], counts["fix"], counts["reject"]


@pytest.mark.slow
def test_a_accepts_and_the_next_one_is_there(filled, press):
    press("a")
    app = visit("review")
    assert _counts(filled) == (1, 0, 0)
    assert "1 of 24 reviewed" in "".join(str(bar.proto) for bar in app.get("progress"))


@pytest.mark.slow
def test_x_asks_for_a_reason_and_a_number_gives_it(filled, press):
    press("x")
    app = visit("review")
    assert _counts(filled) == (0, 0, 0)
    assert "✗ reject because" in texts(app)
    press("2")
    app.run()
    with reading(filled) as session:
        waiting = [item.colorization.id for item in queue.queue(session, limit=60)]
        refused = next(number for number in range(1, 25) if number not in waiting)
        [review] = reviews.of_colorization(session, refused)
    assert (review.verdict, review.reason, review.reviewer) == ("reject", "a color bleeds into its surroundings", "ann")


@pytest.mark.slow
def test_backspace_takes_the_last_verdict_back(filled, press):
    press("a")
    app = visit("review")
    press("Backspace")
    app.run()
    assert _counts(filled) == (0, 0, 0)


@pytest.mark.slow
def test_backspace_reaches_back_behind_a_reload(filled, press):
    press("a")
    visit("review")
    press("Backspace")
    visit("review")
    assert _counts(filled) == (0, 0, 0)


@pytest.mark.slow
def test_what_is_passed_over_waits_until_nothing_else_does(filled, press):
    app = visit("review", q="file:red-box level:complete")
    press("ArrowRight")
    app.run()
    press("a")
    app.run()
    assert _counts(filled) == (1, 0, 0)
    assert "Only 1 skipped colorization left" in texts(app)
    _button(app, "Review the skipped ones").click().run()
    assert not any("left here" in one.value for one in app.info)


@pytest.mark.slow
def test_a_reason_of_ones_own_is_kept(filled, press):
    press("w")
    app = visit("review")
    next(field for field in app.text_input if field.label == "Another reason").set_value("a cup is missing").run()
    with reading(filled) as session:
        assert {row.reason for number in range(1, 25) for row in reviews.of_colorization(session, number)} == {"a cup is missing"}


@pytest.mark.slow
def test_a_second_opinion_is_given_blind_and_a_disagreement_is_settled(filled, press):
    with writing(filled) as session:
        first = queue.queue(session, limit=1)[0].colorization.id
        reviews.review(session, first, "reject", reviewer="bob", reason="too dull for me")
    app = visit("review")
    app.segmented_control[0].set_value("mine").run()
    assert "1 verdict of others" in texts(app)
    assert "too dull for me" not in texts(app)
    press("a")
    app.run()
    app.segmented_control[0].set_value("dispute").run()
    assert "✗ reject · bob: too dull for me" in texts(app)
    press("a")
    app.run()
    with reading(filled) as session:
        verdicts = {(row.kind.value, row.reviewer) for row in reviews.of_colorization(session, first)}
    assert verdicts == {("person", "ann"), ("person", "bob"), ("final", "ann")}
    assert "There are no disagreements here" in app.success[0].value


@pytest.mark.slow
def test_the_list_stays_as_it_was_and_a_verdict_over_another_curators_is_refused_with_a_sentence(filled):
    app = visit("review")
    with reading(filled) as session:
        shown, further = (item.colorization.id for item in queue.queue(session, limit=2))
    with writing(filled) as session:
        for one in (shown, further):
            reviews.review(session, one, "reject", reviewer="bob", reason="too dull")
    _button(app, "✓ accept  (A)").click().run()
    assert "Not saved: meanwhile bob judged this colorization" in app.error[0].value
    assert _counts(filled) == (0, 0, 2)
    assert "1 of 24 colorizations" in texts(app)
    assert "by now 22 wait, 2 fewer" in texts(app)
    _button(app, "✓ accept  (A)").click().run()
    assert _counts(filled) == (1, 0, 2), "having seen it, the second opinion counts"
    assert "2 of 24 colorizations" in texts(app)
    _button(app, "Refresh the list").click().run()
    assert "1 of 22 colorizations" in texts(app)


def test_a_query_that_cannot_be_read_is_a_sentence(filled):
    assert "level" in visit("review", q="level:vague").error[0].value


@pytest.mark.slow
def test_the_buttons_do_what_the_keys_do(filled):
    app = visit("review")
    next(button for button in app.button if button.key.startswith("verdict-fix")).click().run()
    next(button for button in app.button if button.key.startswith("reason-3")).click().run()
    assert _counts(filled) == (0, 1, 0)


@pytest.mark.slow
def test_rules_are_looked_at_then_applied_then_taken_back(filled):
    app = visit("review")
    _button(app, "Preview").click().run()
    assert "decide 24 colorizations" in texts(app)
    assert _counts(filled) == (0, 0, 0)
    _button(app, "Apply").click().run()
    assert _counts(filled) == (12, 0, 12)
    app = visit("review")
    assert "**first pass** ✓ 12 · ✗ 12" in texts(app)
    _button(app, "Undo").click().run()
    assert "undone" in texts(app)
    assert _counts(filled) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rules", "words"), [("name: [", "cannot be read as YAML"), ("name: x", "needs this part"), ("- a", "no mapping of names")]
)
@pytest.mark.slow
def test_rules_that_cannot_be_read_are_a_sentence(filled, rules, words):
    app = visit("review")
    app.text_area[0].set_value(rules).run()
    _button(app, "Preview").click().run()
    assert words in app.error[0].value


def _button(app, label):
    return next(button for button in app.button if button.label == label)
