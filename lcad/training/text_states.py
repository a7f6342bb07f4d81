"""What a text encoder makes of captions, worked out once for each while the encoder does not learn.

The published parameter set and low-rank additions leave the text encoder as it is, and a release has few captions beside the steps of a
training. Each caption is encoded alone: so its state does not depend on what else was in the batch, nor on whether a training was resumed.
"""

from collections import OrderedDict

import torch
from torch import nn

MOST = 4096  # captions kept; 77 tokens of 768 numbers in float32 are 0.24 MB


class TextStates:
    """The last hidden states of captions by text encoders, those of frozen ones kept; the least lately used is forgotten first."""

    def __init__(self, most: int = MOST):
        self.most = most
        self._kept: OrderedDict[tuple, torch.Tensor] = OrderedDict()

    def __call__(self, text_encoder: nn.Module, ids: torch.Tensor) -> torch.Tensor:
        """States (B, T, D) of token ids (B, T); those of an encoder that learns, or has nothing to learn, are not kept."""
        learning = [parameter.requires_grad for parameter in text_encoder.parameters()]
        if not learning or any(learning):
            return text_encoder(input_ids=ids).last_hidden_state
        return torch.cat([self._state(text_encoder, row) for row in ids.split(1)])

    @torch.no_grad()
    def _state(self, text_encoder: nn.Module, row: torch.Tensor) -> torch.Tensor:
        key = (id(text_encoder), *row[0].tolist())
        if key not in self._kept:
            with torch.autocast(row.device.type, enabled=False):
                self._kept[key] = text_encoder(input_ids=row).last_hidden_state
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
