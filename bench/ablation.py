"""What tuning and the new labels each bring: the same rows, with frozen vectors, with gold alone, and as shipped.

    python bench/ablation.py --data <folder of labelled data>

Frozen: the untuned encoder and the best plain layer on it (logistic regression, ridge), penalties chosen on check rows.
All figures are of the development rows, so they may be laid beside the cards; nothing here was chosen on them.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.heads.candor import lean_to_lowest
from guidance_atlas.heads.data import read_items
from guidance_atlas.heads.evaluate import evaluate
from guidance_atlas.heads.examples import Examples, examples_of
from guidance_atlas.heads.fit import fit_logistic, fit_ridge
from guidance_atlas.heads.labels import expected_level
from guidance_atlas.heads.linear import softmax
from guidance_atlas.heads.material import labelled_asks, labelled_talks, written_exchanges
from guidance_atlas.heads.measure import accuracy, auc, average_precision, f1, figure, kappa, macro_f1, spearman
from guidance_atlas.heads.text import gist
from guidance_atlas.heads.train_asks import stakes_cuts
from guidance_atlas.heads.train_turns import read_talks
from guidance_atlas.plan import open_readers
from guidance_atlas.settings import Settings
from guidance_atlas.vocab import DOMAINS, PUSHBACK, STAKES

PENALTIES = (0.3, 1.0, 3.0, 10.0)
LOW_WEIGHT = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    print(f"{'what':48} {'figure':34} {'dev, 95 % interval':28} n")
    asks(data)
    answers(data)
    encoder, reader = open_readers(Settings())
    for found in evaluate(data, encoder=encoder, reader=reader).values():
        for one in found:
            if one.name in WANTED:
                show("tuned, as shipped", one)


WANTED = {
    "guidance F1",
    "guidance average precision",
    "guidance F1, natural draw",
    "domain accuracy",
    "domain macro-F1",
    "stakes quadratic kappa",
    "kind macro-F1, of true pushback",
    "candor Spearman",
    "sycophantic AUC",
    "pushback AUC, user turns",
}


def show(what: str, one) -> None:
    print(f"{what:48} {one.name:34} {one.value:.3f} ({one.low:.3f} to {one.high:.3f}){'':6} {one.n}")


def asks(data: Path) -> None:
    encoder = SentenceTransformerEncoder()
    rows = labelled_asks(data)
    vectors = encoder.encode([gist(one.item.said) for one in rows])
    dev = read_items(data, "gate_dev")
    dev_vectors = encoder.encode([gist(item.said) for item in dev])
    truth = np.array([float(item.labels["guidance"]) for item in dev])
    natural = np.array([item.facts["stratum"] == "natural" for item in dev])
    asked = truth > 0
    domain = np.array([float(DOMAINS.index(item.labels["domain"])) for item in dev if item.labels["guidance"]])
    fit_all = np.array([one.use == "fit" for one in rows])
    gold = np.array([one.file == "gate_train" for one in rows])
    wanted = np.array([int(one.item.labels["guidance"]) for one in rows])
    named = np.array(
        [DOMAINS.index(one.item.labels["domain"]) if one.item.labels.get("domain") else -1 for one in rows]
    )
    for what, fit in (("frozen, gold alone", fit_all & gold), ("frozen, gold, read and written", fit_all)):
        check = ~fit_all
        best = max(
            PENALTIES,
            key=lambda c: average_precision(
                wanted[check].astype(float),
                fit_logistic(vectors[fit] * 4, wanted[fit], strength=c)(vectors[check] * 4)[:, 0],
            ),
        )
        score = fit_logistic(vectors[fit] * 4, wanted[fit], strength=best)(dev_vectors * 4)[:, 0]
        told = (score >= 0).astype(float)
        show(what, figure("guidance F1", f1, truth, told))
        show(what, figure("guidance average precision", average_precision, truth, score))
        show(what, figure("guidance F1, natural draw", f1, truth[natural], told[natural]))
        some, held = fit & (named >= 0), check & (named >= 0)

        def layer(c: float, some=some):
            return fit_logistic(vectors[some] * 4, named[some], strength=c, n_classes=len(DOMAINS))

        best = max(PENALTIES, key=lambda c: float(np.mean(layer(c)(vectors[held] * 4).argmax(axis=1) == named[held])))
        told = layer(best)(dev_vectors[asked] * 4).argmax(axis=1).astype(float)
        show(what, figure("domain accuracy", accuracy, domain, told))
        show(what, figure("domain macro-F1", macro_f1, domain, told))
        show(what, stakes_figure(rows, vectors, fit, check, dev, dev_vectors))


def stakes_figure(rows, vectors, fit, check, dev, dev_vectors):
    """Levels of stakes as the heads tell them: the expected level, cut where check rows agree best."""
    level = np.array([STAKES.index(one.item.labels["stakes"]) if one.item.labels.get("stakes") else -1 for one in rows])
    some, held = fit & (level >= 0), check & (level >= 0)

    def tried(c: float):
        layer = fit_logistic(vectors[some] * 4, level[some], strength=c, n_classes=len(STAKES))
        chances = softmax(layer(vectors[held] * 4))
        cuts = stakes_cuts(level[held], chances)
        told = np.digitize(expected_level(chances), cuts)
        return agree(level[held].astype(float), told.astype(float)), c, layer, cuts

    agree = partial(kappa, n_classes=len(STAKES))
    _, _, layer, cuts = max((tried(c) for c in PENALTIES), key=lambda one: one[:2])
    known = [at for at, item in enumerate(dev) if item.labels["guidance"] and item.labels.get("stakes")]
    truth = np.array([float(STAKES.index(dev[at].labels["stakes"])) for at in known])
    told = np.digitize(expected_level(softmax(layer(dev_vectors[known] * 4))), cuts)
    return figure("stakes quadratic kappa", agree, truth, told.astype(float))


def answers(data: Path) -> None:
    reader = ExchangeReader()
    talks = labelled_talks(data)
    dev = read_talks(read_items(data, "candor_dev"), reader)
    for what, files, with_written in (
        ("read together, frozen, gold alone", {"candor_train"}, False),
        ("read together, frozen, gold, read and written", {"candor_train", "read_replies", "talks"}, True),
    ):
        fit = [one for one in talks if one.use == "fit" and one.file in files]
        examples = examples_of(fit, written_exchanges(held_out=False) if with_written else [])
        if with_written:
            words_alone(examples, dev)
        vectors = reader.read(examples.exchanges)
        candor, pushed = np.array(examples.candor), np.array(examples.pushed)
        known, heard = ~np.isnan(candor), ~np.isnan(pushed)
        weight = np.array(examples.weight)
        ridge = fit_ridge(vectors[known], candor[known], penalty=30.0, weights=weight[known])
        hears = fit_logistic(vectors[heard], pushed[heard].astype(np.int64), strength=0.05, weights=weight[heard])
        show_candor(what, dev, lambda one, ridge=ridge: ridge(np.array(list(one.answers.values())))[:, 0])
        turns = [(at, one) for one in dev for at in one.reactions]
        true = np.array([float(any(e["turn"] == at for e in one.item.labels["pushback"])) for at, one in turns])
        score = hears(np.array([one.reactions[at] for at, one in turns]))[:, 0]
        show(what, figure("pushback AUC, user turns", auc, true, score))
        shares = np.array(examples.kind)
        some = shares.sum(axis=1) > 0
        kinds = fit_logistic(vectors[some], shares[some].argmax(axis=1), strength=0.05, n_classes=len(PUSHBACK))
        events = [(one.reactions[e["turn"]], e["kind"]) for one in dev for e in one.item.labels["pushback"]]
        named = np.array([float(PUSHBACK.index(kind)) for _, kind in events])
        told = kinds(np.array([vector for vector, _ in events])).argmax(axis=1).astype(float)
        show(what, figure("kind macro-F1, of true pushback", macro_f1, named, told))


def words_alone(examples: Examples, dev) -> None:
    """A ridge on the replies' words and pairs of words, which sees nothing of what they answer to."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline

    candor = np.array(examples.candor)
    known = np.flatnonzero(~np.isnan(candor))
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), Ridge(alpha=1.0))
    texts = [examples.exchanges[at].said.text for at in known]
    model.fit(texts, candor[known], ridge__sample_weight=np.array(examples.weight)[known])
    what = "words of the reply alone, gold, read and written"
    show_candor(what, dev, lambda one: model.predict([one.item.messages[at][1] for at in one.answers]))


def show_candor(what: str, dev, score_turns) -> None:
    """Figures of whole conversations, from the scores of their assistant turns."""
    judged = [one for one in dev if one.item.labels["candor"] is not None and one.answers]
    truth = np.array([float(one.item.labels["candor"]) for one in judged])
    told = np.array([lean_to_lowest(score_turns(one), LOW_WEIGHT) for one in judged])
    show(what, figure("candor Spearman", spearman, truth, told))
    show(what, figure("sycophantic AUC", auc, (truth <= 2).astype(float), -told))


if __name__ == "__main__":
    main()
