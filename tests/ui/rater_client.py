"""A rater over HTTP, for tests of the raters' page."""

from sqlalchemy import select

from db.models import Rating, Study
from tests.stores import reading, writing
from workbench.rating import screening, vision_tests
from workbench.studies import raters

SCREEN = {"width": 1440, "height": 900, "pixel_ratio": 2, "gamut": "p3"}


class RaterClient:
    """A rater over HTTP."""

    def __init__(self, client, filled, token):
        self.client, self.filled, self.token = client, filled, token

    def get(self, path):
        return self.client.get(f"/r/{self.token}/{path}")

    def post(self, path, **body):
        return self.client.post(f"/r/{self.token}/{path}", json=body)

    def plate_set(self):
        with reading(self.filled) as session:
            row = raters.authenticate(session, self.token)
            return screening.plate_set(session.get_one(Study, row.study_id), row)

    def counted(self):
        return {field: vision_tests.field_count(field, self.plate_set()) for field in vision_tests.FIELDS}

    def read(self):
        return [plate.digit for plate in vision_tests.plates_of(self.plate_set())]

    def begin(self):
        """Through consent and screening to the first trial."""
        self.post("consent", agreed=True)
        self.post("display", **self.counted(), **SCREEN)
        return self.post("vision", answers=self.read()).json()

    def votes(self):
        with reading(self.filled) as session:
            rater_id = raters.authenticate(session, self.token).rater_id
            return list(session.scalars(select(Rating).where(Rating.rater_id == rater_id).order_by(Rating.id)))


def design(filled, **rules):
    with writing(filled) as session:
        session.get_one(Study, 1).design = rules
