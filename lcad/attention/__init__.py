"""Cross-attention of the denoiser: attention maps, heat maps of phrases, soft masks from them, and the bias that masks add."""

from lcad.attention.mask_bias import RULES, STRENGTH, AttentionRecord, MaskBias, Rule, steered
from lcad.attention.phrase_heatmaps import along_edges, gray_latents, object_heat, work_size

__all__ = ["RULES", "STRENGTH", "AttentionRecord", "MaskBias", "Rule", "along_edges", "gray_latents", "object_heat", "steered", "work_size"]
