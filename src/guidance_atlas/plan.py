"""The plan: every stage in order with its settings and models in hand. The one file that knows them all."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from guidance_atlas.adapters.exchange_reader import ExchangeReader
from guidance_atlas.adapters.language import FastLangdetect
from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.adapters.umap_hdbscan import UmapHdbscan
from guidance_atlas.chain import Scope, Stage, check_chain, stage
from guidance_atlas.contracts import Parts
from guidance_atlas.heads.candor import candor_head
from guidance_atlas.heads.drift import drift_head
from guidance_atlas.heads.errors_in_use import errors_in_use
from guidance_atlas.heads.glance import glance_head
from guidance_atlas.heads.labels import labels_head
from guidance_atlas.heads.opened import EXCHANGE_TUNING, GUIDANCE_TUNING, ON_EXCHANGES
from guidance_atlas.heads.pushback import pushback_head
from guidance_atlas.heads.screen import screen_head
from guidance_atlas.heads.weights import HeadFile, read_head
from guidance_atlas.settings import Settings
from guidance_atlas.sqlbook import SQL, SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.classify import classify
from guidance_atlas.stages.clump.clump import clump
from guidance_atlas.stages.cluster import cluster
from guidance_atlas.stages.correct import correct, correct_inside
from guidance_atlas.stages.embed import embed
from guidance_atlas.stages.embed_turns import embed_turns
from guidance_atlas.stages.forgotten import NOBODY, Forgotten
from guidance_atlas.stages.glance import glance
from guidance_atlas.stages.ingest.records import ingest
from guidance_atlas.stages.judge.conclude import conclude
from guidance_atlas.stages.judge.hear import hear
from guidance_atlas.stages.judge.judge import judge
from guidance_atlas.stages.name.gather_terms import gather_terms
from guidance_atlas.stages.name.name import name
from guidance_atlas.stages.name.terms import closed_list
from guidance_atlas.stages.outline import outline
from guidance_atlas.stages.probe import planted, probe
from guidance_atlas.stages.protect import protect, protect_inside
from guidance_atlas.stages.roster import roster
from guidance_atlas.stages.screen import screen
from guidance_atlas.stages.scrub.mask import scrub

LANGUAGES = frozenset({"en"})  # those the heads were trained on


@lru_cache(maxsize=2)
def plan(settings: Settings, secret: bytes) -> Sequence[Stage]:
    """Every stage in order, checked. Models are opened when first used."""
    folder = settings.heads.folder
    encoder, reader = open_readers(settings)
    finder = PresidioFinder(
        keep=settings.scrub.keep, ner=settings.scrub.ner, names=settings.scrub.names, folder=settings.heads.folder
    )

    def weights(name: str) -> HeadFile:
        return read_head(name, folder=folder).for_encoder((reader if name in ON_EXCHANGES else encoder).made_for)

    first_look = glance_head(weights("glance")) if settings.glance.on else None
    candor = candor_head(weights("candor"))
    errors = errors_in_use(settings)
    part, corpus = Scope.PART, Scope.CORPUS
    stages = [
        stage(ingest, scope=part, format=settings.ingest.format),
        stage(
            outline,
            scope=part,
            gate=True,
            secret=secret,
            detector=FastLangdetect(),
            since=settings.ingest.since,
            until=settings.ingest.until,
            models=settings.ingest.models,
            forgotten=NOBODY,  # `remembering` puts in whom a root forgot
        ),
        stage(glance, scope=part, gate=True, head=first_look, languages=LANGUAGES),
        stage(scrub, scope=part, gate=True, finder=finder, replacer=PresidioReplacer()),
        stage(embed, scope=part, encoder=encoder),
        stage(screen, scope=part, head=screen_head(weights("screen"))),
        stage(classify, scope=part, head=labels_head(weights("labels"))),
        stage(embed_turns, scope=part, reader=reader),
        stage(hear, scope=part, head=pushback_head(weights("pushback"))),
        stage(judge, scope=part, candor=candor, drift=drift_head(weights("drift"))),
        stage(conclude, scope=part, head=candor),
        stage(probe, scope=corpus, planted=planted(), finder=finder, replacer=PresidioReplacer()),
        stage(roster, scope=corpus, one_per_person=settings.ingest.one_per_person),
        stage(clump, scope=corpus),
        stage(cluster, scope=corpus, grouper=grouper(settings)),
        stage(
            gather_terms,
            scope=corpus,
            gate=True,
            words=closed_list(),
            # The net would rather mask too much; in a closed list of everyday words it sees names that are none.
            finder=PresidioFinder(keep=settings.scrub.keep, ner=settings.scrub.ner, names="lists"),
            least_people=settings.protect.inside_people,
        ),
        stage(name, scope=corpus, gate=True, least_people=settings.protect.inside_people),
        stage(
            aggregate,
            scope=corpus,
            gate=True,
            book=SqlBook(SQL),
            # One set of names for inside and outside: else one could be subtracted from the other.
            least_to_name=max(settings.protect.inside_people, settings.protect.release_people),
        ),
        stage(protect_inside, scope=corpus, least_people=settings.protect.inside_people, round_to=1),
        stage(
            protect,
            scope=corpus,
            gate=True,
            least_people=settings.protect.release_people,
            round_to=settings.protect.release_round,
        ),
        stage(correct_inside, scope=corpus, errors=errors),
        stage(correct, scope=corpus, errors=errors),
    ]
    check_chain(stages, given=(Parts,))
    return tuple(stages)


def remembering(stages: Sequence[Stage], forgotten: Forgotten) -> Sequence[Stage]:
    """The same stages, of which the one that sees who is there knows whose records may not be held; no key changes."""
    return tuple(
        replace(step, fixed={**step.fixed, "forgotten": forgotten}) if "forgotten" in step.fixed else step
        for step in stages
    )


def grouper(settings: Settings) -> UmapHdbscan:
    """What groups guidance conversations, with its settings."""
    return UmapHdbscan(
        neighbours=settings.cluster.neighbours,
        components=settings.cluster.components,
        least=settings.cluster.least,
        least_share=settings.cluster.least_share,
        min_samples=settings.cluster.min_samples,
        seed=settings.cluster.seed,
        sample=settings.cluster.sample,
    )


def open_readers(settings: Settings) -> tuple[SentenceTransformerEncoder, ExchangeReader]:
    """The encoder of what is asked and the reader of exchanges, each with its tuning; opened when first used."""
    asked, exchanged = (read_head(name, folder=settings.heads.folder) for name in (GUIDANCE_TUNING, EXCHANGE_TUNING))
    model, backend = settings.embed.model, settings.embed.backend
    return (
        SentenceTransformerEncoder(model, tuning=asked, backend=backend),
        ExchangeReader(model, tuning=exchanged, backend=backend),
    )
