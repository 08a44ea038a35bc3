"""What a retoucher is made of, by name: small, hashable, and the same in every process."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.models.catalogue import weights_digest
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.pipeline.framing_choice import FramingChoice

GUESS = "edit-prior"


@dataclass(frozen=True)
class RetoucherSpec:
    """Names and files for `Retoucher.load`; see there for what each means."""

    model: str = "aesthetic-compact"
    taste: str | None = None
    prior: str | None = "edit-prior"
    fast: str | None = None
    operators: tuple[str, ...] | None = None
    look: str | None = None
    framing: FramingChoice | None = None
    denoise: bool = True
    light: bool | None = None
    settings: RetouchSettings = field(default_factory=RetouchSettings)
    device: str = "auto"
    at_once: int | None = None

    @property
    def one_pass(self) -> str | None:
        """The one-pass network of `fast`; None without one, and where the prior itself is to be taken."""
        return None if self.fast in (None, GUESS) else self.fast

    @property
    def arguments(self) -> dict[str, Any]:
        """What `Retoucher.load` is called with."""
        return vars(self) | {"fast": self.one_pass or self.fast == GUESS}

    @property
    def signature(self) -> str:
        """Sixteen hexadecimal digits of all that decides a result, beside the photo and the device."""
        names = [name for name in (self.model, self.prior, self.one_pass) if name is not None]
        weights = [weights_digest(name) for name in names]
        files = [Path(file) for file in (self.taste, self.look) if file is not None]
        weights += [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        about: list[Any] = [version("retouch_aes"), weights, self.operators, asdict(self.settings)]
        if self.framing is not None:
            about.append(asdict(self.framing))
        if not self.denoise:
            about.append("no denoise")
        if self.light is not None:
            about.append(f"light {self.light}")
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    @staticmethod
    def settings_for(settings: RetouchSettings | None, *, fast: bool) -> RetouchSettings:
        """`settings`, by default those of a search; where `fast`, of none."""
        if settings is not None:
            return settings
        plain = RetouchSettings()
        return replace(plain, solver=BFGS(steps=0)) if fast else plain
