"""Networks as ONNX files, run by onnxruntime (an optional package) on the CPU."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.enhancers.hosted import Hosted
from retouch_aes.enhancers.programs import check_input
from retouch_aes.errors import MissingExtraError, UsageError, WeightsError
from retouch_aes.models.files import first_line


class OnnxNetwork(nn.Module):
    """One float32 input `(1, 3, H, W)`, one output of the same shape; without gradients."""

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session
        self.input: str = session.get_inputs()[0].name

    def forward(self, image: Tensor) -> Tensor:
        """See the class; photos of a batch go one by one."""
        if image.requires_grad and torch.is_grad_enabled():
            raise UsageError("an ONNX file has no gradients, so nothing can be trained through it")
        planes = image.detach().cpu().float().numpy()
        try:
            made = [
                self.session.run(None, {self.input: np.ascontiguousarray(one[None])})[0] for one in planes
            ]
        except Exception as error:  # onnxruntime's exceptions share no base class
            raise RuntimeError(str(error).replace("\n", " ")) from error
        return torch.from_numpy(np.concatenate(made)).to(image)


def host_onnx(path: Path) -> Hosted:
    """The ONNX file at `path`. `WeightsError` where it is none, `UsageError` where it takes no photo."""
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError("an enhancer in ONNX", "onnx") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what matters comes as an exception
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(
            str(path),
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # it would print, and try the same again
        )
    except Exception as error:  # onnxruntime's exceptions share no base class
        raise WeightsError(f"{path} cannot be loaded as ONNX: {first_line(error)}") from None
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise UsageError(f"{path}: expected one input and one output, got {len(inputs)} and {len(outputs)}")
    if inputs[0].type != "tensor(float)":
        raise UsageError(f"{path}: expected a float32 input in [0, 1], the network takes {inputs[0].type}")
    shape = tuple(side if isinstance(side, int) else None for side in inputs[0].shape)
    return Hosted(OnnxNetwork(session), str(path), full_size=check_input(shape, str(path)))
