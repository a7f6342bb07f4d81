"""The colorizer: lightness in, chroma out.

lightness → what is seen in it → latents, sampled under a caption and masks → RGB → its chroma, joined with the lightness
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import PIL.Image
import torch
from torch.nn import functional as F

from lcad.attention import along_edges, gray_latents, object_heat
from lcad.checkpoints import Components, folder_of, read_components, read_settings, write_checkpoint
from lcad.chroma import CellConstraints, ChromaGuidance, Constraints, Expected, LatentChroma, fit_latent_chroma, join
from lcad.compilation import compile_models
from lcad.crop_refinement import Crop, crops_of
from lcad.exact_pins import with_exact_pins
from lcad.guests import GuestColorizer
from lcad.guidance import InstanceGuidance
from lcad.metrics import Adherence, adherence
from lcad.models import Seen
from lcad.phrase_search import Finder, found_by, with_heat
from lcad.pipeline_output import LCADPipelineOutput
from lcad.presets import Preset, with_preset
from lcad.prior_guidance import expected_of, predicted_chroma
from lcad.prompts import Prompt, read_prompt
from lcad.requests import Picture, Region, Request, batches_of, read_requests
from lcad.sampler import Condition, Progress, generators, initial_noise, sample, solver
from lcad.settings import PipelineSettings

__all__ = ["Colorizer", "LCADPipeline", "LCADPipelineOutput", "Region"]

CACHED_CAPTIONS = 1024
Natural = Sequence[Expected | None]  # of each picture of a batch the colors expected
DECODED = (-0.5, 1.5)
"""What a decoder may give, sRGB being [0, 1]."""


class LCADPipeline:
    """An L-CAD: call it with pictures and captions. Made by `assemble` or `from_pretrained`, or with a finder by `lcad.load_pipeline`.

    `finder` finds the phrases of captions that come without masks (`lcad.phrase_search`); without one the denoiser has to (`heat`).
    """

    def __init__(self, components: Components, settings: PipelineSettings, finder: Finder | None = None):
        self.components, self.settings, self.finder = components, settings, finder
        self.autoencoder, self.unet, self.text_encoder = components.autoencoder, components.unet, components.text_encoder
        self.tokenizer, self.scheduler = components.tokenizer, components.scheduler
        self._embeddings: dict[tuple[int, ...], torch.Tensor] = {}
        self._latent_chroma: LatentChroma | None = None

    @classmethod
    def assemble(cls, autoencoder, unet, text_encoder, tokenizer, scheduler, settings: PipelineSettings | None = None) -> "LCADPipeline":
        """A pipeline of components; ValueError when their sizes do not fit each other."""
        components = Components(autoencoder.eval(), unet.eval(), text_encoder.eval(), tokenizer, scheduler)
        return cls(components, settings or PipelineSettings())

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> "LCADPipeline":
        """The pipeline of a checkpoint folder, or of an embedded one's name; errors as in `lcad.checkpoints`."""
        try:
            settings = PipelineSettings.from_json(read_settings(folder))
        except TypeError as error:
            raise ValueError(f"the settings of the checkpoint in {folder_of(folder)} are not known here: {error}") from error
        return cls(read_components(folder), settings)

    def save_pretrained(self, folder: str | Path, dtype: torch.dtype | None = None) -> None:
        """Write a checkpoint folder; `dtype` is that of the weights on disk."""
        write_checkpoint(folder, self.components, self.settings.to_json(), dtype)

    def to(
        self,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        channels_last: bool = False,
        compiled: bool = False,
    ) -> "LCADPipeline":
        """Move the models to a device and a floating type, and lay them out for speed; the results stay the same within rounding.

        channels_last  keeps images with their channels together, as convolutions of most GPUs and of newer CPUs are fastest
        compiled       by `torch.compile`, at the first call of each size; RuntimeError where it cannot work
        """
        for model in (self.autoencoder, self.unet, self.text_encoder):
            torch.nn.Module.to(model, device=device, dtype=dtype)
        for model in (self.autoencoder, self.unet) if channels_last else ():
            torch.nn.Module.to(model, memory_format=torch.channels_last)
        if compiled:
            compile_models(self.autoencoder, self.unet)
        self._embeddings.clear()
        return self

    @torch.no_grad()
    def __call__(
        self,
        images: Sequence[Picture],
        captions: Sequence[str],
        regions: Sequence[Sequence[Region]] | None = None,
        seeds: Sequence[int] | None = None,
        steps: int | None = None,
        guidance: float | None = None,
        *,
        constraints: Sequence[Constraints | None] | None = None,
        caption_colors: Sequence[Sequence[str] | None] | None = None,
        solver_name: str | None = None,
        instance: InstanceGuidance | None = None,
        expected: float | None = None,
        preset: Preset | None = None,
        batch_size: int = 8,
        progress: Progress | None = None,
    ) -> LCADPipelineOutput:
        """Color pictures, each with its caption; the results have the sources' full size and their lightness (|ΔL| ≤ 1).

        images          Pillow images of any mode, or arrays (H, W) or (H, W, 3), uint8, uint16 or float in [0, 1]: their lightness
        regions         for each image, where phrases of its caption are, or phrases to look for; seeds: one an image, 0 by default
        constraints     for each image, colors pinned to regions and a palette, or None
        caption_colors  for each image, all color terms that its caption asks for, by whoever read it; None: read here (`lcad.terms`)
        preset          "fast" or "best" (`lcad.presets`)
        steps, guidance, solver_name, instance, expected   instead of the checkpoint's settings
        progress        called with (steps done, steps in all) after each step; returning False raises SamplingCancelledError
        Raises ValueError naming what does not fit.

        >>> import numpy as np
        >>> from lcad import Region, load_pipeline
        >>> gray = np.full((48, 64), 120, np.uint8)
        >>> cup = np.zeros((48, 64), bool)
        >>> cup[12:36, 20:44] = True
        >>> output = load_pipeline("mini")([gray], ["a red cup on a table"], [[Region("a red cup", cup)]], steps=4)
        >>> output.images[0].size
        (64, 48)
        >>> output.adherence[0].regions[0].terms
        ('red',)
        >>> output.lost_words
        ['']
        """
        settings = with_preset(self.settings, preset).overridden(steps, guidance, solver_name, instance, expected)
        requests = self.find(self.read(images, captions, regions, seeds, constraints, caption_colors), settings.instance)
        refinement = settings.crop_refinement if settings.instance.strength else None
        crops = [crops_of(self.components, settings.native_size, request, refinement) for request in requests]
        batches = list(batches_of([*requests, *(crop.request for several in crops for crop in several)], batch_size))
        chroma: dict[Request, np.ndarray] = {}
        seconds = [0.0] * len(requests)
        for number, batch in enumerate(batches):
            started = perf_counter()
            seen = self.encode(batch)
            natural = self.expect(batch, seen, settings)
            latents = self.sample(batch, seen, settings, progress and partial(_overall, progress, number, len(batches)), natural)
            calm, decoded = partial(predicted_chroma, knee=settings.knee, names=settings.names), self.decode(latents, seen.features)
            chroma |= zip(batch, map(calm, batch, decoded, natural), strict=True)
            for request in batch:
                seconds[request.index] += (perf_counter() - started) / len(batch)
        finished = [self.finish(request, several, chroma, spent) for request, several, spent in zip(requests, crops, seconds, strict=True)]
        results, judged, spent = (list(column) for column in zip(*finished, strict=True)) if finished else ([], [], [])
        return LCADPipelineOutput(
            results, judged, spent, [request.prompt.lost for request in requests], [request.seed for request in requests]
        )

    def read(self, images, captions, regions=None, seeds=None, constraints=None, caption_colors=None) -> list[Request]:
        """Check the arguments of a call and read them into requests."""
        native = self.settings.native_size
        return read_requests(self.components, native, images, captions, regions, seeds, constraints, caption_colors)

    def find(self, requests: Sequence[Request], instance: InstanceGuidance) -> list[Request]:
        """The requests, in which phrases without a mask have what the finder finds; or where it finds nothing surely and a color is asked
        for, soft masks of where the denoiser looks for them. As given where masks do not guide.

        Exact colors are pinned where their regions are (`lcad.exact_pins`)."""
        return [with_exact_pins(self._search(request) if request.sought and instance.strength else request) for request in requests]

    def _search(self, request: Request) -> Request:
        search = found_by(self.finder, request)
        regions = [request.regions[number] for number in search.missing]
        if not regions or (self.finder and not any(request.terms_of(one) or request.exact_of(one) for one in regions)):
            return search.request
        return with_heat(search, self.heat(search.request, self.encode([request]).luminance, self.embed([request.prompt])))

    def encode(self, requests: Sequence[Request]) -> Seen:
        """What is seen in a batch; a picture that comes several times is encoded once."""
        pictures = {request.picture: request for request in requests}
        order = {picture: row for row, picture in enumerate(pictures)}
        planes = np.stack([request.canvas.place(request.lightness) for request in pictures.values()])[:, None]
        seen = self.autoencoder.see(torch.from_numpy(planes).to(self.autoencoder.device, self.autoencoder.dtype))
        rows = [order[request.picture] for request in requests]
        return seen if rows == list(range(len(pictures))) else seen.of(rows)

    def embed(self, prompts: Sequence[Prompt]) -> torch.Tensor:
        """Text embeddings (B, T, D) of prompts; each caption is encoded once in the pipeline's life."""
        fresh = {p.ids: p for p in prompts if p.ids not in self._embeddings}
        if fresh:
            if len(self._embeddings) > CACHED_CAPTIONS:
                self._embeddings.clear()
                fresh = {p.ids: p for p in prompts}
            hidden = self.text_encoder(torch.tensor(list(fresh), device=self.text_encoder.device)).last_hidden_state
            self._embeddings.update(zip(fresh, hidden, strict=True))
        return torch.stack([self._embeddings[p.ids] for p in prompts])

    def expect(self, requests: Sequence[Request], seen: Seen, settings: PipelineSettings) -> list[Expected | None]:
        """The colors expected of each picture of a batch, as far and as lively as settings say; see `lcad.prior_guidance`."""
        if seen.expected is None:
            return [None] * len(requests)
        share, lively, planes = settings.expected, settings.lively, seen.expected.float().cpu()
        return [expected_of(request, plane, share, lively) for request, plane in zip(requests, planes, strict=True)]

    def sample(
        self, requests: Sequence[Request], seen: Seen, settings: PipelineSettings, progress: Progress | None, natural: Natural
    ) -> torch.Tensor:
        """Latents (B, C, h, w), times the scaling factor, of a batch of which the lightness was seen, and its natural colors expected."""
        luminance, sources = seen.luminance, generators([request.seed for request in requests])
        shape = (self.autoencoder.config.latent_channels, *(extent // self.autoencoder.downscale for extent in requests[0].canvas.padded))
        return sample(
            self.unet,
            solver(settings.solver, self.scheduler),
            initial_noise(sources, shape, like=luminance),
            self.condition(requests, luminance, settings.instance),
            settings.steps,
            settings.caption,
            settings.instance,
            progress,
            adjust=self.chroma_guidance(requests, natural),
            sources=sources,
        )

    def condition(self, requests: Sequence[Request], luminance: torch.Tensor, instance: InstanceGuidance) -> Condition:
        """What the denoiser sees of a batch; requests without regions have no masks, whatever their neighbors have."""
        empty = read_prompt(self.tokenizer, "", self.text_encoder.config.max_position_embeddings)
        text, unconditional = self.embed([request.prompt for request in requests]), self.embed([empty])
        phrases = max(len(request.regions) for request in requests)
        if not phrases or not instance.strength:
            return Condition(luminance, text, unconditional)
        tokens = torch.zeros(len(requests), phrases, text.shape[1])
        masks = torch.zeros(len(requests), phrases, *requests[0].canvas.padded)
        for row, request in enumerate(requests):
            tokens[row, : len(request.regions)], masks[row, : len(request.regions)] = request.tokens, request.masks
        return Condition(luminance, text, unconditional, instance.bias(tokens.to(text.device), masks.to(text.device)))

    @torch.no_grad()
    def heat(self, request: Request, luminance: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """Heat (P, h', w') in [0, 1] over the canvas: where the denoiser looks for each phrase of a request.

        luminance (1, c, h, w) and text (1, T, D) are what was seen of the request's lightness and its caption's embedding.
        """
        plane, size = request.canvas.place(request.lightness), request.canvas.padded
        gray = gray_latents(self.autoencoder, [plane])
        heat = object_heat(self.unet, self.scheduler, gray, luminance, text, request.tokens, request.seed)
        return torch.from_numpy(along_edges(plane, F.interpolate(heat[None], size, mode="bilinear")[0].cpu()))

    def chroma_guidance(self, requests: Sequence[Request], natural: Natural) -> ChromaGuidance | None:
        """What writes the constraints of a batch, and the colors expected, into its latents; None where nothing is wanted."""
        pairs = list(zip(requests, natural, strict=True))
        if not any(request.constraints or expected for request, expected in pairs):
            return None
        if self._latent_chroma is None:
            self._latent_chroma = fit_latent_chroma(self.autoencoder)
        cell = self.autoencoder.downscale
        constraints = [
            CellConstraints.on_cells(one.constraints, one.lightness, one.canvas, cell, expected) if one.constraints or expected else None
            for one, expected in pairs
        ]
        return ChromaGuidance(self._latent_chroma, constraints)

    def decode(self, latents: torch.Tensor, features: Sequence[torch.Tensor]) -> torch.Tensor:
        """RGB (B, 3, h, w) float32 on the CPU, of latents as the sampler gives them.

        Values beyond [0, 1] are colors outside of sRGB. Clipping them here would turn a pale orange yellow; at the joining they
        lose chroma instead and keep their hue. Raises ValueError when what comes out is no number, instead of giving black pictures.
        """
        rgb = self.autoencoder.decode(latents / self.autoencoder.config.scaling_factor, luminance=features).sample.float().cpu()
        if not torch.isfinite(rgb).all():
            kind = str(self.unet.dtype).removeprefix("torch.")
            advice = "use bfloat16 or float32" if kind == "float16" else "the checkpoint's weights or its settings are wrong"
            raise ValueError(f"the model gave values that are no numbers in {kind}: {advice}")
        return (rgb / 2 + 0.5).clamp(*DECODED)

    def finish(
        self, request: Request, crops: Sequence[Crop], chroma: Mapping[Request, np.ndarray], seconds: float
    ) -> tuple[PIL.Image.Image, Adherence, float]:
        """The result at full size, whether its regions have their colors, and the seconds it took with those spent before.
        Its chroma is what was predicted for the request and its crops, its lightness the source's own.
        """
        started, cell = perf_counter(), self.autoencoder.downscale
        shown, outlines = request.shown, [mask for mask in request.outlines if mask is not None]
        masks = [np.asarray(region.mask) for region in shown]
        pixels = join(chroma[request], request.lightness, outlines, cell=cell, constraints=request.constraints)
        for crop in crops:
            crop.put_in(pixels, chroma[crop.request], cell)
        judged = adherence(pixels, [request.words_of(region) for region in shown], masks, [request.terms_of(region) for region in shown])
        return PIL.Image.fromarray(pixels), judged, round(seconds + perf_counter() - started, 4)


def _overall(progress: Progress, number: int, batches: int, done: int, total: int) -> bool | None:
    """Report the steps of one batch as steps of all."""
    return progress(number * total + done, batches * total)


Colorizer = LCADPipeline | GuestColorizer
"""What `lcad.load_pipeline` gives: both are called alike; a guest reads masks only to judge."""
