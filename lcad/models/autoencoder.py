"""The autoencoder of L-CAD: diffusers' AutoencoderKL, a luminance encoder, and a decoder that adds its features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderKL
from diffusers.configuration_utils import register_to_config
from diffusers.models.autoencoders.vae import DecoderOutput

from lcad.imaging import hint_from_lightness
from lcad.models.color_prior import ColorPrior
from lcad.models.luminance_encoder import LuminanceEncoder


@dataclass(frozen=True)
class Seen:
    """What is seen in gray pictures.

    features   the luminance features, as the decoder takes them
    luminance  (B, luminance_channels, h, w): the last of them and the color prior's features, as the denoiser takes them
    expected   (B, 2, 2h, 2w) chroma in Lab units that the color prior expects; None without one
    """

    features: list[torch.Tensor]
    luminance: torch.Tensor
    expected: torch.Tensor | None = None

    def of(self, rows: Sequence[int]) -> "Seen":
        """What is seen in some of the pictures, or in one several times."""
        rows, expected = list(rows), None if self.expected is None else self.expected[rows]
        return Seen([feature[rows] for feature in self.features], self.luminance[rows], expected)


class LuminanceAutoencoder(AutoencoderKL):
    """AutoencoderKL with `.luminance_encoder` and a luminance-guided `decode` (paper section 3.2).

    The sizes are free: one entry of `block_out_channels` a level, downscale factor 2^(levels - 1), entries multiples of
    `norm_num_groups`. Latents handed to the UNet are `scaling_factor × latent`. With `prior_channels` there is a `.color_prior`
    (`lcad.models.color_prior`) that gives the denoiser so many channels more; cells must then be of 8 px.
    """

    @register_to_config
    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        block_out_channels: tuple[int, ...] = (128, 256, 512, 512),
        layers_per_block: int = 2,
        latent_channels: int = 4,
        norm_num_groups: int = 32,
        sample_size: int = 256,
        scaling_factor: float = 0.18215,
        mid_block_add_attention: bool = True,
        prior_channels: int = 0,
    ):
        levels, own_config = len(block_out_channels), self.config
        super().__init__(
            in_channels=in_channels, out_channels=out_channels, block_out_channels=tuple(block_out_channels),
            down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels,
            layers_per_block=layers_per_block, latent_channels=latent_channels, norm_num_groups=norm_num_groups,
            sample_size=sample_size, scaling_factor=scaling_factor, mid_block_add_attention=mid_block_add_attention,
        )  # fmt: skip
        self._internal_dict = own_config  # without the parent's entries, which this constructor derives and would not take back
        self.luminance_encoder = LuminanceEncoder(
            block_out_channels=tuple(block_out_channels), layers_per_block=layers_per_block,
            norm_num_groups=norm_num_groups, mid_block_add_attention=mid_block_add_attention,
        )  # fmt: skip
        self.color_prior = ColorPrior(prior_channels) if prior_channels else None

    @property
    def downscale(self) -> int:
        """How many pixels one latent cell covers along each axis."""
        return 2 ** (len(self.config.block_out_channels) - 1)

    @property
    def luminance_channels(self) -> int:
        """Channels that the UNet takes beside the latents: those of the last luminance feature, and the color prior's."""
        return self.config.block_out_channels[-1] + self.config.prior_channels

    def see(self, lightness: torch.Tensor) -> Seen:
        """What is seen in pictures of L (B, 1, H, W) in [0, 100]; H and W multiples of `downscale`."""
        features = self.luminance_encoder(hint_from_lightness(lightness))
        if self.color_prior is None:
            return Seen(features, features[-1])
        prior_features = self.color_prior.features(lightness)
        return Seen(
            features, torch.cat([features[-1], self.color_prior.semantic(prior_features)], 1), self.color_prior.expected(prior_features)
        )

    def decode(
        self, latents: torch.Tensor, luminance: Sequence[torch.Tensor] | None = None, return_dict: bool = True
    ) -> Any:  # DecoderOutput; a tuple without `return_dict`, as diffusers has it
        """Decode latents (B, 4, h, w), not multiplied by the scaling factor, to RGB (B, 3, H, W) in about [-1, 1].

        `luminance`: the list that `luminance_encoder` returned, left as it is; None gives the plain decoder.
        Raises ValueError when the list is not as long as the decoder needs.
        """
        hidden = latents if self.post_quant_conv is None else self.post_quant_conv(latents)
        sample = self.decoder(hidden) if luminance is None else self._guided(hidden, luminance)
        return DecoderOutput(sample=sample) if return_dict else (sample,)

    def _guided(self, hidden: torch.Tensor, luminance: Sequence[torch.Tensor]) -> torch.Tensor:
        """Run the decoder, adding features from the list's end: after the mid resnets, then after each level's first resnets."""
        decoder, blocks = self.decoder, self.config.layers_per_block
        expected = blocks * len(decoder.up_blocks) + 2
        if len(luminance) != expected:
            raise ValueError(f"the decoder needs {expected} luminance features, got {len(luminance)}")
        features = reversed(luminance)
        hidden = decoder.conv_in(hidden)
        hidden = decoder.mid_block.resnets[0](hidden, None) + next(features)
        if decoder.mid_block.attentions[0] is not None:
            hidden = decoder.mid_block.attentions[0](hidden)
        hidden = decoder.mid_block.resnets[1](hidden, None) + next(features)
        for block in decoder.up_blocks:
            for resnet in block.resnets[:blocks]:
                hidden = resnet(hidden, None) + next(features)
            hidden = block.resnets[blocks](hidden, None)
            for upsampler in block.upsamplers or ():
                hidden = upsampler(hidden)
        return decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(hidden)))
