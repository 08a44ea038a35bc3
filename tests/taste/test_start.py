"""What a retouch to a taste must not wait for."""

import subprocess
import sys

SEARCH = """
import sys, torch
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.taste.gp.prior import PersonalPrior
from retouch_aes.taste.style_features import STYLE_FEATURES
from retouch_aes.models.edit_prior import NeutralPrior

class LikesLight:
    def of_style(self, styles, reference):
        return styles[:, STYLE_FEATURES.index("light")] - reference[:, STYLE_FEATURES.index("light")]

chain = EditChain(select(AUTO))
image = torch.rand(1, 3, 60, 80, generator=torch.Generator().manual_seed(0)) * 0.5
units, _ = PersonalPrior(NeutralPrior(), LikesLight()).guess(image, chain)
assert units[0, chain.names.index("exposure.ev")] > 0, units
print("torch._dynamo" in sys.modules)
"""


def test_a_personal_guess_does_not_import_the_compiler() -> None:
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("False", 0), done.stderr
