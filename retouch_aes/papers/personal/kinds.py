"""The kinds of scores that the papers' methods store, by short name, for whoever reads them back."""

from retouch_aes.models.catalogue import models
from retouch_aes.models.model import AestheticModel
from retouch_aes.papers import methods
from retouch_aes.papers.cfan.score import CFANScore
from retouch_aes.papers.common.maps_model import MapsModel
from retouch_aes.papers.common.personal_score import PersonalScore
from retouch_aes.papers.kong.model import Kong


def personal_kinds() -> dict[str, type[AestheticModel]]:
    """All models that a taste's file may hold: those of `models()`, and one person's by the papers."""
    methods()  # their parts are known once they are imported
    own: dict[str, type[AestheticModel]] = {
        PersonalScore.short_name: PersonalScore,
        MapsModel.short_name: MapsModel,
        Kong.short_name: Kong,
        CFANScore.short_name: CFANScore,
    }
    return {**models(), **own}
