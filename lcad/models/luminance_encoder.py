"""The luminance encoder: features of the lightness that guide the UNet's input and every level of the decoder."""

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from diffusers.models.unets.unet_2d_blocks import DownEncoderBlock2D, UNetMidBlock2D
from torch import nn

EPSILON = 1e-6  # of the group norms, as in the autoencoder


class LuminanceEncoder(ModelMixin, ConfigMixin):
    """The encoder's topology of a VAE with a zero-initialized 1×1 convolution after every resnet (paper section 3.2).

    `block_out_channels` has one entry a level; each level but the last halves the size, so the last feature is smaller by
    2^(levels - 1). Every entry must be a multiple of `norm_num_groups`.
    """

    @register_to_config
    def __init__(
        self,
        in_channels: int = 3,
        block_out_channels: tuple[int, ...] = (128, 256, 512, 512),
        layers_per_block: int = 2,
        norm_num_groups: int = 32,
        mid_block_add_attention: bool = True,
    ):
        super().__init__()
        widths, groups = list(block_out_channels), norm_num_groups
        self.conv_in = nn.Conv2d(in_channels, widths[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(
            DownEncoderBlock2D(
                before, after, num_layers=layers_per_block, resnet_eps=EPSILON, resnet_groups=groups,
                add_downsample=level < len(widths) - 1, downsample_padding=0,
            )
            for level, (before, after) in enumerate(zip([widths[0], *widths[:-1]], widths, strict=True))
        )  # fmt: skip
        self.mid_block = UNetMidBlock2D(
            widths[-1], temb_channels=None, resnet_eps=EPSILON, resnet_groups=groups, attention_head_dim=widths[-1],
            add_attention=mid_block_add_attention,
        )  # fmt: skip
        channels = [width for width in widths for _ in range(layers_per_block)] + [widths[-1]] * 2
        self.feature_convs = nn.ModuleList(nn.Conv2d(width, width, 1) for width in channels)
        self.zero_features()

    def zero_features(self) -> None:
        """Zero the feature convolutions: a decoder that adds the features then equals the plain decoder."""
        for conv in self.feature_convs:
            nn.init.zeros_(conv.weight), nn.init.zeros_(conv.bias)

    def forward(self, hint: torch.Tensor) -> list[torch.Tensor]:
        """Features of a hint (B, 3, H, W): one after each resnet, levels first to last, then after the two mid resnets.

        H and W must be multiples of 2^(levels - 1). The last feature (B, c, H/f, W/f) is the UNet's luminance channels.
        """
        hidden, states = self.conv_in(hint), []
        for block in self.down_blocks:
            for resnet in block.resnets:
                hidden = resnet(hidden, None)
                states.append(hidden)
            for downsampler in block.downsamplers or ():
                hidden = downsampler(hidden)
        hidden = self.mid_block.resnets[0](hidden, None)
        states.append(hidden)
        if self.mid_block.attentions[0] is not None:
            hidden = self.mid_block.attentions[0](hidden)
        states.append(self.mid_block.resnets[1](hidden, None))
        return [conv(state) for conv, state in zip(self.feature_convs, states, strict=True)]
