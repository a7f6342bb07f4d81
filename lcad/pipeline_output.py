"""What a call of the pipeline gives back."""

from dataclasses import dataclass

import PIL.Image
from diffusers.utils import BaseOutput

from lcad.metrics import Adherence


@dataclass
class LCADPipelineOutput(BaseOutput):
    """The results of a call, one of each for every picture, in the order given.

    images      sRGB, of the sources' size
    adherence   whether the regions with masks have the colors that were asked for (`lcad.metrics.adherence`)
    seconds     the part of the call that was spent on the picture: its share of its batches
    lost_words  the end of the caption that the text encoder could not read; empty where it read all
    seeds       of the noise
    """

    images: list[PIL.Image.Image]
    adherence: list[Adherence]
    seconds: list[float]
    lost_words: list[str]
    seeds: list[int]
