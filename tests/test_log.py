"""The log keeps counts and kinds, never words."""

import json
import logging
import stat

from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.log import LOGGABLE, keep_loggable, open_log


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_no_value_of_an_unknown_field_is_kept(fields):
    kept = keep_loggable(None, "info", dict(fields))

    unknown = {name for name in fields if name not in LOGGABLE}
    assert set(kept) - {"dropped_fields"} == set(fields) - unknown
    assert ("dropped_fields" in kept) == bool(unknown)


def test_a_line_names_what_was_dropped_without_its_value(tmp_path):
    with open_log(tmp_path / "log.jsonl") as log:
        log.info("part done", n_records=3, text="my sister is ill")

    line = json.loads((tmp_path / "log.jsonl").read_text())
    assert line["n_records"] == 3
    assert line["dropped_fields"] == "text"
    assert "sister" not in json.dumps(line)
    assert stat.S_IMODE((tmp_path / "log.jsonl").stat().st_mode) == 0o600


def test_a_warning_of_an_adapter_reaches_the_log_of_the_run_without_its_arguments(tmp_path):
    ours = logging.getLogger("guidance_atlas")
    with open_log(tmp_path / "log.jsonl"):
        ours.warning("a backend is left out", extra={"code": "openvino/bfloat16 0.2800"})
        ours.warning("it failed on %s", "my sister is ill")
    before = (tmp_path / "log.jsonl").read_text()
    with open_log(tmp_path / "other.jsonl"):
        ours.warning("of another run")

    first, second = map(json.loads, before.splitlines())
    assert (first["event"], first["level"], first["code"]) == (
        "a backend is left out",
        "warning",
        "openvino/bfloat16 0.2800",
    )
    assert "sister" not in json.dumps(second)
    assert (tmp_path / "log.jsonl").read_text() == before
