"""Masks for phrases without picking by hand: what the grounder finds, or where the denoiser looks for a phrase, made into a mask.

What the grounder finds (`lcad.grounding.phrase_finder`) is nearly a mask; segment-anything, where its weights are given, cuts it anew, and
without them GrabCut moves its outline a little.
What it does not find is left to the denoiser: the heat of a phrase (`lcad.attention.phrase_heatmaps`) is smoothed along the picture's
edges and compared among the phrases. Its peak and the box around its hot part prompt segment-anything (Kirillov et al. 2023), where
weights are given; without them the heat itself seeds OpenCV's GrabCut (Rother et al. 2004). A mask is a proposal: a person can correct it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import PIL.Image
import torch
from segment_anything import SamPredictor, sam_model_registry
from torch.nn import functional as F

from lcad.attention import along_edges, gray_latents, object_heat, work_size
from lcad.conversion.state_dict_check import refuse_misfits
from lcad.conversion.weight_files import read_weights
from lcad.imaging import as_rgb, gray_image, lightness_of_image, resize
from lcad.phrase_search import LEAST_CONFIDENCE, Found
from lcad.pipeline import LCADPipeline
from lcad.prompts import Span, find_phrases, phrase_tokens

COLD, HOT, SURE = 0.1, 0.4, 0.8  # of the peak: certainly not the object, likelier it than not, certainly it
BAND = (0.3, 0.45, 0.6)  # the same of a found mask: GrabCut on gray pictures errs more than the grounder, so it only moves the outline
GRABCUT_ROUNDS = 3
COLORED = 4.0  # mean distance of the samples of a pixel, of 255: a picture with less is gray
SAM_TYPES = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}  # by the width of the image encoder

Origin = Literal["segment-anything", "grabcut"]
FoundBy = Literal["finder", "attention"]


@dataclass(frozen=True, eq=False)
class MaskPrompt:
    """What a heat map asks a segmenter for: the peak (x, y), a box (left, top, right, bottom), in pixels of heat (H, W) in [0, 1]."""

    point: tuple[int, int]
    box: tuple[int, int, int, int]
    heat: np.ndarray


@dataclass(frozen=True, eq=False)
class MaskProposal:
    """A phrase's mask (H, W) bool at the source's size, its score in [0, 1], what cut it, what found its place, and its box XYWH in pixels.

    The score is the grounder's chance that the mask is right, times segment-anything's own estimate of its IoU where that cut it; or of a
    phrase that the grounder did not find, segment-anything's estimate, or for GrabCut how much more heat lies in than around it.
    """

    phrase: str | Span
    mask: np.ndarray
    score: float
    origin: Origin
    found_by: FoundBy

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The box around the mask, XYWH; zeros for an empty mask."""
        return cv2.boundingRect(self.mask.astype(np.uint8))


@torch.no_grad()
def phrase_heat(pipeline: LCADPipeline, image, caption: str, phrases: Sequence[str | Span], seed: int = 0) -> np.ndarray:
    """Heat maps (P, H, W) float32 in [0, 1] at the picture's size, each with its peak at 1 unless the phrase has no token.

    Raises ValueError for a phrase that is not in the caption.
    """
    request = pipeline.read([image], [caption], seeds=[seed])[0]
    if not phrases:
        return np.zeros((0, *request.lightness.shape), np.float32)
    latents = gray_latents(pipeline.autoencoder, [request.canvas.place(request.lightness)])
    luminance, text = pipeline.encode([request]).luminance, pipeline.embed([request.prompt])
    maps = object_heat(pipeline.unet, pipeline.scheduler, latents, luminance, text, phrase_tokens(request.prompt, phrases), seed)
    heat = request.canvas.crop(F.interpolate(maps[None], request.canvas.padded, mode="bilinear")[0]).cpu()
    return np.stack([resize(plane, request.lightness.shape, cv2.INTER_LINEAR) for plane in along_edges(request.lightness, heat)])


def prompt_from_heat(heat: np.ndarray) -> MaskPrompt:
    """The peak of a heat map (H, W) and the box of the hot part around it. Raises ValueError when there is no heat."""
    if not heat.max() > 0:
        raise ValueError("the phrase has no heat: its tokens are not attended to")
    row, column = np.unravel_index(int(np.argmax(heat)), heat.shape)
    _, parts = cv2.connectedComponents((heat >= HOT * heat.max()).astype(np.uint8))
    left, top, width, height = cv2.boundingRect((parts == parts[row, column]).astype(np.uint8))
    return MaskPrompt((int(column), int(row)), (left, top, left + width, top + height), heat)


def texture_channels(lightness: np.ndarray) -> np.ndarray:
    """What GrabCut tells regions apart by where there is no color (H, W, 3) uint8: lightness, its mean around, its contrast."""
    around = cv2.GaussianBlur(lightness, (0, 0), 3)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(lightness**2, (0, 0), 3) - around**2, 0))
    return np.clip(np.dstack([lightness * 2.55, around * 2.55, spread * 6]), 0, 255).astype(np.uint8)


def cut_channels(image: PIL.Image.Image | np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """What to cut a picture by, (H, W, 3) uint8: its own colors, or where it is gray its `texture_channels`."""
    samples = as_rgb(image)
    if samples.dtype == np.uint8 and samples.ndim == 3 and np.ptp(samples[::4, ::4].astype(int), axis=-1).mean() >= COLORED:
        return samples
    return texture_channels(lightness)


def grabcut(channels: np.ndarray, heat: np.ndarray) -> tuple[np.ndarray, float]:
    """The mask (H, W) bool and score of heat (H, W) in [0, 1] on channels (H, W, 3) uint8, by GrabCut at no more than WORK_PX a side.

    Of the parts that it cuts out, the one with most heat is the mask. Raises ValueError when there is no heat.
    """
    if not heat.max() > 0:
        raise ValueError("the phrase has no heat: its tokens are not attended to")
    size = work_size(heat.shape)
    warm = resize(heat / heat.max(), size, cv2.INTER_AREA)
    mask = _hottest_part(_cut(channels, warm, (COLD, HOT, SURE)), warm)
    full = resize(mask.astype(np.float32), heat.shape, cv2.INTER_LINEAR) >= 0.5
    within, without = (float(warm[part].mean()) if part.any() else 0.0 for part in (mask, ~mask))
    return full, float(np.clip((within - without) / max(within + without, 1e-6), 0, 1))


def cut_outline(channels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A found mask (H, W) in [0, 1] as (H, W) bool, its outline moved by GrabCut within the band where the mask is undecided."""
    size = work_size(mask.shape)
    cut = _cut(channels, resize(mask, size, cv2.INTER_AREA), BAND)
    return resize(cut.astype(np.float32), mask.shape, cv2.INTER_LINEAR) >= 0.5


def _cut(channels: np.ndarray, warm: np.ndarray, levels: tuple[float, float, float]) -> np.ndarray:
    """What GrabCut cuts out, (h, w) bool; warmth (h, w) from the levels up may be the object, is likelier it than not, certainly it."""
    cold, hot, sure = levels
    state = np.select([warm >= sure, warm >= hot, warm >= cold], [cv2.GC_FGD, cv2.GC_PR_FGD, cv2.GC_PR_BGD], cv2.GC_BGD).astype(np.uint8)
    front = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if front.any() and not front.all():  # without any background there is nothing to cut
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        small = cv2.resize(channels, warm.shape[::-1], interpolation=cv2.INTER_AREA)
        cv2.grabCut(small, state, None, *models, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _hottest_part(mask: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The connected part of a mask (H, W) bool with most heat in it."""
    _, parts = cv2.connectedComponents(mask.astype(np.uint8))
    held = np.bincount(parts.ravel(), heat.ravel())
    held[0] = 0
    return mask & (parts == int(held.argmax()))


def load_sam(path: str | Path) -> SamPredictor:
    """A predictor with segment-anything's weights from a file; which of its sizes is read off the weights.

    The file is read as `lcad.conversion.read_weights` does, so nothing in it runs. Raises FileNotFoundError without the file,
    ValueError for a damaged one and for weights of another model, naming what does not fit.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there are no segment-anything weights at {path}")
    weights = read_weights(path)
    first = weights.get("image_encoder.patch_embed.proj.weight")
    if first is None or first.shape[0] not in SAM_TYPES:
        raise ValueError(f"{path} has no segment-anything weights of a known size ({', '.join(SAM_TYPES.values())})")
    kind = SAM_TYPES[first.shape[0]]
    model = sam_model_registry[kind]()
    try:
        refuse_misfits({name: tensor.shape for name, tensor in model.state_dict().items()}, weights, lambda name: name.split(".")[0])
    except ValueError as error:
        raise ValueError(f"the weights in {path} do not fit segment-anything's {kind}: {error}") from error
    model.load_state_dict(weights)
    return SamPredictor(model.eval())


def segment_anything(predictor: SamPredictor, prompt: MaskPrompt) -> tuple[np.ndarray, float]:
    """The best of the three masks (H, W) bool of a prompt, and its score, on the picture that the predictor was given."""
    masks, scores, _ = predictor.predict(
        point_coords=np.array([prompt.point], np.float32), point_labels=np.ones(1, int), box=np.array(prompt.box, np.float32)
    )
    best = int(np.argmax(scores))
    return np.asarray(masks[best], bool), float(np.clip(scores[best], 0, 1))


def prompt_from_mask(mask: np.ndarray) -> MaskPrompt:
    """The innermost point of a found mask (H, W) in [0, 1], and the box around its part from a half up, which must not be empty."""
    inside = (mask >= 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(inside, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    left, top, width, height = cv2.boundingRect(inside)
    return MaskPrompt((int(column), int(row)), (left, top, left + width, top + height), mask)


def propose_masks(
    pipeline: LCADPipeline,
    image: PIL.Image.Image | np.ndarray,
    caption: str,
    phrases: Sequence[str | Span],
    predictor: SamPredictor | None = None,
) -> list[MaskProposal]:
    """A mask for each phrase of a caption: what the pipeline's finder finds, with a predictor cut anew by segment-anything.

    What is not found surely enough comes from where the denoiser looks, cut by segment-anything or by GrabCut. Phrases that are past the
    caption's cut and found nowhere get an empty mask with score 0. Raises ValueError for a phrase that is not there.
    """
    lightness, spans = lightness_of_image(image), find_phrases(caption, phrases)
    places = pipeline.finder.find(lightness, caption, spans) if pipeline.finder else [None] * len(spans)
    sure = {number: p for number, p in enumerate(places) if p is not None and p.confidence >= LEAST_CONFIDENCE and (p.mask >= 0.5).any()}
    heats = phrase_heat(pipeline, image, caption, phrases) if len(sure) < len(spans) else []
    if predictor is not None:
        predictor.set_image(gray_image(lightness))
    proposals = []
    for number, phrase in enumerate(phrases):
        if (place := sure.get(number)) is not None:
            proposals.append(_of_place(phrase, place, image, lightness, predictor))
        else:
            proposals.append(_of_heat(phrase, heats[number], image, lightness, predictor))
    return proposals


def masks_of_heat(
    pipeline: LCADPipeline, image: PIL.Image.Image | np.ndarray, caption: str, phrases: Sequence[str | Span]
) -> list[np.ndarray]:
    """Masks (H, W) bool of phrases from where the denoiser looks alone, cut by GrabCut; empty for one past the caption's cut."""
    lightness = lightness_of_image(image)
    return [
        _of_heat(phrase, heat, image, lightness, None).mask
        for phrase, heat in zip(phrases, phrase_heat(pipeline, image, caption, phrases), strict=True)
    ]


def _of_place(phrase: str | Span, place: Found, image, lightness: np.ndarray, predictor: SamPredictor | None) -> MaskProposal:
    if predictor is None:
        return MaskProposal(phrase, cut_outline(cut_channels(image, lightness), place.mask), place.confidence, "grabcut", "finder")
    mask, score = segment_anything(predictor, prompt_from_mask(place.mask))
    return MaskProposal(phrase, mask, score * place.confidence, "segment-anything", "finder")


def _of_heat(phrase: str | Span, heat: np.ndarray, image, lightness: np.ndarray, predictor: SamPredictor | None) -> MaskProposal:
    origin: Origin = "grabcut" if predictor is None else "segment-anything"
    if not heat.max() > 0:
        return MaskProposal(phrase, np.zeros(lightness.shape, bool), 0.0, origin, "attention")
    if predictor is None:
        return MaskProposal(phrase, *grabcut(cut_channels(image, lightness), heat), origin, "attention")
    return MaskProposal(phrase, *segment_anything(predictor, prompt_from_heat(heat)), origin, "attention")
