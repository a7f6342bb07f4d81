"""What a call of the pipeline asks for, picture by picture: read, checked, and placed on the model's canvas."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral

import numpy as np
import PIL.Image
import torch

from lcad.checkpoints import Components
from lcad.chroma import Color, Constraints, target_of
from lcad.imaging import Canvas, fit, lightness_of_image, within_unit
from lcad.prompts import Prompt, Span, phrase_tokens, read_prompt
from lcad.terms import TERMS, exact_color_of, in_terms, terms_in

Picture = PIL.Image.Image | np.ndarray
LEAST_SEED, MOST_SEED = -(2**63), 2**64 - 1  # of torch.Generator


@dataclass(frozen=True, eq=False)
class Region:
    """A phrase of the caption and where its object is.

    phrase  text that stands in the caption, or a half-open span of its characters
    mask    (H, W) bool, or float in [0, 1], of the source's size; None: it is looked for (`lcad.phrase_search`)
    colors  the color terms (`lcad.terms.TERMS`) that the caption asks for it, as whoever read the caption says; none where it is empty;
    None: those that the phrase's own words name (`lcad.terms.terms_in`)
    exact   the color itself that is asked for it (`lcad.chroma.Color`), by the caption or by a person; None: that which its own words name
    where its terms are read from them too (`lcad.terms.exact_color_of`), else none
    color_spans  where the caption says its colors outside of the phrase, as of the grapes in "a red bunch of grapes"
    """

    phrase: str | Span
    mask: np.ndarray | None = None
    colors: Sequence[str] | None = None
    exact: Color | None = None
    color_spans: Sequence[Span] = ()


@dataclass(frozen=True, eq=False)
class Request:
    """One picture to color, read and placed: lightness (H, W) in [0, 100], tokens (P, T), masks (P, h, w) on the canvas.

    A region without a mask has its number in `sought`, and zeros for a mask until it was looked for. Requests with the
    same `picture` show the same one.
    """

    index: int
    picture: int
    lightness: np.ndarray
    canvas: Canvas
    prompt: Prompt
    regions: tuple[Region, ...]
    tokens: torch.Tensor
    masks: torch.Tensor
    seed: int
    constraints: Constraints = field(default_factory=Constraints)
    caption_colors: tuple[str, ...] = ()
    """All color terms that the caption asks for, of whatever region."""
    found_masks: Mapping[int, np.ndarray] = field(default_factory=dict)
    """What a finder found of regions without a mask, (H, W) in [0, 1] at the source's size, by their numbers."""

    @property
    def sought(self) -> list[int]:
        """The numbers of the regions that have no mask."""
        return [number for number, region in enumerate(self.regions) if region.mask is None]

    def words_of(self, region: Region) -> str:
        """The words of a region's phrase."""
        return region.phrase if isinstance(region.phrase, str) else self.prompt.caption[slice(*region.phrase)]

    def terms_of(self, region: Region) -> tuple[str, ...]:
        """The color terms that are asked for a region."""
        return terms_in(self.words_of(region)) if region.colors is None else tuple(region.colors)

    def exact_of(self, region: Region) -> Color | None:
        """The color that a region is to have where that is asked for more exactly than by terms."""
        return exact_color_of(self.words_of(region)) if region.exact is None and region.colors is None else region.exact

    @property
    def shown(self) -> list[Region]:
        """The regions that were given a mask: what was only found cannot judge the colors that it steered."""
        return [region for region in self.regions if region.mask is not None]

    @property
    def outlines(self) -> list[np.ndarray | None]:
        """The mask of each region, given or found; None where it is not known."""
        return [self.found_masks.get(number) if one.mask is None else np.asarray(one.mask) for number, one in enumerate(self.regions)]


def read_requests(
    components: Components,
    native: int,
    images: Sequence[Picture],
    captions: Sequence[str],
    regions: Sequence[Sequence[Region]] | None = None,
    seeds: Sequence[int] | None = None,
    constraints: Sequence[Constraints | None] | None = None,
    caption_colors: Sequence[Sequence[str] | None] | None = None,
) -> list[Request]:
    """Read the arguments of a call into requests, on canvases of about native² pixels; ValueError naming what does not fit."""
    count = len(images) if isinstance(images, list | tuple) else -1
    if count < 0 or isinstance(captions, str):
        raise ValueError("images and captions must be lists of the same length")
    regions, seeds = [()] * count if regions is None else regions, [0] * count if seeds is None else seeds
    constraints = [None] * count if constraints is None else constraints
    caption_colors = [None] * count if caption_colors is None else caption_colors
    columns = {"captions": captions, "regions": regions, "seeds": seeds, "constraints": constraints, "caption_colors": caption_colors}
    for name, column in columns.items():
        if len(column) != count:
            raise ValueError(f"got {count} images and {len(column)} {name}: one for each image is needed")
    lightness = {id(image): lightness_of_image(image) for image in images}
    multiple, requests = components.autoencoder.downscale, []
    for index, (image, caption, own, seed, constraint, colors) in enumerate(zip(images, *columns.values(), strict=True)):
        plane, constraint = lightness[id(image)], constraint or Constraints()
        _check_words_and_seed(index, caption, seed)
        _check_regions(index, plane.shape, own, constraint, colors)
        prompt = prompt_of(components, caption)
        canvas = fit(plane.shape, native, multiple)
        tokens, masks = place_regions(prompt, canvas, own)
        terms = terms_in(caption) if colors is None else tuple(colors)
        requests.append(Request(index, id(image), plane, canvas, prompt, tuple(own), tokens, masks, int(seed), constraint, terms))
    return requests


def prompt_of(components: Components, caption: str) -> Prompt:
    """A caption for the text encoder: exact colors that it does not know as whole words are said by their terms."""

    def unknown(words: str) -> bool:
        return any(len(components.tokenizer.tokenize(word)) > 1 for word in words.split())

    length = components.text_encoder.config.max_position_embeddings
    return read_prompt(components.tokenizer, caption, length, in_terms(caption, unknown))


def place_regions(prompt: Prompt, canvas: Canvas, regions: Sequence[Region]) -> tuple[torch.Tensor, torch.Tensor]:
    """The tokens (P, T) of the regions' phrases and of what says their colors, and their masks (P, h, w) on the canvas, zeros for a region
    without one."""
    masks = torch.zeros(len(regions), *canvas.padded)
    for number, region in enumerate(regions):
        if region.mask is not None:
            masks[number] = torch.from_numpy(canvas.place(np.asarray(region.mask, np.float32)))
    tokens = phrase_tokens(prompt, [region.phrase for region in regions])
    for number, region in enumerate(regions):
        for span in region.color_spans:
            tokens[number] = torch.maximum(tokens[number], prompt.tokens_of(span))
    return tokens, masks


def _check_words_and_seed(index: int, caption: str, seed: int) -> None:
    if not isinstance(caption, str):
        raise ValueError(f"image {index}: its caption must be text, got {type(caption).__name__}")
    if not isinstance(seed, Integral) or not LEAST_SEED <= seed <= MOST_SEED:
        raise ValueError(f"image {index}: its seed must be a whole number from -2^63 to 2^64 - 1, got {seed!r}")


def _check_regions(
    index: int, size: tuple[int, int], regions: Sequence[Region], constraints: Constraints, caption_colors: Sequence[str] | None
) -> None:
    if not isinstance(regions, Sequence) or not all(isinstance(region, Region) for region in regions):
        raise ValueError(f"image {index}: its regions must be a list of Region(phrase, mask)")
    for terms in (caption_colors, *(region.colors for region in regions)):
        if isinstance(terms, str) or not set(terms or ()) <= set(TERMS):
            raise ValueError(f"image {index}: colors must be a list of the color terms {', '.join(TERMS)}, got {terms!r}")
    for region in regions:
        if region.exact is not None:
            target_of(region.exact)
    named = [(f"the mask of “{region.phrase}”", region.mask) for region in regions if region.mask is not None]
    named += [(f"the mask that {pin.color!r} is pinned to", pin.mask) for pin in constraints.pins]
    for name, mask in named:
        if np.shape(mask) != size:
            raise ValueError(f"image {index}: {name} is {np.shape(mask)}, the image {size} (height, width)")
        if not within_unit(mask):
            values = f"from {np.min(mask):g} to {np.max(mask):g}"
            raise ValueError(f"image {index}: {name} has values {values}, expected bool, or from 0 outside to 1 inside")


def batches_of(requests: Sequence[Request], size: int) -> Iterator[list[Request]]:
    """Requests of the same canvas, at most `size` together, in the order given; ValueError for a size below 1."""
    if size < 1:
        raise ValueError(f"expected batch_size ≥ 1, got {size}")
    by_canvas = defaultdict(list)
    for request in requests:
        by_canvas[request.canvas.padded].append(request)
    for group in by_canvas.values():
        yield from (group[start : start + size] for start in range(0, len(group), size))
