"""Reading of lexicons: named lists of regular expressions from the wording folder."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

Lexicon = dict[str, re.Pattern[str]]


@cache
def read_lexicon(name: str) -> Lexicon:
    """One compiled expression per kind, in the order of the file `wording/<name>.toml`; case is ignored."""
    text = (resources.files("guidance_atlas.wording") / f"{name}.toml").read_text(encoding="utf-8")
    return compile_lexicon(tomllib.loads(text))


def compile_lexicon(content: Mapping[str, Any]) -> Lexicon:
    """Compile the lists under [kinds]; a word in braces stands for the expression of that name under [parts]."""
    parts = content.get("parts", {})

    def fill(expression: str) -> str:
        for part, meaning in parts.items():
            expression = expression.replace("{" + part + "}", meaning)
        return expression

    return {
        kind: re.compile("|".join(f"(?:{fill(each)})" for each in listed), re.IGNORECASE | re.MULTILINE)
        for kind, listed in content["kinds"].items()
    }
