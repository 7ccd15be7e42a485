"""People and places by a token classifier of the transformers library."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from guidance_atlas.adapters.learnt_names import LABELS
from guidance_atlas.errors import SettingsError
from guidance_atlas.ports import Span

LEAST_SCORE = 0.5
# Windows of tokens, so that a text of any length is read in time linear in its length; neighbours overlap.
WINDOW, OVERLAP = 256, 32


class TransformerNames:
    """Entities of a model folder: config.json with `id2label`, weights, and a fast tokenizer."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    @cached_property
    def identity(self) -> str:
        """Name of the folder and digest of all that is in it."""
        digest = hashlib.sha256()
        for file in sorted(self._checked.rglob("*")):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        return f"transformers {self._folder.name} {digest.hexdigest()[:12]}"

    def find(self, texts: Sequence[str]) -> Iterable[Sequence[Span]]:
        """People and places of each text; each text is read alone, so that its company changes nothing."""
        return [list(self._find(text)) if text.strip() else [] for text in texts]

    def _find(self, text: str) -> Iterator[Span]:
        import torch

        tokenizer, model = self._loaded
        encoded = tokenizer(
            text,
            return_offsets_mapping=True,
            return_overflowing_tokens=True,
            truncation=True,
            max_length=WINDOW,
            stride=OVERLAP,
        )
        names = model.config.id2label
        for ids, mask, offsets in zip(
            encoded["input_ids"], encoded["attention_mask"], encoded["offset_mapping"], strict=True
        ):
            with torch.inference_mode():
                scores = model(input_ids=torch.tensor([ids]), attention_mask=torch.tensor([mask])).logits[0].softmax(-1)
            best = scores.max(-1)
            tokens = zip(offsets, best.values.tolist(), best.indices.tolist(), strict=True)
            yield from _joined([(a, b, score, names[label]) for (a, b), score, label in tokens if b > a])

    @property
    def _checked(self) -> Path:
        if not (self._folder / "config.json").is_file():
            raise SettingsError(
                f"scrub.ner: no transformers model in {self._folder}: give the folder that holds its config.json, "
                'as "transformers:FOLDER"'
            )
        return self._folder

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForTokenClassification, AutoTokenizer

        # From the folder alone: nothing is fetched, and no code that lies in it is run.
        tokenizer = AutoTokenizer.from_pretrained(self._checked, local_files_only=True, trust_remote_code=False)
        model = AutoModelForTokenClassification.from_pretrained(
            self._checked, local_files_only=True, trust_remote_code=False
        )
        return tokenizer, model.eval()


def _joined(tokens: list[tuple[int, int, float, str]]) -> Iterator[Span]:
    """Neighbouring tokens of one kind as one span, as sure as its surest token; B- begins a new one."""
    current: Span | None = None
    for start, end, score, label in tokens:
        begins, _, name = label.rpartition("-")
        kind = LABELS.get(name.upper())
        if kind is None or score < LEAST_SCORE:
            if current:
                yield current
            current = None
        elif current and current.kind == kind and begins != "B" and start - current.end <= 1:
            current = Span(current.start, end, kind, max(current.score, score))
        else:
            if current:
                yield current
            current = Span(start, end, kind, score)
    if current:
        yield current
