"""Reading and writing of a head's weights: one safetensors file a head, numbers only, nothing that can run."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.errors import HeadError

Tensors = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class HeadFile:
    """What a head is made of. `encoder`: identity of the encoder whose vectors it reads, None where it reads none."""

    name: str
    encoder: str | None
    tensors: Tensors
    facts: dict[str, Any]

    @property
    def identity(self) -> str:
        """Name and digest of everything that could change an answer; also the id of the head's card."""
        total = hashlib.sha256(json.dumps([self.name, self.encoder, self.facts], sort_keys=True).encode())
        for name in sorted(self.tensors):
            tensor = np.ascontiguousarray(self.tensors[name])
            total.update(f"{name}{tensor.dtype}{tensor.shape}".encode())
            total.update(tensor.tobytes())
        return f"{self.name}-{total.hexdigest()[:12]}"

    def tensor(self, name: str) -> NDArray[np.float32]:
        """One array as 32-bit floats."""
        if name not in self.tensors:
            raise HeadError(f"head {self.name!r} lacks {name!r}; run: guidance-atlas train")
        return self.tensors[name].astype(np.float32)

    def fact(self, name: str) -> Any:  # noqa: ANN401 - a JSON value
        """One setting that was chosen in training."""
        if name not in self.facts:
            raise HeadError(f"head {self.name!r} lacks {name!r}; run: guidance-atlas train")
        return self.facts[name]

    def for_encoder(self, identity: str) -> "HeadFile":
        """The same head, or HeadError where it was trained on another encoder's vectors."""
        if self.encoder is not None and self.encoder != identity:
            raise HeadError(
                f"head {self.name!r} was trained for encoder {self.encoder}, not {identity}; "
                "run: guidance-atlas train with this encoder, or set the encoder back"
            )
        return self


def default_folder() -> Path:
    """Where the weights that come with the package lie."""
    return Path(str(resources.files("guidance_atlas.heads"))) / "weights"


def read_head(name: str, *, folder: Path | None = None) -> HeadFile:
    """Read one head. Raises HeadError where its file is missing, damaged, or of another head."""
    from safetensors import SafetensorError, safe_open

    path = (folder or default_folder()) / f"{name}.safetensors"
    if not path.is_file():
        raise HeadError(f"no weights for head {name!r}; run: guidance-atlas train")
    try:
        with safe_open(str(path), framework="numpy") as stream:
            tensors = {key: stream.get_tensor(key) for key in stream.keys()}  # noqa: SIM118 - not a dict
            about = json.loads((stream.metadata() or {})["about"])
        head = HeadFile(name=about["name"], encoder=about["encoder"], tensors=tensors, facts=about["facts"])
    except (SafetensorError, KeyError, TypeError, ValueError, OSError):
        raise HeadError(f"weights of head {name!r} are damaged; install again or run: guidance-atlas train") from None
    if head.name != name:
        raise HeadError(f"the file of head {name!r} holds another head; run: guidance-atlas train")
    return head


def write_head(head: HeadFile, *, folder: Path) -> Path:
    """Write one head so that a reader sees the old file or the whole new one, never a part."""
    from safetensors.numpy import save

    slim = replace(head, tensors={name: np.ascontiguousarray(value) for name, value in head.tensors.items()})
    about = json.dumps({"name": slim.name, "encoder": slim.encoder, "facts": slim.facts}, sort_keys=True)
    return write_bytes(folder / f"{head.name}.safetensors", save(slim.tensors, metadata={"about": about}))


def write_bytes(path: Path, content: bytes) -> Path:
    """Write beside the target, then swap it in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path
