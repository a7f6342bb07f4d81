"""An exponential moving average of trained parameters."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


class Average:
    """The average of parameters; its decay rises as (1 + n) / (10 + n) with the number of updates, up to `decay`."""

    def __init__(self, parameters: Iterable[nn.Parameter], decay: float):
        self.parameters = list(parameters)
        self.decay, self.updates = decay, 0
        self.values = [p.detach().clone() for p in self.parameters]

    @torch.no_grad()
    def update(self) -> None:
        """Move the average toward the parameters."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the parameters hold the average within the block."""
        current = [p.detach().clone() for p in self.parameters]
        self._put(self.values)
        try:
            yield
        finally:
            self._put(current)

    @torch.no_grad()
    def _put(self, values: list[torch.Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)

    def state_dict(self) -> dict[str, Any]:
        """The averages and the number of updates."""
        return {"values": self.values, "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over saved averages; raises ValueError when they are of other parameters."""
        if [v.shape for v in state["values"]] != [v.shape for v in self.values]:
            raise ValueError("the saved averages are of other parameters than those now trained")
        self.updates = state["updates"]
        for mine, saved in zip(self.values, state["values"], strict=True):
            mine.copy_(saved)
