"""An estimate as people and machines read it."""

import json
import sys
from dataclasses import asdict

import polars as pl

from guidance_atlas.estimate import Estimate

_UNITS = ((3_600.0, "h"), (60.0, "min"), (1.0, "s"))
_BUSY = 1.1  # times as slow as alone, from which on it is told
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def show_estimate(told: Estimate, *, as_json: bool) -> None:
    """Print what a run would take, or the same as one JSON object."""
    if as_json:
        sys.stdout.write(json.dumps(asdict(told), indent=2) + "\n")
        return
    from guidance_atlas.show import console, grid

    out = console()
    out.print(
        grid(pl.DataFrame(_rows(told), schema=("what", "estimate", "of it"), orient="row"), "What this run takes")
    )
    out.print(_note(told))


def _rows(told: Estimate) -> list[tuple[str, str, str]]:
    seconds, written = dict(told.seconds), dict(told.bytes_written)
    n_stored = told.n_records - told.n_to_do
    return [
        ("records", f"{told.n_records:,}", f"{n_stored:,} stored already" if n_stored else "none stored yet"),
        ("bytes to read", _bytes(told.n_bytes), "unpacked"),
        ("that glance keeps", f"{told.survivors:.1%}" if told.n_to_do else "–", "of those to do"),
        ("guidance", f"{told.n_guidance:,}", "conversations"),
        ("time", _time(seconds.pop("all")), _listed({name: _time(value) for name, value in seconds.items()})),
        ("processor time", _time(told.processor_seconds), _listed(_dearest(told))),
        (
            "disk, written",
            _bytes(written.pop("all")),
            _listed({name: _bytes(value) for name, value in written.items()}),
        ),
        ("disk, free", _bytes(told.bytes_free), "" if told.bytes_free > told.bytes_written["all"] else "NOT ENOUGH"),
        (
            "memory, the most",
            _bytes(told.memory["all processes"]),
            f"largest process {_bytes(told.memory['largest process'])}; {told.n_workers} workers",
        ),
        ("money", "none", "no language model is called"),
    ]


def _note(told: Estimate) -> str:
    tried = f"From a trial on {told.n_tried:,} records, {told.n_tried_closely:,} of them through all stages"
    busy = f"The machine was busy: {told.slowdown:.1f} times as slow as alone, and taken to stay so.\n"
    busy = busy if told.slowdown > _BUSY else ""
    return f"{tried}, in {_time(told.trial_seconds)}.\n{busy}Nothing was written to the run root."


def _dearest(told: Estimate) -> dict[str, str]:
    dearest = sorted(told.stage_seconds.items(), key=lambda one: -one[1])[:4]
    return {name: _time(seconds) for name, seconds in dearest}


def _listed(named: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in named.items())


def _time(seconds: float) -> str:
    unit, name = next(((unit, name) for unit, name in _UNITS if seconds >= 1.5 * unit), _UNITS[-1])
    return f"{seconds / unit:.1f} {name}"


def _bytes(n: float) -> str:
    unit, name = next(((unit, name) for unit, name in _SIZES if n >= unit), _SIZES[-1])
    return f"{n / unit:.1f} {name}"
