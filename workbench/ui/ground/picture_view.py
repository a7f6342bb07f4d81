"""The picture of the Ground page with its numbered masks, and what is done in it."""

from collections.abc import Mapping, Sequence

import streamlit as st

from db.models import Image
from workbench.regions import NEW, GroundedMention, RegionView
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components import mask_view
from workbench.ui.components.mask_view import Bound, Outline
from workbench.ui.ground import mask_correction, mask_deeds
from workbench.ui.shared import deeds

COMPONENT = "masks"


def draw(
    image: Image,
    views: Sequence[RegionView],
    numbers: Mapping[int, int],
    mention: GroundedMention | None,
    lit: set[int],
    in_hand: int | None,
) -> None:
    """The picture, with the masks of the mention `lit`, or only the one `in_hand` (an id or NEW) where masks are being corrected.

    Nothing that comes and goes stands above it, so it never moves under the pointer.
    """
    correcting = in_hand is not None
    shown = {in_hand} if correcting else lit
    picture, below = st.container(), st.container()
    with below:
        if correcting:
            mask_correction.say_method()
        waits = mask_correction.waiting(image)
    outlines = [
        Outline(view.region.id, view.region.mask, str(numbers[view.region.id]), view.region.id in shown)
        for view in sorted(views, key=lambda view: -view.region.area_px)
    ]
    bound = Bound(image.id, image.sha256, mention.mention.id if mention else 0, in_hand or NEW)
    with picture:
        mask_view.mask_view(
            thumb_url(image.upright_key, "color", 1024), (image.width, image.height), outlines, key=COMPONENT, bound=bound,
            correcting=correcting, waiting=waits, on_deeds=_hear, **deeds.answers(COMPONENT),
        )  # fmt: skip


def _hear(done: Sequence[deeds.Deed]) -> None:
    deeds.carry_out(COMPONENT, done, mask_deeds.do)
