"""Finding on a page what a person presses and fills in, and the run that it asks for."""

from tests.stores import reading
from workbench import runs


def newest_run(filled):
    with reading(filled) as session:
        return runs.listing(session, limit=1)[0]


def button(app, label):
    return next(button for button in app.button if button.label == label)


def field(app, label):
    return next(field for field in app.text_input if field.label == label)
