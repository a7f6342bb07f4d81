import torch

from lcad.training.mask_disturbance import disturbed


def masks() -> torch.Tensor:
    """Squares (64, 2, 16, 16)."""
    masks = torch.zeros(64, 2, 16, 16)
    masks[:, 0, 4:10, 5:12] = 1
    masks[:, 1, 1:6, 1:6] = 1
    return masks


def test_about_half_of_the_masks_stay_and_none_leaves_zero_to_one():
    before, after = masks(), disturbed(masks(), torch.Generator().manual_seed(0))
    same = (before == after).flatten(2).all(-1).float().mean()
    assert 0.4 < same < 0.65
    assert after.min() >= 0
    assert after.max() <= 1


def test_a_disturbed_mask_still_lies_on_its_thing():
    before, after = masks(), disturbed(masks(), torch.Generator().manual_seed(1))
    inside = (after * before).sum((-2, -1)) / before.sum((-2, -1))
    outside = (after * (1 - before)).sum((-2, -1)) / (1 - before).sum((-2, -1))
    assert (inside > outside).all()


def test_the_same_generator_disturbs_alike():
    one, other = (disturbed(masks(), torch.Generator().manual_seed(2)) for _ in range(2))
    assert torch.equal(one, other)
