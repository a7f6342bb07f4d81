import pytest
import torch

from lcad.models.phrase_grounder import CELLS, SEEN, PhraseGrounder, PhraseHints
from lcad.training.loop import LoopConfig, Training
from lcad.training.phrase_grounding import (
    GroundingObjective,
    PhraseBatch,
    blurred,
    fit_calibration,
    fit_deviations,
    grounding_loss,
    overlap,
)


def batch_of(seed=0, phrases=4):
    """Pictures whose features say in which half a thing is, and phrases that ask for it or for another."""
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randint(2, (phrases,), generator=draw)
    side = torch.randint(2, (2,), generator=draw)
    features = tuple(
        0.1 * torch.randn(2, channels, n, n, generator=draw) for channels, n in zip(SEEN, (CELLS, CELLS // 2, CELLS // 4), strict=True)
    )
    for level in features:
        for picture, half in enumerate(side):
            middle = level.shape[-1] // 2
            level[picture, :4, :, (slice(None, middle), slice(middle, None))[int(half)]] += 2
    is_present = torch.randint(2, (phrases,), generator=draw).float()
    words = torch.stack([torch.full((8,), 1.0 if one else -1.0) for one in is_present])
    target = torch.zeros(phrases, 1, CELLS, CELLS)
    for number, (row, one) in enumerate(zip(rows, is_present, strict=True)):
        if one:
            target[number, 0, :, (slice(None, CELLS // 2), slice(CELLS // 2, None))[int(side[row])]] = 1
    nothing = torch.zeros(phrases, 1, CELLS, CELLS)
    return PhraseBatch(
        features, PhraseHints(rows, words, nothing, nothing, torch.zeros(phrases, 2, 10, 10)), target, torch.ones_like(target), is_present
    )


@pytest.fixture
def grounder():
    torch.manual_seed(0)
    return PhraseGrounder(words=8, wide=16, middle=8, inner=4, hidden=16)


def test_a_perfect_mask_overlaps_wholly_and_an_empty_one_not_at_all():
    batch = batch_of()
    perfect = 40 * batch.target - 20
    present = batch.is_present > 0.5
    assert overlap(perfect, batch.target, batch.known)[present].tolist() == pytest.approx([1.0] * int(present.sum()), abs=1e-3)
    assert overlap(-perfect.abs(), batch.target, batch.known).sum() == 0


def test_the_loss_falls_as_masks_and_judgements_come_true():
    batch = batch_of()
    truth = torch.stack([batch.is_present, batch.is_present], 1)
    losses = [grounding_loss(scale * (2 * batch.target - 1), scale * (2 * truth - 1), batch)[0].item() for scale in (-4.0, 0.0, 4.0, 8.0)]
    assert losses == sorted(losses, reverse=True)


def test_what_is_not_known_teaches_nothing():
    batch = batch_of()
    logits = torch.zeros_like(batch.target).requires_grad_()
    known = batch.known.clone()
    known[..., :10] = 0
    half = PhraseBatch(batch.features, batch.hints, batch.target, known, batch.is_present)
    grounding_loss(logits, torch.zeros(4, 2), half)[0].backward()
    assert logits.grad[..., :10].abs().max() == 0
    assert logits.grad[..., 10:].abs().max() > 0


@pytest.mark.slow
def test_it_learns_where_a_thing_is_and_that_it_is_not_there(grounder, tmp_path):
    fit_deviations(grounder, [batch_of(seed).features for seed in range(4)])
    held_out = [batch_of(1000)]

    def drawn(generator):
        return batch_of(int(torch.randint(1000, (), generator=generator)), phrases=8)

    config = LoopConfig(60, learning_rate=1e-2, warmup=5, ema_decay=0.9, validate_every=60, log_every=60)
    objective = GroundingObjective(grounder, drawn, held_out)
    before = objective.validation_loss(objective.modules.eval())
    training = Training(objective, config, tmp_path)
    training.run()
    assert training.validate() < 0.4 * before


def test_blurring_changes_words_and_classes_and_not_the_boxes():
    hints = PhraseHints(torch.zeros(50, dtype=torch.long), torch.zeros(50, 8), *(torch.ones(50, 1, 4, 4),) * 2, torch.ones(50, 2, 4, 4))
    changed = blurred(hints, torch.Generator().manual_seed(0))
    assert changed.words.std() == pytest.approx(0.15, rel=0.2)
    assert 0 < (changed.classes.amax((1, 2, 3)) == 0).sum() < 25
    assert torch.equal(changed.boxes, hints.boxes)


def test_calibrated_chances_are_the_shares_that_are_right():
    draw = torch.Generator().manual_seed(0)
    facts = torch.cat([torch.ones(4000, 1), torch.randn(4000, 2, generator=draw)], 1)
    right = (torch.rand(4000, generator=draw) < torch.sigmoid(1.5 * facts[:, 1] - 0.5)).float()
    weights = torch.tensor(fit_calibration(facts, right, penalty=1e-4))
    chances = torch.sigmoid(facts @ weights)
    for low in (0.0, 0.25, 0.5, 0.75):
        group = (chances >= low) & (chances < low + 0.25)
        assert right[group].mean().item() == pytest.approx(chances[group].mean().item(), abs=0.06)
