"""Low-rank adaptation (Hu et al. 2021, "LoRA"): a layer's weight W stays, W + B·A is used, and only A and B of a small rank learn.

What is trained so is folded into the weights at the end: the checkpoint is one like any other, and costs nothing more to use.
"""

from diffusers import UNet2DConditionModel

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
ADAPTER = "retrained"


def add_low_rank(unet: UNet2DConditionModel, rank: int) -> None:
    """Add trainable low-rank matrices to all of a denoiser's attention; its output is as before until they have learned.

    Raises ValueError where peft, which does it, is not installed.
    """
    try:
        from peft import LoraConfig  # only here: it takes seconds to load
    except ImportError as error:
        raise ValueError("low-rank training needs peft: pip install peft") from error
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=list(ATTENTION), init_lora_weights="gaussian"), ADAPTER)


def fold_low_rank(unet: UNet2DConditionModel) -> None:
    """Fold what was learned into the denoiser's own weights, and take the additions away."""
    unet.fuse_lora(adapter_names=[ADAPTER])
    unet.unload_lora()
