"""The roles in their order, what each may do in words, and the role that each table asks of who writes to it."""

from db.enums import Role
from workbench.errors import NotAllowedError

ORDER = (Role.VIEWER, Role.ANNOTATOR, Role.CURATOR, Role.ADMIN)

MAY = {
    Role.VIEWER: "look at everything",
    Role.ANNOTATOR: "look, describe, tag, draw masks and try colors",
    Role.CURATOR: "do everything but say who may do what and which servers are asked",
    Role.ADMIN: "do everything",
}
HAS = {
    None: "You have no role in this project",
    Role.VIEWER: "You may look at this project but not change it",
    Role.ANNOTATOR: "You may describe and draw masks but not do this",
    Role.CURATOR: "You may curate this project but not say who may do what, nor change its settings",
}
AN = {Role.VIEWER: "viewer", Role.ANNOTATOR: "annotator", Role.CURATOR: "curator", Role.ADMIN: "admin"}

ANNOTATED = (
    "caption", "mention", "mention_color", "region", "grounding", "image_tag", "saved_view", "event",
    "run",  # which job it may be stands with the jobs
)  # fmt: skip
CURATED = (
    "assignment", "checkpoint", "colorization", "duplicate", "evaluation", "export", "image", "invitation", "label_studio_annotation",
    "label_studio_project", "landmarks", "model_answer", "participant", "picture_features", "prior_doubt", "rater", "rating",
    "rating_value", "recruitment_link", "release", "release_exclusion", "release_item", "review", "run_item", "split_assignment",
    "stimulus", "study", "trial", "worker",
)  # fmt: skip
TABLES = {
    **dict.fromkeys(ANNOTATED, Role.ANNOTATOR),
    **dict.fromkeys(CURATED, Role.CURATOR),
    **dict.fromkeys(("api_token", "person", "setting"), Role.ADMIN),
}
"""The least role that may write to a table; one that does not stand here takes an admin."""


def is_enough(role: Role | None, needed: Role) -> bool:
    """Whether a role is at least the needed one."""
    return role is not None and ORDER.index(role) >= ORDER.index(needed)


def require_role(role: Role | None, needed: Role) -> None:
    """Raise NotAllowedError, with what to ask for, where a role is not enough."""
    if not is_enough(role, needed):
        raise NotAllowedError(f"{HAS[role]}: ask an admin for the role of {AN[needed]}.")
