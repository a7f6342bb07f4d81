"""Tools that leave something: proposals of captions, and runs that only add what can be made again or taken back."""

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from workbench.api import RunState, Workbench
from workbench.errors import InvalidInputError, NotAllowedError
from workbench.mcp_server.refusals import told

STARTED = (
    "colorize_images", "ground_phrases", "level_captions", "describe_images", "compare_images", "picture_features", "thumbnails",
    "evaluate_checkpoint", "verify_release", "retrain_checkpoint",
)  # fmt: skip
"""Jobs that a language model may ask for: none changes or drops what a person made, reads a path, or writes one."""
MOST_TEXTS = 20


class Working:
    """Tools that write to a store through the services of the app."""

    def __init__(self, workbench: Workbench):
        self.workbench = workbench

    def propose_captions(
        self,
        image_id: Annotated[int, Field(description="Number of the photo.")],
        texts: Annotated[list[str], Field(min_length=1, max_length=MOST_TEXTS, description="One description each.")],
        model: Annotated[str, Field(min_length=1, max_length=100, description="Your name and version, kept as the author.")],
    ) -> dict[str, Any]:
        """Propose descriptions of a photo. They wait on the Caption page until a person accepts or drops them; what is there stays."""
        rows = [{"image_id": image_id, "text": text} for text in texts]
        with told():
            if not model.strip():
                raise InvalidInputError("Say who wrote the captions: give the model's name.")
            added = self.workbench.add_captions(rows, proposed=True, origin="model", author=f"{model.strip()} (MCP)")
        return {"ids": added.ids, "added": added.added, "batch": added.batch, "status": "proposed"}

    def start_run(
        self,
        job: Annotated[str, Field(description=f"One of {', '.join(STARTED)}.")],
        settings: Annotated[
            dict[str, Any] | None, Field(description='The job\'s settings, e.g. {"query": "id:12", "seeds": [0, 1]}.')
        ] = None,
    ) -> dict[str, Any]:
        """Ask for a run; a worker carries it out, and read_run tells how it stands."""
        with told():
            if job not in STARTED:
                raise NotAllowedError(f'Language models may not start "{job}" here; they may start {", ".join(STARTED)}.')
            return _facts(self.workbench.run(job, **(settings or {})))

    def read_run(self, run_id: Annotated[int, Field(description="Number of the run.")]) -> dict[str, Any]:
        """How a run stands: status, counts, what it is doing, what came of it, and the items that failed with the reason."""
        with told():
            return _facts(self.workbench.run_state(run_id))


def _facts(state: RunState) -> dict[str, Any]:
    problems = [{"item": item, "reason": reason} for item, reason in state.problems]
    finished = state.finished_at.isoformat() if state.finished_at else None
    return asdict(state) | {"problems": problems, "finished_at": finished}
