"""OpenVINO as the library that multiplies: a network is translated once, kept as files, compiled in each process."""

import json
import os
import sys
import warnings
from dataclasses import asdict
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from guidance_atlas.adapters.batches import Numbers
from guidance_atlas.adapters.models import Source, quiet
from guidance_atlas.adapters.opened import Opened, Reading
from guidance_atlas.ports import Matrix

NETWORK, TOKENIZER, READING = "network.xml", "tokenizer.json", "reading.json"
# One thread a process, as everywhere: processes are what runs side by side.
CONFIG = {"INFERENCE_NUM_THREADS": "1", "NUM_STREAMS": "1", "ENABLE_CPU_PINNING": "NO"}
HINTS = {"bfloat16": "bf16", "float32": "f32"}


def installed() -> bool:
    """Whether the extra is there."""
    return find_spec("openvino") is not None


@lru_cache(maxsize=1)
def floats() -> str:
    """The shortest floats that this processor multiplies and OpenVINO uses."""
    capable = _library().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bfloat16" if "BF16" in capable else "float32"


def translate(source: Source, folder: Path) -> None:
    """Write a source's network, for any number and length of texts, and its tokenizer into a folder.

    The frontend is asked directly: `openvino.convert_model` does the same and reports each call to its maker.
    """
    ov = _library()
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    from guidance_atlas.adapters.torch_network import network_of, reading_of

    model = source.open()
    network = network_of(source, model)
    example = tuple([torch.ones(2, 16, dtype=torch.long)] * network.n_inputs)
    with torch.inference_mode(), quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of branches that tracing fixes; batches padded to one length take the same
        decoder = TorchScriptPythonDecoder(network, example_input=example)
        frontend = FrontEndManager().load_by_framework("pytorch")
        ov.save_model(frontend.convert(frontend.load(decoder)), folder / NETWORK, compress_to_fp16=False)
    (folder / TOKENIZER).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    (folder / READING).write_text(json.dumps(asdict(reading_of(network, model))), encoding="utf-8")


def open_openvino(folder: Path, floats: str) -> Opened:
    """The network in a folder, compiled for these floats. Neither torch nor transformers is imported for it."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    core = _library().Core()
    config = {**CONFIG, "INFERENCE_PRECISION_HINT": HINTS[floats]}
    # One for all lengths: each compiled for itself would be a tenth quicker, and cost half a second and 50 MB a length.
    request = core.compile_model(core.read_model(folder / NETWORK), "CPU", config).create_infer_request()
    n_inputs = len(request.model_inputs)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()

    def run(*inputs: Numbers) -> Matrix:
        found: Matrix = request.infer(list(inputs[:n_inputs]))[0]
        return found.copy()  # the next call writes over it

    def tokenize(texts: list[str], limit: int, special: bool) -> list[list[int]]:
        tokenizer.enable_truncation(limit)
        return [one.ids for one in tokenizer.encode_batch_fast(texts, add_special_tokens=special)]

    reading = Reading(**json.loads((folder / READING).read_text(encoding="utf-8")))
    return Opened(reading, tokenize, run)


def _library() -> Any:  # noqa: ANN401
    """The library, imported so that it cannot report itself to its maker: its module that does so is kept out."""
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
