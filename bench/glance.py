"""What the glance lets through, what it loses, and how fast it is.

    python bench/glance.py --data <folder of labelled data> [--told told.json] [--folds]

Everything that is looked at goes the full way once, as if there were no glance: masked, encoded, screened (half an hour
on one core). `--told` keeps those numbers in a file by id, and reads them there the next time. `--folds` trains the
glance again on folds of the chats, and judges each by the heads and the threshold of the others. Prints survivors by
source, recall with 95 % Wilson intervals, and conversations a second of processor time; no text.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from guidance_atlas.adapters.language import FastLangdetect
from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.heads.data import read_items
from guidance_atlas.heads.glance import glance_head
from guidance_atlas.heads.material import labelled_asks, unlabelled_chats
from guidance_atlas.heads.screen import screen_head
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train import in_english
from guidance_atlas.heads.train_glance import kept_by_others, lessons_of, out_of_fold, sparse
from guidance_atlas.heads.weights import read_head
from guidance_atlas.intervals import with_share
from guidance_atlas.plan import LANGUAGES, open_readers
from guidance_atlas.runner import parts_of
from guidance_atlas.settings import Settings
from guidance_atlas.stages.glance import glance
from guidance_atlas.stages.ingest.records import ingest
from guidance_atlas.stages.ingest.sources import find_sources
from guidance_atlas.stages.outline import outline
from guidance_atlas.stages.scrub.mask import mask_conversations

FILES = ("gate_dev", "gate_train", "candor_dev", "candor_train", "chats")
TERSE = 12  # words
PASSES = 3
SEED = 7
SECRET = b"sixteen bytes or more"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--told", type=Path, help="where the screen's answers are kept")
    parser.add_argument("--folds", action="store_true", help="train on folds too")
    options = parser.parse_args()
    items = {name: in_english(read_items(options.data, name)) for name in FILES}
    told = screened(items, options.told)
    line = screen_head(read_head("screen")).threshold
    asks = labelled_asks(options.data)
    fitted = {one.item.key for one in asks if one.use == "fit"}
    fitted |= {item.key for item in unlabelled_chats(options.data, asks)}
    head = glance_head(read_head("glance"))
    print(head.identity)
    show(head, items, told, line, fitted)
    show_speed(head, options.data)
    if options.folds:
        show_folds(options.data)


def screened(items, kept) -> dict[str, float]:
    """What the screen says of every conversation by id, along the full way."""
    told = json.loads(kept.read_text(encoding="utf-8")) if kept and kept.exists() else {}
    new = [item for several in items.values() for item in several if item.id not in told]
    new = [item for item in new if any(turn.strip() for turn in item.said)]
    if new:
        masked = mask_conversations([one.said for one in new], finder=PresidioFinder(), replacer=PresidioReplacer())
        gists = [gist([text for text, *_ in turns if text.strip()]) for turns in masked]
        scores = screen_head(read_head("screen")).score(open_readers(Settings())[0].encode(gists))
        told |= {item.id: float(score) for item, score in zip(new, scores, strict=True)}
        if kept:
            kept.write_text(json.dumps(told), encoding="utf-8")
    return told


def show(head, items, told, line, fitted) -> None:
    kept, by_id = {}, {item.id: item for several in items.values() for item in several if item.id in told}
    for item, score in zip(by_id.values(), head.score([item.said for item in by_id.values()]), strict=True):
        kept[item.id] = score >= head.threshold
    chats = [item for item in items["chats"] if item.id in told]
    print("chats, kept and accepted by the screen")
    for source, n in [("all", len(chats)), *Counter(item.source for item in chats).most_common()]:
        some = [item.id for item in chats if source in ("all", item.source)]
        accepted = sum(told[one] >= line for one in some)
        print(f"  {source:28} kept {share([kept[one] for one in some])}, accepted {accepted / n:.3f}")

    def recall(name, ids):
        print(f"  {name:52} {share([kept[one] for one in ids])}")

    def accepted(several):
        return [item.id for item in several if told.get(item.id, 0) >= line]

    print("kept of what the full way accepts")
    dev = items["gate_dev"]
    recall("gate_dev", accepted(dev))
    for draw in ("natural", "enriched", "forum"):
        recall(f"gate_dev, {draw} draw", accepted([item for item in dev if item.facts["stratum"] == draw]))
    unseen = [item for item in chats if item.key not in fitted]
    recall("chats that the glance was not fitted on", accepted(unseen))
    recall("all chats, of which most were fitted on", accepted(chats))
    recall(f"terse asks, at most {TERSE} words, chats not fitted on and dev", accepted(terse([*unseen, *dev])))
    print("kept of true guidance")
    wanted = [item for item in dev if item.labels["guidance"]]
    recall("gate_dev", [item.id for item in wanted])
    recall("gate_dev, terse", [item.id for item in terse(wanted)])
    pushed = [item for item in items["candor_dev"] if item.labels.get("guidance") and item.labels.get("pushback")]
    recall("candor_dev, pushed back", [item.id for item in pushed if item.id in told])
    print(
        f"kept of the natural draw of gate_dev: {share([kept[i.id] for i in dev if i.facts['stratum'] == 'natural'])}"
    )


def terse(several):
    return [item for item in several if sum(len(turn.split()) for turn in item.said) <= TERSE]


def share(flags) -> str:
    frame = pl.DataFrame({"numerator": [int(sum(flags))], "denominator": [len(flags)]})
    if not len(flags):
        return "none"
    low, high = with_share(frame).select("low", "high").row(0)
    return f"{sum(flags):5} of {len(flags):5}, {sum(flags) / len(flags):.3f} ({low:.3f} to {high:.3f})"


def show_speed(head, data) -> None:
    """The stage as a run calls it, over records in memory, frames and all; the best of some passes."""
    held = []
    for part in parts_of(find_sources([str(data / "chats.jsonl.gz")]), Settings()):
        records = ingest(part, format=Settings().ingest.format)
        held.append((records, outline(records, secret=SECRET, detector=FastLangdetect())))
    seconds = []
    for _ in range(PASSES):
        began = time.process_time()
        n = sum(
            glance(records, known, head=head, languages=LANGUAGES)["score"].is_not_null().sum()
            for records, known in held
        )
        seconds.append(time.process_time() - began)
    print(
        f"{n / min(seconds):,.0f} conversations a second of processor time, the whole stage (n={n}, best of {PASSES})"
    )


def show_folds(data) -> None:
    asks = labelled_asks(data)
    chats, encoder = in_english(unlabelled_chats(data, asks)), open_readers(Settings())[0]
    told = lessons_of(asks, chats, screen_head(read_head("screen")), encoder=encoder)
    rows = sparse([item.said for item in told.items])
    scores, fold = out_of_fold(rows, told, seed=SEED)
    kept = kept_by_others(scores, fold, told.accepted & told.chat)
    print("\nfolds, each judged by heads and threshold of the others")
    sources = np.array([item.source for item in told.items])
    for name, some in (
        ("chats", told.chat),
        ("gate_train", np.isin([i.id for i in told.items], [i.id for i in read_items(data, "gate_train")])),
        *((name, told.chat & (sources == name)) for name in sorted(set(sources[told.chat]))),
    ):
        print(f"  {name:28} kept {share(kept[some])}; of accepted {share(kept[some & told.accepted])}")


if __name__ == "__main__":
    main()
