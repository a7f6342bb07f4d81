"""Color: sRGB and CIELAB (D65), the lightness hint, and the way back into the sRGB gamut by chroma alone.

Constants are those of the published model (`skimage.color` has the same): IEC 61966-2-1 for sRGB, CIE 15 for Lab with the
white point (0.95047, 1, 1.08883). Tensors are channels-first, float, sRGB in [0, 1]; L in [0, 100], a and b in about
[-110, 110]. The doors for arrays take and give channels-last images.
"""

import cv2
import numpy as np
import torch

RGB_TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
WHITE = (0.95047, 1.0, 1.08883)
HINT_RANGE = 127.5  # hint = L / 127.5 - 1
GAMUT_BISECTIONS = 12  # the chroma scale is found to 2^-12
TOLERANCE = 1e-4  # of sRGB values: a color so little outside the gamut is inside
LEAST_LINEAR, MOST_LINEAR = -TOLERANCE / 12.92, ((1 + TOLERANCE + 0.055) / 1.055) ** 2.4


def _mix(matrix: torch.Tensor, channels_first: torch.Tensor) -> torch.Tensor:
    """Multiply the channel axis (third from the end) by a 3×3 matrix."""
    return torch.einsum("ij,...jhw->...ihw", matrix.to(channels_first), channels_first)


def rgb_to_lab(rgb: torch.Tensor) -> torch.Tensor:
    """Convert sRGB (…, 3, H, W) float in [0, 1] to Lab (…, 3, H, W), L in [0, 100]."""
    linear = torch.where(rgb > 0.04045, ((rgb.clamp(min=0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = _mix(torch.tensor(RGB_TO_XYZ), linear) / linear.new_tensor(WHITE)[:, None, None]
    f = torch.where(xyz > 0.008856, xyz.clamp(min=0.008856) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -3)


def _lab_to_linear(lab: torch.Tensor) -> torch.Tensor:
    """Convert Lab (3, …) to linear RGB (3, …), in which a color of sRGB lies in [0, 1]."""
    y = (lab[0] + 16) / 116
    f = torch.stack([y + lab[1] / 500, y, y - lab[2] / 200])
    xyz = torch.where(f > 0.2068966, f * f * f, (f - 16 / 116) / 7.787)
    to_linear = torch.linalg.inv(torch.tensor(RGB_TO_XYZ, dtype=torch.float64)) * torch.tensor(WHITE, dtype=torch.float64)
    return torch.einsum("ij,j...->i...", to_linear.to(lab), xyz)


def _linear_to_rgb(linear: torch.Tensor) -> torch.Tensor:
    return torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, 12.92 * linear)


def lab_to_rgb(lab: torch.Tensor) -> torch.Tensor:
    """Convert Lab (…, 3, H, W) to sRGB (…, 3, H, W) float; values outside [0, 1] are outside the gamut and are kept."""
    return _linear_to_rgb(_lab_to_linear(lab.movedim(-3, 0))).movedim(0, -3)


def lightness_of(rgb: torch.Tensor) -> torch.Tensor:
    """Lab L (…, 1, H, W) in [0, 100] of sRGB (…, 3, H, W) float in [0, 1]."""
    return rgb_to_lab(rgb)[..., :1, :, :]


def hint_from_lightness(lightness: torch.Tensor) -> torch.Tensor:
    """The model's hint (B, 3, H, W) in [-1, -0.2157] of L (B, 1, H, W) in [0, 100]: L / 127.5 - 1, repeated to 3 channels."""
    if lightness.ndim != 4 or lightness.shape[1] != 1:
        raise ValueError(f"lightness must have the shape (B, 1, H, W), got {tuple(lightness.shape)}")
    return (lightness / HINT_RANGE - 1).expand(-1, 3, -1, -1)


def _out_of_gamut(linear: torch.Tensor) -> torch.Tensor:
    """Which colors of linear RGB (3, N) are not in sRGB, within the tolerance: their indices."""
    return ((linear.amin(0) < LEAST_LINEAR) | (linear.amax(0) > MOST_LINEAR)).nonzero()[:, 0]


def _chroma_left(colors: torch.Tensor) -> torch.Tensor:
    """The largest part (N,) of the chroma of Lab (3, N), up to 1, with which each color is in sRGB."""
    low, high = torch.zeros_like(colors[0]), torch.ones_like(colors[0])
    for _ in range(GAMUT_BISECTIONS):
        middle = (low + high) / 2
        fits = torch.ones_like(middle, dtype=torch.bool)
        fits[_out_of_gamut(_lab_to_linear(torch.stack([colors[0], colors[1] * middle, colors[2] * middle])))] = False
        low, high = torch.where(fits, middle, low), torch.where(fits, high, middle)
    return low


def clip_chroma(lab: torch.Tensor) -> torch.Tensor:
    """Move Lab colors (…, 3, H, W) into the sRGB gamut by scaling (a, b) toward gray; L and hue stay, colors inside stay."""
    flat = lab.movedim(-3, 0).reshape(3, -1).clone()
    beyond = _out_of_gamut(_lab_to_linear(flat))
    flat[1:, beyond] *= _chroma_left(flat[:, beyond])
    return flat.reshape(lab.movedim(-3, 0).shape).movedim(0, -3)


def image_to_lab(image: np.ndarray) -> np.ndarray:
    """Lab (H, W, 3) float32 of an sRGB image (H, W, 3), uint8, uint16 or float in [0, 1]."""
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"an image must have the shape (H, W, 3), got {image.shape}")
    top = np.iinfo(image.dtype).max if np.issubdtype(image.dtype, np.integer) else 1
    rgb = torch.from_numpy(image.astype(np.float32) / np.float32(top)).movedim(-1, 0)
    return rgb_to_lab(rgb).movedim(0, -1).numpy()


def lab_to_image(lab: np.ndarray) -> np.ndarray:
    """The sRGB image (H, W, 3) uint8 of Lab (H, W, 3); colors outside the gamut lose chroma, never lightness."""
    return planes_to_image(np.moveaxis(lab, -1, 0))


def planes_to_image(lab: np.ndarray) -> np.ndarray:
    """The same of Lab (3, H, W), channels first."""
    colors = torch.from_numpy(np.ascontiguousarray(lab, np.float32)).flatten(1)
    linear = _lab_to_linear(colors)
    beyond = _out_of_gamut(linear)
    faded = colors[:, beyond]
    faded[1:] *= _chroma_left(faded)
    linear[:, beyond] = _lab_to_linear(faded)
    rgb = _linear_to_rgb(linear).clamp_(0, 1).mul_(255).round_().to(torch.uint8)
    return cv2.merge(list(rgb.numpy().reshape(lab.shape)))
