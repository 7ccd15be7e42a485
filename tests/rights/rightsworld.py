"""A small world in which somebody is to be forgotten, and a search through every byte that a root holds."""

import base64
import json

import duckdb
import polars as pl

from guidance_atlas.batch import run
from guidance_atlas.labelling.sheet import write_new
from guidance_atlas.sample.world import write_world
from guidance_atlas.settings import load_settings

VICTIM, LONE = "u-victim-7", "lone-talk-3"
WORDS = "narrowboat regatta"  # said by the victim alone, and nothing that is masked
# Not what is built in: whoever comes after the run has to find its tables without being told.
GROUPS = {"least": 4, "min_samples": 2}  # else nobody in so small a world is in a group
OWN = {"keep": ["COUNTRY", "PUBLIC_FIGURE"]}
FEW = {"inside_people": 3, "release_people": 4, "release_round": 1}  # so that a small world shows numbers
GUIDANCE = (
    "I don't know what to do about my job. My manager keeps giving me the night shifts and I'm exhausted. "
    "Should I hand in my notice before I've found something else, or wait until {}?"
)
A_MODEL_LIKE_A_PATH = "../../../var/a-model"
UNFINISHED = "unfinished-"  # begins the names of tables that a killed run left
HOSTILE = [
    "../../../../tmp/escaped",
    "=cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "<script>alert('id')</script>",
    "nul\x00inside",
    "\x1b]0;owned\x07",
    "'; drop table cells; --",
    "right\u202eleft",
    "half\ud800pair",
    "{{7*7}}${7*7}",
    "L" * 1_000_000,
]


def talk(name, person, text, *, day="2026-03-05", **more):
    said = [
        {"role": "user", "content": text},
        {"role": "assistant", "content": "You could ask for other shifts first."},
    ]
    return {"id": name, "user": person, "created_at": f"{day}T10:00:00Z", "messages": said} | more


def victims_records():
    """Guidance with words of their own, a plain one, one that came twice, and one on another day."""
    own = [
        talk(f"v-{i}", VICTIM, GUIDANCE.format(f"the {WORDS} of week {i}"), day=f"2026-03-0{i + 3}") for i in range(4)
    ]
    return [*own, own[0], talk("v-plain", VICTIM, "Translate into French: the table is laid.", day="2026-01-09")]


def others_records():
    others = [talk(f"o-{i}", f"u-other-{i % 6}", GUIDANCE.format(f"month {i}")) for i in range(18)]
    lone = talk(LONE, "u-other-1", GUIDANCE.format("the harvest festival of turnips"))
    undated = talk("undated", "u-other-2", GUIDANCE.format("spring"), created_at=None)
    odd = [talk(f"h {name}", f"p {name}", GUIDANCE.format("May"), model=f"m {name}"[:70]) for name in HOSTILE]
    return [*others, lone, undated, *odd, talk("path", "u-path", GUIDANCE.format("May"), model=A_MODEL_LIKE_A_PATH)]


def write_logs(folder, *, with_victim=True):
    """Logs of several vendors; the victim's records lie among those of others, in two files."""
    if not folder.exists():
        write_world(folder.parent / "world", conversations=24, seed=5)
        (folder.parent / "world" / "logs").rename(folder)
    records = others_records()
    theirs, last = victims_records() if with_victim else [], talk("last", "u-other-0", GUIDANCE.format("June"))
    for name, chosen in (
        ("mixed.jsonl", [*records[:9], *theirs[:3], *records[9:]]),
        ("=later.jsonl", [*theirs[2:], last]),
    ):
        (folder / name).write_text("\n".join(json.dumps(one) for one in chosen) + "\n")
    return folder


def read(folder, root, **sections):
    """Run the whole pipeline in this process."""
    chosen = load_settings(None, protect=FEW, scrub=OWN, run={"workers": 1}, cluster=GROUPS, **sections)
    return run([str(folder)], root=root, settings=chosen)


def sheet(path, names):
    """A sheet to label with these conversations."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_new(path, ((name, 0.5, f"[0] USER: masked words of {name}") for name in names), draw="random-4-7")
    return path


def everything(root):
    """Every byte under a root, and every table decoded, by where it stands."""
    found = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = str(path.relative_to(root))
        found[name] = path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            found[f"{name} decoded"] = str(pl.read_parquet(path).to_dicts())
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                for (table,) in con.sql("select table_name from duckdb_tables()").fetchall():
                    found[f"{name} {table}"] = str(con.table(table).fetchall())
    return found


def places(found, *strings):
    """Where in `everything` any of these strings stands."""
    return [place for place, text in found.items() if any(one in text for one in strings)]


def disguises(text):
    """A text as bytes of it may lie in a file, each read as latin-1: in UTF-8 and UTF-16, plain, as hex or as base64.

    A text of hex digits, such as a key, also as the bytes that it stands for.
    """
    forms = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
    if len(text) % 2 == 0 and set(text) <= set("0123456789abcdef"):
        forms.append(bytes.fromhex(text))
    told = set()
    for form in forms:
        told |= {form.decode("latin-1"), form.hex(), form.hex().upper()}
        for before in range(3):  # what stands before shifts the letters; those at the ends also hold bytes of others
            letters = base64.b64encode(b"\0" * before + form).decode()
            whole = letters[-(-before * 8 // 6) : (before + len(form)) * 8 // 6]
            told |= {whole, whole.translate(str.maketrans("+/", "-_"))}
    return told


def table(root, name):
    """A table of the vault over all parts of the last run."""
    files = sorted((root / "vault" / name).glob("*.parquet"))
    return pl.concat([pl.read_parquet(path) for path in files if not path.name.startswith(UNFINISHED)])


def keys_of(root, rows):
    """The keys of conversations: person_key, conversation_id, content_key."""
    chosen = table(root, "Conversations").filter(rows).drop_nulls("person_key")
    return {key for name in ("person_key", "conversation_id", "content_key") for key in chosen[name]}
