"""L-CAD: language-based colorization at any level of description (Chang et al., NeurIPS 2023), exact, fast, instance-aware."""

from importlib import import_module

_HOMES = {
    "Colorizer": "lcad.pipeline",
    "LCADPipeline": "lcad.pipeline",
    "LCADPipelineOutput": "lcad.pipeline_output",
    "Region": "lcad.requests",
    "load_pipeline": "lcad.loading",
}
__all__ = ["Colorizer", "LCADPipeline", "LCADPipelineOutput", "Region", "load_pipeline"]


def __getattr__(name: str):
    """Load what is asked for only then: importing one module of this package need not load transformers and diffusers."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
