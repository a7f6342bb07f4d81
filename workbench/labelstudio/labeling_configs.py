"""What annotators see: labeling configurations, one for each kind of task."""

from xml.sax.saxutils import quoteattr

from db.enums import RatingMethod
from db.models import Study
from workbench.studies import scales_of, takes_ties

__all__ = ["CAPTIONS", "ITEMS", "PICTURES", "REGIONS", "study_form"]

_IMAGE = '<Image name="image" value="$image" zoomControl="true"/>'
_TEXTS = '<TextArea name="caption" toName="image" rows="2" editable="true" placeholder="a red cup on a brown table"/>'
_MASKS = (
    '<BrushLabels name="brush" toName="image" value="$phrases"/>'
    '<PolygonLabels name="polygon" toName="image" value="$phrases" strokeWidth="2"/>'
)

PICTURES = f"<View>{_IMAGE}</View>"
"""For the project that holds the uploaded pictures and has no tasks."""

CAPTIONS = f'<View>{_IMAGE}<Header value="Describe the colors, one description an entry"/>{_TEXTS}</View>'

REGIONS = f'<View><Text name="text" value="$caption"/>{_MASKS}{_IMAGE}</View>'
"""One phrase of the caption a label; a mask is painted with the brush or drawn as a polygon."""

ITEMS = f"<View>{_MASKS}{_IMAGE}{_TEXTS}</View>"
"""Captions and masks of an exported release together."""


def study_form(study: Study, shown: int, always: int | None = None) -> str:
    """The form of a study's trials with up to `shown` pictures: the question, the caption, the pictures, the answer, the gray source.

    `always` is how many pictures every trial has, where some have fewer. Pictures are `picture_1` and so on, from left to right as the task
    orders them. Label Studio's Pairwise has no tie; where the study takes ties, a choice beside it says so.
    """
    pictures = "".join(f'<Image name="picture_{n}" value="$picture_{n}"/>' for n in range(1, shown + 1))
    row = f'<View style="display: flex; gap: 8px; background: #777777">{pictures}</View>'
    head = f'<Header value={quoteattr(study.question)}/><Text name="caption" value="$caption"/>'
    source = '<Image name="gray" value="$gray" width="30%"/>'
    return f"<View>{head}{row}{_answer(study, shown, shown if always is None else always)}{source}</View>"


def _answer(study: Study, shown: int, always: int) -> str:
    if study.method is RatingMethod.CATEGORY:
        return "".join(
            f'<Header value={quoteattr(f"Picture {n}: {scale.name}")} size="5"/>'
            f'<Rating name="scale_{place}_{n}" toName="picture_{n}" maxRating="{scale.points}" required="{str(n <= always).lower()}"/>'
            for n in range(1, shown + 1)
            for place, scale in enumerate(scales_of(study))
        )
    if study.method is RatingMethod.RANKING:
        return '<List name="places" value="$places" title="Best first"/><Ranker name="ranking" toName="places"/>'
    tie = '<Choices name="tie" toName="caption"><Choice value="no difference"/></Choices>' if takes_ties(study) else ""
    if study.method is RatingMethod.PAIR:
        return f'<Pairwise name="winner" toName="picture_1,picture_2"/>{tie}'
    options = "".join(f'<Choice value="{n}"/>' for n in range(1, shown + 1))
    return f'<Choices name="winner" toName="caption" showInline="true">{options}</Choices>{tie}'
