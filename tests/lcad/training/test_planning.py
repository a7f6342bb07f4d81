from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from lcad import LCADPipeline, load_pipeline
from lcad.training import step_costs
from lcad.training.finetuning import FineTuning
from lcad.training.loop import Training
from lcad.training.planning import HARDWARE, LAUNCH, UTILIZATION, ReleaseSize, parts_of, plan, validations_of
from lcad.training.step_costs import Cost, Costs, measure

pytestmark = pytest.mark.slow
SIZE = ReleaseSize(10, 20, 2, 4)
LARGE = Costs(*(Cost(0.1, 1e12, 10) for _ in range(5)), memory=1e9)
"""What the parts of a large base might cost: a device is busy with its operations, not with being asked."""
SMALL = Costs(*(Cost(0.1, 1e6, 1000) for _ in range(5)), memory=1e9)


@pytest.fixture(scope="module")
def measured():
    """Measure for real, on one photo instead of four and one time instead of three, and what was measured once not again."""
    with pytest.MonkeyPatch.context() as few:
        few.setattr(step_costs, "PHOTOS", 1)
        few.setattr(step_costs, "TIMED", 1)
        measured = cache(measure)
        few.setattr("lcad.training.planning.measure", measured)
        yield measured


@pytest.fixture
def config(tiny_folder):
    """Fifty steps of four items from the tiny checkpoint."""
    return FineTuning(Path(), tiny_folder, Path(), steps=50, batch_size=4)


@pytest.fixture
def costs(monkeypatch):
    """A function that lets the parts of a training cost what is given, instead of measuring them."""
    return lambda given: monkeypatch.setattr("lcad.training.planning.measure", lambda _config: given)


def test_this_machine_is_measured_and_has_no_price_unless_one_is_given(config, measured):
    here = plan(config, SIZE)
    assert here.measured
    assert here.cost is None
    assert here.passes == 50 * 4 / 20
    assert set(here.parts) == {"preparing", "steps", "validations"}
    assert min(here.parts.values()) > 0
    assert here.seconds == pytest.approx(sum(here.parts.values()))
    assert here.fits
    priced = plan(config, SIZE, price=2.0)
    assert priced.cost == pytest.approx(priced.hours * 2.0)


def test_what_else_is_learned_is_measured_as_well(config, measured, tmp_path):
    mini = load_pipeline("mini")
    LCADPipeline(mini.components, replace(mini.settings, native_size=64)).save_pretrained(tmp_path / "smaller")
    also = measured(replace(config, base=tmp_path / "smaller", natural_steps=10, grounder_steps=10))
    for cost in (also.natural_step, also.natural_validation, also.looking, also.asking, also.grounder_step):
        assert cost.seconds > 0
    without = measured(config)
    assert without.grounder_step == without.natural_step == Cost()


def test_as_many_validations_are_planned_as_a_training_makes(config):
    class Counted(Training):
        def __init__(self):
            self.config, self.step, self.judged = config.loop, 0, 1  # before the first step

        def log(self, **_values):
            pass

        def _measured(self):
            self.judged += 1
            return {}

        def _keep_if_best(self, _measures):
            pass

    for steps in (1, 7, 20, 50, 105):
        config, counted = replace(config, steps=steps), Counted()
        counted.config = config.loop
        for counted.step in range(1, steps + 1):
            counted._report(0.0, {})
        assert validations_of(config) == counted.judged + 1  # and the share of the way that is kept


def test_each_part_grows_with_what_it_is_done_for(config):
    parts = parts_of(config, SIZE, LARGE, validations=13)
    assert parts["steps"].seconds == pytest.approx(50 * 0.1)
    assert parts["validations"].seconds == pytest.approx((13 * (1 + 2) + 8) * 0.1)  # the loss and two photos; and the loss at shares
    assert parts["preparing"].seconds == pytest.approx(0.1 + (10 * (1 + 12) + 2) * 0.1)  # loading; ten in thirteen views, and two
    many = parts_of(config, ReleaseSize(1000, 2000, 100, 200), LARGE, validations=13)
    assert many["validations"].seconds == pytest.approx((13 * (1 + 24) + 8) * 0.1)  # no more than 24 photos are colored
    assert many["preparing"].seconds == pytest.approx(0.1 + 1100 * 0.1)  # many pictures are shown whole alone
    assert parts["grounder"].seconds == parts["color prior"].seconds == 0


def test_the_grounder_looks_at_a_picture_once_for_all_its_captions(config):
    costs = replace(LARGE, looking=Cost(1.0), asking=Cost(0.1))
    config = replace(config, grounder_steps=1)
    one, three = (parts_of(config, ReleaseSize(10, 10 * each, 2, 2 * each), costs, 1)["grounder"].seconds for each in (1, 3))
    assert one == pytest.approx((2 * 12 + 10) * (1.0 + 0.1)), "each twice, and ten on which something is pasted"
    assert three == pytest.approx((2 * 12 + 10) * (1.0 + 3 * 0.1))
    large = parts_of(config, ReleaseSize(4000, 8000, 0, 0), costs, 1)["grounder"].seconds
    assert large == pytest.approx((2 * 1000 + 400) * (1.0 + 2 * 0.1)), "a thousand pictures are drawn, four hundred pasted on"


def test_named_hardware_is_reckoned_by_its_operations(config, costs):
    costs(LARGE)
    once, faster = plan(config, SIZE, "T4"), plan(config, SIZE, "H100")
    assert not once.measured
    assert once.parts["steps"] == pytest.approx(50 * 1e12 / (HARDWARE["T4"].teraflops * 1e12 * UTILIZATION))
    assert once.seconds / faster.seconds == pytest.approx(HARDWARE["H100"].teraflops / HARDWARE["T4"].teraflops)
    assert once.cost == pytest.approx(once.hours * HARDWARE["T4"].price)


def test_a_small_base_takes_as_long_on_a_larger_device_as_asking_for_its_kernels(config, costs):
    costs(SMALL)
    once, faster = plan(config, SIZE, "T4"), plan(config, SIZE, "H100")
    assert once.parts["steps"] == faster.parts["steps"] == pytest.approx(50 * 1000 * LAUNCH)


def test_a_larger_batch_needs_more_memory_and_fewer_trained_weights_need_less(config, measured):
    small, large = (plan(replace(config, batch_size=size), SIZE, "L4").memory_gb for size in (4, 16))
    assert large > small
    assert plan(replace(config, lora_rank=2), SIZE, "L4").memory_gb < small


def test_what_cannot_be_planned_is_refused_with_what_can(config):
    with pytest.raises(ValueError, match="no hardware is known as 'C64': name one of T4, L4"):
        plan(config, SIZE, "C64")
    with pytest.raises(ValueError, match="the stage luminance is not planned"):
        plan(replace(config, stage="luminance"), SIZE)
    assert 0 < UTILIZATION < 1
