"""A model within another's file: its kind and how to build it, beside the outer one's configuration."""

from typing import Any

from torch import nn

from retouch_aes.errors import UsageError
from retouch_aes.models.catalogue import models
from retouch_aes.models.model import AestheticModel


def nested_config(model: nn.Module) -> dict[str, Any]:
    """`{"name": short name, ...its config}`, ready for JSON. `UsageError` for a model of no known kind."""
    name, known = str(getattr(model, "short_name", "")), models()
    if known.get(name) is not type(model):
        raise UsageError(f"{type(model).__name__} is none of {', '.join(known)}, so it has no config")
    return {"name": name, **model.config}  # type: ignore[dict-item]


def nested_model(config: dict[str, Any]) -> AestheticModel:
    """The model that `nested_config` described; its weights are random."""
    settings, known = dict(config), models()
    name = settings.pop("name", None)
    if name not in known:
        raise UsageError(f"expected a model out of {', '.join(known)}, got {name!r}")
    build: Any = known[str(name)]
    found: AestheticModel = build.from_config(settings)
    return found
