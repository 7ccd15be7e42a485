"""Reading of lexicons: named lists of regular expressions from the wording folder."""

import re
import tomllib
from functools import cache
from importlib import resources

Lexicon = dict[str, re.Pattern[str]]


@cache
def read_lexicon(name: str) -> Lexicon:
    """One compiled expression per kind, in the order of the file `wording/<name>.toml`; case is ignored.

    A word in braces in an expression stands for the expression of that name under [parts].
    """
    content = tomllib.loads((resources.files("guidance_atlas.wording") / f"{name}.toml").read_text(encoding="utf-8"))
    parts = content.get("parts", {})

    def fill(expression: str) -> str:
        for part, meaning in parts.items():
            expression = expression.replace("{" + part + "}", meaning)
        return expression

    return {
        kind: re.compile("|".join(f"(?:{fill(fill(each))})" for each in listed), re.IGNORECASE | re.MULTILINE)
        for kind, listed in content["kinds"].items()
    }
