"""The card of a checkpoint tells how each of its evaluations was made."""

from workbench.hub.checkpoint_files import card


def test_an_evaluation_by_captions_alone_is_marked_in_the_card():
    rows = [
        {"release": "set 1.0.0", "split": "test", "settings": settings, "metrics": {"adherence": adherence}}
        for settings, adherence in (({}, 0.9), ({"captions_alone": True}, 0.7))
    ]
    unknown = {"note": "", "parent": None, "release": None, "training": {}}
    lines = card({"name": "mini", "digest": "0" * 64, "evaluations": rows, **unknown}).splitlines()
    assert "| set 1.0.0 | test | 0.9 |" in lines
    assert "| set 1.0.0 | test, captions alone | 0.7 |" in lines
