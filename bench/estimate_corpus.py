"""Part of bench/estimate.py: the stages over all parts on some parts of a run root, or on several times all of them."""

import time

TURNED = 0.6  # length of what is added to a unit vector: cosine .86 to the original, .74 between two copies
KEYS = ("conversation_id", "person_key", "content_key")


def one_corpus(root, folder, times):
    """Figures of the stages over all parts on so many times the parts of a root; None where there are too few."""
    import polars as pl

    from guidance_atlas import runner
    from guidance_atlas.contracts import Conversations, Parts, Screened
    from guidance_atlas.costs import n_groups
    from guidance_atlas.databases import read_internal, settings_of_last_run
    from guidance_atlas.plan import plan
    from guidance_atlas.publish import publish
    from guidance_atlas.settings import known_secret
    from guidance_atlas.store import Store

    runner.perf_counter = time.process_time  # others' work on this machine must not count
    settings = settings_of_last_run(root)
    stages = plan(settings, known_secret(root))
    parts = read_internal(root, "parts")["parts"].filter(~pl.col("repeats")).sort("position")
    parts = parts.head(int(parts.height * times)) if times < 1 else parts
    if parts.is_empty():
        return None
    store, listed, guidance, pairs = Store(folder / "vault"), [], 0, set()
    for copy in range(max(1, int(times))):
        for row in parts.iter_rows(named=True):
            part = row["part"] if copy == 0 else f"{copy:03x}{row['part'][3:]}"
            listed.append(row | {"position": len(listed), "part": part})
            copy_part(Store(root / "vault"), store, stages, row["part"], part, copy)
            keys = runner.part_keys(stages, part)
            guidance += int(store.read(Screened, keys[Screened])["guidance"].sum() or 0)
            told = store.read(Conversations, keys[Conversations]).filter(pl.col("conversation_id").is_not_null())
            pairs |= set(told.select(pl.col("week", "model").fill_null("unknown")).unique().rows())
    parts = Parts.validate(pl.DataFrame(listed), cast=True)
    seconds = {}
    tables, _ = runner.run_corpus(stages, parts, store=store, seconds=seconds)
    started = time.process_time()
    publish(folder, tables=tables, parts=parts, settings=settings)
    seconds["publishing"] = time.process_time() - started
    started = time.process_time()
    publish(folder, tables=tables, parts=parts, settings=settings)
    seconds["unchanged"] = time.process_time() - started
    size = {"records": int(parts["n_records"].sum()), "guidance": guidance, "groups": n_groups(frozenset(pairs))}
    own = {"vault": sum(path.stat().st_size for path in tables.values()), "memory": largest()}
    return {"size": size, "seconds": seconds, "bytes": disk(folder) | own}


def copy_part(old, new, stages, part, name, copy):
    """Link the tables of a part, or write a copy of them in which everybody is somebody else."""
    import numpy as np
    import polars as pl

    from guidance_atlas import runner
    from guidance_atlas.chain import Scope
    from guidance_atlas.contracts import Exposure

    was, keys = runner.part_keys(stages, part), runner.part_keys(stages, name)
    draw, more = np.random.default_rng(copy), "".join("abcdefghij"[int(digit)] for digit in str(copy))
    for table in (step.writes for step in stages if step.scope is Scope.PART):
        if table.exposure is Exposure.RAW:
            continue
        target = new.path(table, keys[table])
        target.parent.mkdir(mode=0o700, exist_ok=True)
        if copy == 0:
            target.symlink_to(old.path(table, was[table]).absolute())
            continue
        frame = old.read(table, was[table])
        frame = frame.with_columns(
            pl.format("{}{}", pl.lit(f"{copy:03x}"), pl.col(key).str.slice(3)).alias(key)
            for key in KEYS
            if key in frame.columns
        )
        if "text" in frame.columns:
            frame = frame.with_columns(pl.col("text") + f" zq{more}")
        if "vector" in frame.columns and frame.height:
            vectors = np.array(frame["vector"].to_list(), dtype=np.float32)
            vectors += draw.normal(size=vectors.shape).astype(np.float32) * TURNED / np.sqrt(vectors.shape[1])
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            frame = frame.with_columns(pl.Series("vector", vectors.tolist(), dtype=frame.schema["vector"]))
        new.write(table, keys[table], frame)


def disk(root):
    """Bytes under a run root by place; what is only linked to is not there."""
    found = {"vault": 0, "release": 0, "databases": 0}
    for path in (path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        first = path.relative_to(root).parts[0]
        found[{"vault": "vault", "releases": "release"}.get(first, "databases")] += path.stat().st_size
    return found


def largest():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
