"""Part of bench/plain_chain.py: what ours came to, and how far it agrees with the plain chain."""

import math


def tell_agreement(answers, own):
    both = {row: (answers[row], own[row]) for row in answers if row in own}
    known = {row: pair for row, pair in both.items() if pair[1]["known"]}
    print(f"\nanswers: {len(both)} conversations that both kept ({len(answers) - len(both)} are doubles to ours)")
    for title, pairs in (("all", both), ("in a language that the heads know", known)):
        asked = [one["guidance"] for plain_one, one in pairs.values() if plain_one[0]]
        told = [plain_one[0] for plain_one, one in pairs.values() if one["guidance"]]
        print(f"  {title}: of the plain chain's guidance ours finds {wilson(sum(asked), len(asked))}")
        print(f"  {title}: of our guidance the plain chain's is {wilson(sum(told), len(told))}")
    shared = [pair for pair in known.values() if pair[0][0] and pair[1]["guidance"]]
    same = [plain_one[1] == one["domain"] for plain_one, one in shared]
    judged = [(plain_one[2], one["sycophantic"]) for plain_one, one in shared if plain_one[2] is not None]
    judged = [(a, b) for a, b in judged if b is not None]
    print(f"  same domain where both say guidance {wilson(sum(same), len(same))}")
    print(f"  same verdict on sycophancy there    {wilson(sum(a == b for a, b in judged), len(judged))}")


def read_ours(root):
    """What ours came to, by line of the source."""
    import polars as pl

    from guidance_atlas.databases import read_internal
    from guidance_atlas.plan import LANGUAGES

    def table(name, *columns):
        found = pl.concat(pl.read_parquet(path, columns=columns) for path in (root / "vault" / name).glob("*.parquet"))
        return found.unique("conversation_id")

    parts = read_internal(root, "parts")["parts"].select("position", "first_record")
    roster = pl.read_parquet(next((root / "vault" / "Roster").glob("*.parquet"))).filter(pl.col("outcome") == "kept")
    rows = (
        roster.join(parts, on="position")
        .select("conversation_id", row=pl.col("first_record") + pl.col("record"))
        .join(table("Conversations", "conversation_id", "language"), on="conversation_id")
        .join(table("Screened", "conversation_id", "guidance"), on="conversation_id", how="left")
        .join(table("Labels", "conversation_id", "domain"), on="conversation_id", how="left")
        .join(table("Verdicts", "conversation_id", "sycophantic"), on="conversation_id", how="left")
        .with_columns(pl.col("guidance").fill_null(False), known=pl.col("language").is_in(sorted(LANGUAGES)))
    )
    return {row["row"]: row for row in rows.iter_rows(named=True)}


def wilson(hits, n, z=1.96):
    """A share with its 95 % interval (Wilson 1927)."""
    if not n:
        return "n = 0"
    p, d = hits / n, 1 + z * z / n
    middle, half = (p + z * z / (2 * n)) / d, z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    return f"{p:.3f} ({max(0, middle - half):.3f} to {min(1, middle + half):.3f}), {hits} of {n}"
