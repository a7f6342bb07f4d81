"""Weights from elsewhere: official L-CAD checkpoints to this package's folders and back, and Stable Diffusion 1.5 to a start.

official_tensor_names   what official checkpoints call their tensors
infer_sizes             components of the sizes that tensors have
state_dict_check        what is missing or too much, before anything is loaded
weight_files            pickles and safetensors, read so that no code in them runs
official                official state dicts ↔ components
stable_diffusion        Stable Diffusion's parts, widened
base_models             text encoder and tokenizer, from folders and the hub
convert                 whole files to whole folders and back: `convert`, `start`, `export`
"""

from lcad.conversion.convert import ConversionReport, convert, export, start
from lcad.conversion.official import components_from_official, official_from_components, official_state_dict
from lcad.conversion.weight_files import read_weights

__all__ = [
    "ConversionReport",
    "components_from_official",
    "convert",
    "export",
    "official_from_components",
    "official_state_dict",
    "read_weights",
    "start",
]
