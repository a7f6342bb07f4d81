"""The photo in hand: dropped, and then only in this visit's memory until it is kept, or one of the library's."""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import PIL.Image
import streamlit as st

from db.models import Image
from workbench import images
from workbench.errors import WorkbenchError
from workbench.images import Prepared
from workbench.imaging import gray_of, png_of
from workbench.ui.app import address, context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.shared.popovers import close, popover

LONGEST = 1024
"""Pixels of the longer side at which photos are tried: more would make one wait, and the model sees less anyway."""
SHOWN = 24
POPOVER = "pick-photo"
PICKING_PX = 560
TYPES = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp", "gif", "heic", "avif"]


@dataclass(frozen=True)
class Photo:
    """A photo in hand: its pixels (H, W, 3) uint8 as they are tried, whether that is all of it, and its gray version's address."""

    rgb: np.ndarray
    whole: bool
    gray: str
    name: str
    sha256: str
    prepared: Prepared | None = None
    image_id: int | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as it is tried."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def png(self) -> bytes:
        """The file that a worker reads."""
        return png_of(self.rgb, 1)


def choose() -> Photo | None:
    """Fields to drop a photo or pick one of the library; returns the one in hand."""
    dropping, picking = st.columns([3, 1.2], vertical_alignment="center")
    with dropping:
        file = st.file_uploader("Drop a photo", type=TYPES, label_visibility="collapsed", key=f"drop-{st.session_state.get('drops', 0)}")
    with picking, popover("Pick from the library", POPOVER, width="stretch"), st.container(width=PICKING_PX):
        _pick()
    if file is not None and st.session_state.get("dropped") != file.file_id:
        st.session_state["dropped"] = file.file_id
        address.change(image=None)
        st.session_state["photo"] = _dropped(file.name, file.getvalue())
    image_id, photo = address.image(), st.session_state.get("photo")
    if image_id is not None and (photo is None or photo.image_id != image_id):
        photo = st.session_state["photo"] = _of_library(image_id)
    return photo


def _dropped(name: str, content: bytes) -> Photo | None:
    try:
        prepared = images.prepare(content, PurePath(name).name)
    except WorkbenchError as refusal:
        context.say_no(str(refusal))
        st.rerun()
    upright = PIL.Image.open(io.BytesIO(prepared.rendition or content)).convert("RGB")
    return _photo(upright, prepared.file_name, prepared.columns, prepared=prepared)


def _of_library(image_id: int) -> Photo:
    with context.reading() as session:
        image: Image = images.get(session, image_id)
    upright = PIL.Image.fromarray(images.upright_rgb(context.media(), image))
    return _photo(upright, PurePath(image.file_name).name, {"sha256": image.sha256}, image_id=image.id)


def _photo(upright: PIL.Image.Image, name: str, columns: Mapping[str, Any], **own: Any) -> Photo:
    whole = max(upright.size) <= LONGEST
    if not whole:
        upright.thumbnail((LONGEST, LONGEST), PIL.Image.Resampling.LANCZOS)
    rgb = np.asarray(upright)
    return Photo(rgb, whole, _address(gray_of(rgb)), name, columns["sha256"], **own)


def _address(gray: np.ndarray) -> str:
    """A gray picture as an address that holds it: a file of it would have to be removed again."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(gray).save(buffer, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _pick() -> None:
    query = st.text_input("Search the library", key="pick-query", placeholder="dog NOT has:caption")
    with context.attempt(), context.reading() as session:
        matches = images.find(session, query or "", limit=SHOWN, newest_first=True)
        if not matches:
            st.caption("No image matches.")
        tiles = [Tile(image.id, thumb_url(image.upright_key, "gray"), title=PurePath(image.file_name).name) for image in matches]
        chosen, opened = gallery(tiles, key="pick", columns=4)
    picked = opened or (chosen[-1] if chosen else None)
    if picked is not None and picked != st.session_state.get("picked-image"):
        st.session_state["picked-image"] = picked
        close(POPOVER)
        address.change(image=picked)
        st.rerun()
