from dataclasses import replace

import pytest

from lcad.training.denoiser import DenoiserConfig
from lcad.training.planning import HARDWARE, UTILIZATION, plan

pytestmark = pytest.mark.slow
CONFIG = DenoiserConfig(batch_size=4)


def test_this_machine_is_measured_and_has_no_price_unless_one_is_given(tiny_folder):
    here = plan(tiny_folder, 10, 20, 50, CONFIG)
    assert here.measured
    assert here.cost is None
    assert here.passes == 50 * 4 / 20
    assert here.seconds > 0
    assert here.fits
    priced = plan(tiny_folder, 10, 20, 50, CONFIG, price=2.0)
    assert priced.cost == pytest.approx(priced.hours * 2.0)


def test_named_hardware_is_reckoned_by_its_operations_and_twice_the_steps_take_twice_as_long(tiny_folder):
    once, twice = (plan(tiny_folder, 0, 20, steps, CONFIG, on="T4") for steps in (50, 100))
    assert not once.measured
    assert twice.seconds == pytest.approx(2 * once.seconds)
    faster = plan(tiny_folder, 0, 20, 50, CONFIG, on="H100")
    assert once.seconds / faster.seconds == pytest.approx(HARDWARE["H100"].teraflops / HARDWARE["T4"].teraflops)
    assert once.cost == pytest.approx(once.hours * HARDWARE["T4"].price)


def test_a_larger_batch_needs_more_memory_and_fewer_trained_weights_need_less(tiny_folder):
    small, large = (plan(tiny_folder, 0, 20, 1, replace(CONFIG, batch_size=size), on="L4").memory_gb for size in (4, 16))
    assert large > small
    low_rank = plan(tiny_folder, 0, 20, 1, replace(CONFIG, batch_size=4, lora_rank=2), on="L4").memory_gb
    assert low_rank < small


def test_unknown_hardware_is_refused_with_what_is_known(tiny_folder):
    with pytest.raises(ValueError, match="no hardware is known as 'C64': name one of T4, L4"):
        plan(tiny_folder, 0, 1, 1, on="C64")
    assert 0 < UTILIZATION < 1
