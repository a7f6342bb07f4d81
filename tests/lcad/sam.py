"""A real segment-anything of the least size, for tests of what is around it."""

import torch
from segment_anything import SamPredictor
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

from lcad.grounding import mask_proposals

WIDTH = 16
"""Of the image encoder, by which its size is known."""


def tiny_sam():
    """A segment-anything of the real parts, its weights drawn at random."""
    torch.manual_seed(0)
    encoder = ImageEncoderViT(
        img_size=64,
        patch_size=16,
        depth=1,
        embed_dim=16,
        num_heads=2,
        out_chans=16,
        use_rel_pos=True,
        window_size=0,
        global_attn_indexes=(0,),
    )
    prompts = PromptEncoder(embed_dim=16, image_embedding_size=(4, 4), input_image_size=(64, 64), mask_in_chans=16)
    decoder = MaskDecoder(
        num_multimask_outputs=3, transformer=TwoWayTransformer(depth=1, embedding_dim=16, mlp_dim=32, num_heads=2), transformer_dim=16,
        iou_head_depth=2, iou_head_hidden_dim=16,
    )  # fmt: skip
    return SamPredictor(Sam(encoder, prompts, decoder).eval())


def know_tiny(monkeypatch) -> None:
    """Make the tiny size a fourth beside the three published ones, which have 94 million parameters and more."""
    monkeypatch.setitem(mask_proposals.SAM_TYPES, WIDTH, "tiny")
    monkeypatch.setitem(mask_proposals.sam_model_registry, "tiny", lambda: tiny_sam().model)
