"""The development rows as the heads see them, to measure on and never to train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guidance_atlas.heads.data import Item, read_items
from guidance_atlas.heads.examples import replies_of
from guidance_atlas.heads.material import written_exchanges
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train_turns import ReadTalk, read_talks
from guidance_atlas.ports import Encoder, Matrix, Reader

FEWEST = 8  # rows of a domain or source that has a figure of its own


@dataclass(frozen=True)
class Dev:
    """The development rows with their vectors, and written situations held out from training."""

    gate: Sequence[Item]
    vectors: Matrix
    talks: Sequence[ReadTalk]
    pairs: Sequence[dict[str, Matrix]]  # per situation: vector (1, width) of each reply by name


def read_dev(data: Path, *, encoder: Encoder, reader: Reader) -> Dev:
    """Read and encode the development rows and the written situations that were held out."""
    gate, candor = read_items(data, "gate_dev"), read_items(data, "candor_dev")
    replies = [replies_of(row) for row in written_exchanges(held_out=True)]
    read = reader.read([exchange for one in replies for exchange in one.values()])
    rows = iter(read)
    pairs = [{name: next(rows)[None, :] for name in one} for one in replies]
    return Dev(gate, encoder.encode([gist(item.said) for item in gate]), read_talks(candor, reader), pairs)
