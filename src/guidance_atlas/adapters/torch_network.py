"""Torch as the library that multiplies, on a processor or a graphics card."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from guidance_atlas.adapters.batches import Numbers
from guidance_atlas.adapters.models import Source, one_thread, quiet
from guidance_atlas.adapters.opened import Opened, Reading
from guidance_atlas.ports import Matrix


def network_of(source: Source, model: Any) -> Any:  # noqa: ANN401
    """The torch module of a source in its opened model."""
    from guidance_atlas.adapters.tokens import Asked, Exchanged

    return (Asked if source.kind == "asked" else Exchanged)(model).eval()


def open_torch(source: Source, floats: str, device: str = "cpu") -> Opened:
    """A source opened in these floats; sums over tokens and what follows them stay in 32-bit floats."""
    import torch

    model = source.open()
    network = network_of(source, model).to(device)
    if floats == "bfloat16":
        network.first.to(torch.bfloat16)

    def run(*inputs: Numbers) -> Matrix:
        with torch.inference_mode(), one_thread():
            tensors = [torch.from_numpy(each).to(device) for each in inputs[: network.n_inputs]]
            found: Matrix = network(*tensors).to(torch.float32).cpu().numpy()
        return found

    def tokenize(texts: list[str], limit: int, special: bool) -> list[list[int]]:
        with quiet():
            told = model.tokenizer(texts, add_special_tokens=special, truncation=True, max_length=limit)
        return list(told["input_ids"])

    return Opened(reading_of(network, model), tokenize, run)


def open_to_train(source: Source) -> Any:  # noqa: ANN401 - the library's own class differs by model
    """The transformer of a source, a new one each time; in bfloat16 where the processor multiplies it."""
    import torch

    transformer = source.open()[0].auto_model
    return transformer.to(torch.bfloat16) if multiplies_short_floats() else transformer


def reading_of(network: Any, model: Any) -> Reading:  # noqa: ANN401
    """What texts become before they reach a network."""
    tokenizer = model.tokenizer
    return Reading(
        width=network.width,
        limit=network.limit,
        prompt=model.prompts.get(model.default_prompt_name or "", "") or "",
        begin=tokenizer.cls_token_id,
        end=tokenizer.sep_token_id,
        pad=tokenizer.pad_token_id or 0,
    )


@lru_cache(maxsize=1)
def processor() -> str:
    """What the kernel tells of the first core: its name and instructions; empty where it tells nothing."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        return ""
    return "\n".join(line for line in lines if line.startswith(("model name", "flags", "Features")))


def multiplies_short_floats() -> bool:
    """Whether this processor has instructions for products of bfloat16; without them they are slower than floats."""
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(processor().split())


def has_gpu() -> bool:
    """Whether torch finds a graphics card; torch is not even imported where there is no driver of one."""
    if not Path("/dev/nvidiactl").exists():
        return False
    import torch

    return bool(torch.cuda.is_available())
