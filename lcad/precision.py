"""The floating type that a machine computes fastest in, without a difference that anybody sees.

bfloat16 where a processor multiplies it itself (AVX-512 BF16, AMX, or Arm's BF16), float16 on GPUs, else float32: where bfloat16 is only
imitated it is slower. What it costs is in docs/benchmarks.md, beside every other gain.
"""

import torch

NATIVE = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16", "arm_bf16")  # as `torch.cpu.get_capabilities` names them


def fast_dtype(device: torch.device | str = "cpu") -> torch.dtype:
    """The type for the models of a pipeline on a device."""
    kind = torch.device(device).type
    if kind == "cuda":
        return torch.float16
    if kind == "cpu" and hasattr(torch.cpu, "get_capabilities"):  # torch 2.9 and later; before, nothing public tells
        capabilities = torch.cpu.get_capabilities()
        if any(capabilities.get(name) for name in NATIVE):
            return torch.bfloat16
    return torch.float32
