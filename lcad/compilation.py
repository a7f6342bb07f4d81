"""`torch.compile` for the parts of a pipeline that take the time."""

import torch
from torch import nn

from lcad.models import LuminanceAutoencoder

BACKEND = "inductor"


def require_compiler(device: torch.device) -> None:
    """Compile and run a sum of two numbers; RuntimeError that says what to do where that does not work."""
    torch._dynamo.reset()  # what failed before is not remembered as working

    def added(x: torch.Tensor) -> torch.Tensor:
        return x + 1

    try:
        torch.compile(added, backend=BACKEND)(torch.zeros(2, device=device))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise RuntimeError(
            f"torch.compile does not work here ({reason}): it needs a C++ compiler (on GPUs Triton as well); leave it off or install one"
        ) from error


def compile_models(autoencoder: LuminanceAutoencoder, unet: nn.Module) -> None:
    """Have the denoiser and the luminance encoder compiled in place, each when it first sees a size of input.

    State dicts and copies stay as they are. RuntimeError where compiling cannot work.
    """
    require_compiler(next(unet.parameters()).device)
    for model in (unet, autoencoder.luminance_encoder):
        model.compile(backend=BACKEND)
