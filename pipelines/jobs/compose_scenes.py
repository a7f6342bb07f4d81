"""The job that makes multi-instance training material from a library: its regions are cut out, recolored by name and put on its photos.

A scene depends on the store's masks, a seed and its number alone. It comes into the store through the import, as an image with exact
masks, captions at three levels that are grounded in them, and the SHA-256 of every image that it was composed from: a release keeps it
in their split. The scenes themselves are pure functions of arrays, in `pipelines.composing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np

from db.enums import RegionOrigin
from db.models import Image, Region
from pipelines.composing.captions import LEVELS, Caption, Subject, write_caption
from pipelines.composing.library_sources import SOURCE, Pick, gather, settle
from pipelines.composing.scenes import Backdrop, Cutout, Scene, compose_scene, cutout_from_region
from pipelines.jobs import import_images
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images, regions
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.images import Credit
from workbench.imaging import masks, png_of
from workbench.importing import Item, ItemCaption, ItemRegion, Notes, Phrase

BATCH = 8
MOST_OBJECTS = 4
FINEST = 4
"""How many times finer than the scene a cut-out is kept."""
DRAWS = 8
"""How often a scene is laid out anew until two of its objects show, and a caption until it has the level asked for."""

finish = import_images.finish


def plan(context: JobContext) -> Plan:
    """The parts of each scene, so that what a step composes does not change with the store."""
    parameters = context.parameters
    for name, least, most in (("count", 1, 100_000), ("size", 64, 1024), ("objects", 1, MOST_OBJECTS), ("seed", 0, 2**31)):
        if not isinstance(parameters[name], int) or not least <= parameters[name] <= most:
            raise InvalidInputError(f"Expected a whole number from {least} to {most} as {name}, got {parameters[name]!r}.")
    training = settle(parameters["query"], reading=context.store.reading, writing=context.store.writing)
    with context.store.reading() as session:
        sources = gather(session, training)
    picks = [asdict(sources.pick(parameters["seed"], number, parameters["objects"])) for number in range(parameters["count"])]
    return Plan(batches_of(picks, BATCH), len(picks))


def step(context: JobContext, batch: list[dict[str, Any]]) -> StepResult:
    """Compose a batch of scenes and take them in; a scene that is there already adds nothing."""
    items, failed = [], 0
    for pick in map(Pick.of, batch):
        context.check()
        try:
            items.append(_item(context, pick))
        except WorkbenchError as error:
            context.failed(_name(context, pick), str(error))
            failed += 1
    return import_images.take_in(context, items, SOURCE, Credit(source=SOURCE)) + StepResult(failed=failed)


def _name(context: JobContext, pick: Pick) -> str:
    return f"scene-{context.parameters['seed']}-{pick.number:05}.png"


def _item(context: JobContext, pick: Pick) -> Item:
    """One scene as the import takes it."""
    parameters = context.parameters
    with context.store.reading() as session:
        parts = [(name, regions.get(session, region_id)) for region_id, name in pick.parts]
        behind = images.get(session, pick.backdrop)
        owners = {name: images.get(session, region.image_id) for name, region in parts}
    media, size, seed = context.store.media, parameters["size"], [parameters["seed"], pick.number]
    cutouts = [_cutout(images.upright_rgb(media, owners[name]), region, name, size) for name, region in parts]
    scene = _laid_out(cutouts, Backdrop(images.upright_rgb(media, behind)), seed, size)
    shown = {thing.label for thing in scene.objects}
    used = {name: owner for name, owner in owners.items() if name in shown}
    notes = _notes(scene, describe(np.random.default_rng([*seed, DRAWS]), scene), used, behind)
    name, content = _name(context, pick), png_of(scene.rgb)
    return Item(name, name, lambda: content, notes)


def _cutout(rgb: np.ndarray, region: Region, name: str, size: int) -> Cutout:
    """A region cut out, not much finer than the scene needs it."""
    box = np.s_[region.box_y : region.box_y + region.box_height, region.box_x : region.box_x + region.box_width]
    pixels, mask = rgb[box], masks.decode(region.mask)[box]
    scale = FINEST * size / max(mask.shape)
    if scale < 1:
        target = max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale))
        pixels = cv2.resize(pixels, target, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(mask.astype(np.uint8) * 255, target, interpolation=cv2.INTER_AREA) >= 128
    return cutout_from_region(pixels, mask, name)


def _laid_out(cutouts: Sequence[Cutout], backdrop: Backdrop, seed: Sequence[int], size: int) -> Scene:
    """A scene of the cut-outs in which two of them show, where there are two; without captions."""
    for draw in range(DRAWS):
        scene = compose_scene(np.random.default_rng([*seed, draw]), cutouts, [backdrop], len(cutouts), size, levels=())
        if len(scene.objects) > min(2, len(cutouts)):  # one of them is the background
            return scene
    raise InvalidInputError(f"{' and '.join(cutout.label for cutout in cutouts)} hide each other however they are put.")


def describe(rng: np.random.Generator, scene: Scene) -> list[Caption]:
    """A caption for each level that the scene allows, in the words that its regions have; a photo behind it is not named."""
    subjects = []
    for thing, mask in zip(scene.objects, scene.masks, strict=True):
        rows, columns = np.nonzero(mask)
        center = (float(columns.mean()) / mask.shape[1], float(rows.mean()) / mask.shape[0])
        if not thing.background:
            subjects.append(Subject(thing.label, thing.count, thing.color or " and ".join(thing.color_words), center))
        elif thing.color:
            subjects.append(Subject("background", 1, thing.color, center, background=True))
    captions: dict[str, Caption] = {}
    for level in LEVELS:
        drawn = (write_caption(rng, subjects, level) for _ in range(DRAWS))
        drawn_caption = next((caption for caption in drawn if caption.level == level), None)
        if drawn_caption is not None:
            captions[drawn_caption.text] = drawn_caption
    return list(captions.values())


def _notes(scene: Scene, captions: Sequence[Caption], used: Mapping[str, Image], behind: Image) -> Notes:
    """What the import is told of a scene: captions, masks, and what it was composed from: images by what they gave, and the backdrop."""
    named = sorted({phrase.subject for caption in captions for phrase in caption.phrases})
    place = {subject: number for number, subject in enumerate(named)}
    owners = {image.sha256: image for image in (*used.values(), behind)}
    licenses = sorted({part for image in owners.values() for part in (image.license or "license not named").split("; ")})
    parts = ", ".join(f"{name} of {owner.file_name}" for name, owner in used.items())
    return Notes(
        captions=[
            ItemCaption(caption.text, None, tuple(Phrase(phrase.start, phrase.end, place[phrase.subject]) for phrase in caption.phrases))
            for caption in captions
        ],
        regions=[ItemRegion(masks.encode(scene.masks[i]), scene.objects[i].label, RegionOrigin.COMPOSED) for i in named],
        tags=["composed"],
        license="; ".join(licenses),
        source=f"composed: {parts}, before {behind.file_name}",
        scene_source=sorted(owners),
    )
