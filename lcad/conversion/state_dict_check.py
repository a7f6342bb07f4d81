"""Weights into components: what does not fit is named before anything is loaded, so noise from wrong weights is never silent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import torch
from diffusers import ModelMixin

SHOWN = 5  # names of tensors that an error gives of one part

PartOf = Callable[[str], str]


def refuse_misfits(needed: Mapping[str, torch.Size], tensors: Mapping[str, torch.Tensor], part_of: PartOf) -> None:
    """Raise ValueError unless exactly the needed tensors are given in their shapes; it names and counts the others by part."""
    shared = [name for name in needed if name in tensors and tensors[name].shape != needed[name]]
    misshapen = {f"{name} is {tuple(tensors[name].shape)}, expected {tuple(needed[name])}": part_of(name) for name in shared}
    kinds = {
        "missing tensors": {name: part_of(name) for name in needed if name not in tensors},
        "unexpected tensors": {name: part_of(name) for name in tensors if name not in needed},
        "tensors of another shape": misshapen,
    }
    wrong = [_listed(kind, parts) for kind, parts in kinds.items() if parts]
    if wrong:
        raise ValueError("; ".join(wrong))


def _listed(kind: str, parts: Mapping[str, str]) -> str:
    """One sentence about tensors by name, grouped by their parts."""
    groups = defaultdict(list)
    for name, part in parts.items():
        groups[part].append(name)
    return f"{len(parts)} {kind}: " + ", ".join(f"{len(names)} of {part} ({_some(names)})" for part, names in groups.items())


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def counted(groups: Iterable[str]) -> dict[str, int]:
    """How often each group comes, in the order in which they first come."""
    counts: dict[str, int] = defaultdict(int)
    for group in groups:
        counts[group] += 1
    return dict(counts)


def filled(model: ModelMixin, weights: Mapping[str, torch.Tensor]) -> ModelMixin:
    """A model from the meta device with weights by its own names, float32, in eval mode.

    Weights that are float32 already are taken over, not copied: a mapped file of them needs no memory of its own.
    """
    shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    model.load_state_dict({name: weights[name].float().reshape(shape) for name, shape in shapes.items()}, assign=True)
    return model.eval()
