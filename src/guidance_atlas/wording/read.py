"""Reading the word lists and tables that ship beside this file."""

from functools import cache
from importlib.resources import files


@cache
def word_list(name: str) -> tuple[str, ...]:
    """The words of `<name>.txt`, in file order; lines that start with # are remarks."""
    text = files("guidance_atlas.wording").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
