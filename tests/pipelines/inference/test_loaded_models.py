"""A worker colors with the weights that a checkpoint's row names, or not at all."""

import pytest

from db.models import Checkpoint
from pipelines.inference import loaded_models
from workbench.colorizations import checkpoints
from workbench.errors import MissingPartError


def test_the_embedded_weights_of_another_version_are_not_passed_off_as_the_old_ones():
    older = Checkpoint(name="mini", location=checkpoints.MINI_LOCATION, digest="0" * 64)
    with pytest.raises(MissingPartError, match="another version of the package"):
        loaded_models.pipeline_of(older)


def test_a_folder_that_is_gone_is_named(tmp_path):
    gone = Checkpoint(name="child", location=str(tmp_path / "gone"), digest="0" * 64)
    with pytest.raises(MissingPartError, match="child cannot be loaded"):
        loaded_models.pipeline_of(gone)
