"""What is offered where a query is typed can be read, and comes from the store."""

from tests.stores import add_caption, add_image
from workbench import images, search
from workbench.search import saved_views
from workbench.search.completions import completions


def test_every_value_that_is_offered_can_be_asked_for(session, media):
    image = add_image(session, media, source="an album")
    add_caption(session, image)
    images.tag(session, [image.id], "night shot", actor="ada")
    saved_views.save(session, "reds", "color:red", actor="ada")
    offered = completions(session)
    assert offered.values["tag"] == ("night shot",)
    assert offered.values["source"] == ("an album",)
    assert "cup" in offered.values["object"]
    assert offered.views == (("reds", "color:red"),)
    for key, values in offered.values.items():
        for value in values:
            search.parse(f'{key}:"{value}"')
    assert all(sentence for _, sentence in offered.keys)
