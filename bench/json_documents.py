"""The project's JSON cutter beside ijson, over one array of conversations, in one process, one after the other.

    pip install ijson; python bench/json_documents.py --conversations 20000

Prints records per second of each, and how many records each yields when one number in the middle reads NaN.
"""

import argparse
import io
import json
import time

import ijson

from guidance_atlas.stages.ingest.elements import document


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=20_000)
    size = parser.parse_args().conversations
    talk = {
        "id": 1,
        "messages": [{"role": "user", "content": "word " * 200}, {"role": "assistant", "content": "word " * 200}],
    }
    whole = json.dumps([talk | {"id": number} for number in range(size)]).encode()
    broken = json.dumps(
        [talk | {"id": number if number != size // 2 else float("nan")} for number in range(size)]
    ).encode()
    for name, read in (("cutter", cutter), ("ijson", streamed)):
        started = time.perf_counter()
        n_whole = read(whole)
        pace = n_whole / (time.perf_counter() - started)
        print(f"{name:7} {pace:9,.0f} records/s; {read(broken):6} of {size} records with one NaN in the middle")


def cutter(data):
    return sum(
        isinstance(record, bytes) for record in document(io.BytesIO(data), largest=2**24, is_talk=lambda _: False)
    )


def streamed(data):
    count = 0
    try:
        for _record in ijson.items(io.BytesIO(data), "item"):
            count += 1
    except ijson.JSONError:
        pass
    return count


if __name__ == "__main__":
    main()
