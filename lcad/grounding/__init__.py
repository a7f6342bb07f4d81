"""Masks of phrases: found on gray pictures, proposals from heat maps, and segment-anything from prompts and clicks."""

from lcad.grounding.finder_files import load_finder
from lcad.grounding.mask_proposals import MaskProposal, SamPredictor, load_sam, masks_of_heat, propose_masks
from lcad.grounding.phrase_finder import FoundPhrase, PhraseFinder
from lcad.grounding.sam_clicks import mask_of_clicks

__all__ = [
    "FoundPhrase",
    "MaskProposal",
    "PhraseFinder",
    "SamPredictor",
    "load_finder",
    "load_sam",
    "mask_of_clicks",
    "masks_of_heat",
    "propose_masks",
]
