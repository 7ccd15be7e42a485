"""Builders for the tests of the finder of names: small files of marked texts and of chats."""

import gzip
import json
import random

FILES = ("pii_wnut17", "pii_btc_tweets", "pii_presidio_generated_large", "pii_chat_dev", "chats")


def marked(ident, text, *shown, label="person", **facts):
    """A row whose spans are the first places where these stretches stand."""
    spans = [{"start": text.index(one), "end": text.index(one) + len(one), "label": label} for one in shown]
    return {"id": ident, "text": text, "spans": spans, **facts}


def talk(ident, *said, **facts):
    """A conversation of `chats`."""
    return {"id": ident, "messages": [{"role": "user", "content": text} for text in said], **facts}


def write_names_data(folder, **files):
    """A folder of data; files that are not given are empty."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in files.get(name, ()))
    return folder


def small_world(n=240, seed=0):
    """Texts in which whoever is greeted with "ahoy" is a person, and nobody else: something to learn."""
    chance = random.Random(seed)
    rows = []
    for at in range(n):
        strange = "".join(chance.choice(["zo", "ka", "mi", "tru", "vel"]) for _ in range(3)).capitalize()
        text = f"we said ahoy {strange} at noon" if at % 2 else f"we ate some {strange} at noon"
        names = [strange] if at % 2 else []
        part = ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")[at % 12 // 10 + (at % 12 == 11)]
        rows.append(marked(f"pii_wnut17:{part}_{at}", text, *names))
    tweets = [{**row, "id": f"pii_btc_tweets:a_{at}", "section": "af"[at % 8 == 0]} for at, row in enumerate(rows)]
    tweets = [{**row, "spans": [{**span, "label": "PER"} for span in row["spans"]]} for row in tweets]
    chats = [talk(f"c{at}", "we ate some bread at noon", "The bread was Good at noon") for at in range(60)]
    return {"pii_wnut17": rows, "pii_btc_tweets": tweets, "chats": chats, "pii_chat_dev": rows[:20]}
