"""The colorizer: lightness in, chroma out.

lightness → luminance features → latents, sampled under a caption and masks → RGB → its chroma, joined with the lightness
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import PIL.Image
import torch

from lcad.canvas import Canvas, fit, lightness_of_image
from lcad.checkpoints import Components, read_components, read_settings, write_checkpoint
from lcad.color import hint_from_lightness, rgb_to_lab
from lcad.guidance import InstanceGuidance
from lcad.joining import join
from lcad.metrics import adherence
from lcad.prompts import Prompt, Span, phrase_tokens, read_prompt
from lcad.sampler import Condition, Progress, generators, initial_noise, sample, solver
from lcad.settings import PipelineSettings

Picture = PIL.Image.Image | np.ndarray
CACHED_CAPTIONS = 1024


@dataclass(frozen=True, eq=False)
class Region:
    """A phrase of the caption and where its object is.

    phrase  text that stands in the caption, or a half-open span of its characters
    mask    (H, W) bool, or float in [0, 1], of the source's size
    """

    phrase: str | Span
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class Job:
    """One picture to color, read and placed: lightness (H, W) in [0, 100], tokens (P, T), masks (P, h, w) on the canvas."""

    index: int
    picture: int
    lightness: np.ndarray
    canvas: Canvas
    prompt: Prompt
    regions: tuple[Region, ...]
    tokens: torch.Tensor
    masks: torch.Tensor
    seed: int


class LCADPipeline:
    """An L-CAD: call it with pictures and captions. Made by `assemble` or `from_pretrained`."""

    def __init__(self, components: Components, settings: PipelineSettings):
        self.components, self.settings = components, settings
        self.autoencoder, self.unet, self.text_encoder = components.autoencoder, components.unet, components.text_encoder
        self.tokenizer, self.scheduler = components.tokenizer, components.scheduler
        self._embeddings: dict[tuple[int, ...], torch.Tensor] = {}

    @classmethod
    def assemble(cls, autoencoder, unet, text_encoder, tokenizer, scheduler, settings: PipelineSettings | None = None) -> "LCADPipeline":
        """A pipeline of components; ValueError when their sizes do not fit each other."""
        components = Components(autoencoder.eval(), unet.eval(), text_encoder.eval(), tokenizer, scheduler)
        return cls(components, settings or PipelineSettings())

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> "LCADPipeline":
        """The pipeline of a checkpoint folder, or of an embedded one's name; errors as in `lcad.checkpoints`."""
        return cls(read_components(folder), PipelineSettings.from_json(read_settings(folder)))

    def save_pretrained(self, folder: str | Path, dtype: torch.dtype | None = None) -> None:
        """Write a checkpoint folder; `dtype` is that of the weights on disk."""
        write_checkpoint(folder, self.components, self.settings.to_json(), dtype)

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> "LCADPipeline":
        """Move the models to a device and a floating type."""
        for model in (self.autoencoder, self.unet, self.text_encoder):
            torch.nn.Module.to(model, device=device, dtype=dtype)
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
        solver_name: str | None = None,
        instance: InstanceGuidance | None = None,
        batch_size: int = 8,
        progress: Progress | None = None,
    ) -> list[PIL.Image.Image]:
        """Color pictures, each with its caption; the results have the sources' full size and their lightness (|ΔL| ≤ 1).

        images     Pillow images of any mode, or arrays (H, W) or (H, W, 3), uint8, uint16 or float in [0, 1]: their lightness
        regions    for each image, where phrases of its caption are; seeds: one an image, 0 by default
        steps, guidance, solver_name, instance   instead of the checkpoint's settings
        progress   called with (steps done, steps in all) after each step; returning False raises SamplingCancelledError
        `.info` of a result has its seed, seconds (its part of its batch's) and adherence (0–1, the mean over regions that ask
        for a color; None without). Raises ValueError naming what does not fit.
        """
        settings = self.settings.overridden(steps, guidance, solver_name, instance)
        batches = list(self.batches(self.read(images, captions, regions, seeds), batch_size))
        results: dict[int, PIL.Image.Image] = {}
        for number, jobs in enumerate(batches):
            started = perf_counter()
            report = progress and (lambda done, total, n=number: progress(n * total + done, len(batches) * total))
            features = self.encode(jobs)
            condition = self.condition(jobs, features[-1], settings.instance)
            sources = generators([job.seed for job in jobs])
            noise = initial_noise(sources, self.latent_shape(jobs[0]), like=features[-1])
            schedule = solver(settings.solver, self.scheduler)
            latents = sample(
                self.unet, schedule, noise, condition, settings.steps, settings.caption, settings.instance, report, sources=sources
            )
            finished = {job.index: self.finish(job, rgb) for job, rgb in zip(jobs, self.decode(latents, features), strict=True)}
            for result in finished.values():
                result.info["seconds"] = round((perf_counter() - started) / len(jobs), 4)
            results |= finished
        return [results[index] for index in range(len(results))]

    def read(self, images, captions, regions=None, seeds=None) -> list[Job]:
        """Check the arguments of a call and read them into jobs."""
        count = len(images) if isinstance(images, list | tuple) else -1
        if count < 0 or isinstance(captions, str):
            raise ValueError("images and captions must be lists of the same length")
        regions, seeds = [()] * count if regions is None else regions, [0] * count if seeds is None else seeds
        for name, given in (("captions", captions), ("regions", regions), ("seeds", seeds)):
            if len(given) != count:
                raise ValueError(f"got {count} images and {len(given)} {name}: one for each image is needed")
        lightness = {id(image): lightness_of_image(image) for image in images}
        rows = zip(images, captions, regions, seeds, strict=True)
        return [self._job(i, id(image), lightness[id(image)], *row) for i, (image, *row) in enumerate(rows)]

    def _job(self, index: int, picture: int, lightness: np.ndarray, caption: str, regions: Sequence[Region], seed: int) -> Job:
        for region in regions:
            if np.shape(region.mask) != lightness.shape:
                raise ValueError(
                    f"image {index}: the mask of “{region.phrase}” is {np.shape(region.mask)}, the image {lightness.shape} (height, width)"
                )
        canvas = fit(lightness.shape, self.settings.native_size, self.autoencoder.downscale)
        prompt = read_prompt(self.tokenizer, caption, self.text_encoder.config.max_position_embeddings)
        tokens = phrase_tokens(prompt, [region.phrase for region in regions])
        masks = [torch.from_numpy(canvas.place(np.asarray(region.mask, np.float32))) for region in regions]
        stacked = torch.stack(masks) if masks else torch.zeros(0, *canvas.padded)
        return Job(index, picture, lightness, canvas, prompt, tuple(regions), tokens, stacked, int(seed))

    @staticmethod
    def batches(jobs: Sequence[Job], size: int) -> Iterator[list[Job]]:
        """Jobs of the same canvas, at most `size` together, in the order given."""
        by_canvas = defaultdict(list)
        for job in jobs:
            by_canvas[job.canvas.padded].append(job)
        for group in by_canvas.values():
            yield from (group[start : start + size] for start in range(0, len(group), size))

    def latent_shape(self, job: Job) -> tuple[int, int, int]:
        """Channels, height and width of a job's latents."""
        return (self.autoencoder.config.latent_channels, *(extent // self.autoencoder.downscale for extent in job.canvas.padded))

    def encode(self, jobs: Sequence[Job]) -> list[torch.Tensor]:
        """The luminance features of a batch, each (B, c, h, w); a picture that comes several times is encoded once."""
        pictures = {job.picture: job for job in jobs}
        order = {picture: row for row, picture in enumerate(pictures)}
        planes = np.stack([job.canvas.place(job.lightness) for job in pictures.values()])[:, None]
        hint = hint_from_lightness(torch.from_numpy(planes)).to(self.autoencoder.device, self.autoencoder.dtype)
        features = self.autoencoder.luminance_encoder(hint)
        rows = [order[job.picture] for job in jobs]
        return features if rows == list(range(len(pictures))) else [feature[rows] for feature in features]

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

    def condition(self, jobs: Sequence[Job], luminance: torch.Tensor, instance: InstanceGuidance) -> Condition:
        """What the denoiser sees of a batch; jobs without regions have no masks, whatever their neighbors have."""
        empty = read_prompt(self.tokenizer, "", self.text_encoder.config.max_position_embeddings)
        text, unconditional = self.embed([job.prompt for job in jobs]), self.embed([empty])
        phrases = max(len(job.regions) for job in jobs)
        if not phrases or not instance.strength:
            return Condition(luminance, text, unconditional)
        tokens = torch.zeros(len(jobs), phrases, text.shape[1])
        masks = torch.zeros(len(jobs), phrases, *jobs[0].canvas.padded)
        for row, job in enumerate(jobs):
            tokens[row, : len(job.regions)], masks[row, : len(job.regions)] = job.tokens, job.masks
        return Condition(luminance, text, unconditional, instance.bias(tokens.to(text.device), masks.to(text.device)))

    def decode(self, latents: torch.Tensor, features: Sequence[torch.Tensor]) -> torch.Tensor:
        """RGB (B, 3, h, w) float32 in [0, 1] on the CPU, of latents as the sampler gives them."""
        rgb = self.autoencoder.decode(latents / self.autoencoder.config.scaling_factor, luminance=features).sample
        return (rgb.float().cpu() / 2 + 0.5).clamp(0, 1)

    def finish(self, job: Job, rgb: torch.Tensor) -> PIL.Image.Image:
        """The result at full size: the predicted chroma of (3, h, w) with the source's own lightness."""
        chroma = job.canvas.crop(rgb_to_lab(rgb)[1:]).movedim(0, -1).numpy()
        masks = [np.asarray(region.mask, np.float32) for region in job.regions]
        pixels = join(chroma, job.lightness, masks, cell=self.autoencoder.downscale)
        image = PIL.Image.fromarray(pixels)
        phrases = [self._text(job, region) for region in job.regions]
        image.info.update(seed=job.seed, adherence=adherence(pixels, phrases, masks).score)
        return image

    @staticmethod
    def _text(job: Job, region: Region) -> str:
        return region.phrase if isinstance(region.phrase, str) else job.prompt.caption[slice(*region.phrase)]


def load_pipeline(name_or_path: str | Path = "mini") -> LCADPipeline:
    """The pipeline of an embedded checkpoint ("mini") or of a checkpoint folder, float32 on the CPU."""
    return LCADPipeline.from_pretrained(name_or_path)
