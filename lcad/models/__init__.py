"""The networks: the luminance-guided autoencoder and its encoder, the channel-extended UNet, the color prior."""

from lcad.models.autoencoder import LuminanceAutoencoder, Seen
from lcad.models.color_prior import QUARTERS, ColorPrior
from lcad.models.unet import build_unet, cross_attentions, self_attentions, widen

__all__ = ["QUARTERS", "ColorPrior", "LuminanceAutoencoder", "Seen", "build_unet", "cross_attentions", "self_attentions", "widen"]
