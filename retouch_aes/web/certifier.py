"""Why an edit: the certificate of what is on the page, by the score and the taste of the run."""

import threading
from pathlib import Path

from retouch_aes.errors import RetouchError
from retouch_aes.operators import Recipe
from retouch_aes.photo import Photo
from retouch_aes.pipeline import Certificate, Retoucher, certify


class Certifier:
    """Certifies edits with `model` and `taste`, loaded when first asked; without them the general score."""

    def __init__(self, model: str, taste: Path | None) -> None:
        self._model, self._taste = model, taste
        self._retoucher: Retoucher | None = None
        self._lock = threading.Lock()

    def __call__(self, photo: Photo, recipe: Recipe, wish: bool) -> Certificate:
        """The certificate of `recipe` on `photo`, with a counterfactual where `wish`."""
        with self._lock:
            if self._retoucher is None:
                self._retoucher = self._load()
        return certify(self._retoucher, photo, recipe, wish=wish)

    def _load(self) -> Retoucher:
        try:
            return Retoucher.load(model=self._model, taste=self._taste)
        except (RetouchError, OSError):  # the taste or the weights of that run have gone
            return Retoucher.load()
