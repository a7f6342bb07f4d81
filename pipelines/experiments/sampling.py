"""What steps, guidance and solvers give."""

from pipelines.experiments.frame import Condition, Experiment, with_sampling

STEPS, SCALES = (2, 4, 20), (1.0, 2.0, 8.0)


def _solver(name: str):
    return lambda settings: settings.overridden(solver=name)


EXPERIMENT = Experiment(
    "sampling",
    "How do the number of steps, the scale of guidance and the solver change the colors?",
    (
        Condition("as set"),
        *(Condition(f"{steps} steps", sampling=with_sampling(steps=steps)) for steps in STEPS),
        *(Condition(f"guidance {scale:g}", sampling=with_sampling(guidance=scale)) for scale in SCALES),
        *(Condition(name, settings=_solver(name)) for name in ("ddim", "unipc")),
    ),
    note="Each condition changes one setting of the checkpoint's own and keeps the rest.",
)
