"""Masks of phrases: proposals from heat maps, and segment-anything from prompts and clicks."""

from lcad.grounding.mask_proposals import MaskProposal, SamPredictor, load_sam, propose_masks
from lcad.grounding.sam_clicks import mask_of_clicks

__all__ = ["MaskProposal", "SamPredictor", "load_sam", "mask_of_clicks", "propose_masks"]
