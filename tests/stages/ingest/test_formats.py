# ruff: noqa: E501 - a case is easier to read on fewer lines
"""Each format in small cases: what is read, what is counted and not read, and which format a record is taken for."""

import json
from datetime import UTC, datetime

import pytest
from reading import line, read_one

from guidance_atlas.errors import SettingsError
from guidance_atlas.stages.ingest.formats import FORMATS, detect

ASKED, SAID = ("user", "Should I move?"), ("assistant", "Why?")
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def message(role, content, **more):
    return {"role": role, "content": content} | more


def otlp(**attributes):
    return [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in attributes.items()]


def parts(role, *texts):
    return {"role": role, "parts": [{"type": "text", "content": text} for text in texts]}


def node(role, text, parent=None, at=None, **more):
    content = {"content_type": "text", "parts": [text]}
    return {"parent": parent, "message": {"author": {"role": role}, "content": content, "create_time": at} | more}


SPAN = {"traceId": "tr", "spanId": "sp", "startTimeUnixNano": "1709294400000000000", "name": "chat m-1"}
HISTORY = [parts("user", ASKED[1]), parts("assistant", SAID[1]), parts("user", "Rent.")]

# (format, record, what is read: turns, parts not read, and any of source_id, source_person, started_at, model)
CASES = [
    ("openai-messages", {"messages": [message("user", ASKED[1]), message("assistant", SAID[1])]}, [ASKED, SAID], 0, {}),
    (
        "openai-messages",
        {"id": 7, "user": "p1", "model": "gpt-4o", "created_at": 1709294400, "messages": [message("user", ASKED[1])]},
        [ASKED],
        0,
        {"source_id": "7", "source_person": "p1", "model": "gpt-4o", "started_at": NOON},
    ),
    (
        "openai-messages",
        {"messages": [message("system", "Be kind."), message("user", [{"type": "text", "text": ASKED[1]},
            {"type": "image_url", "image_url": {"url": "data:"}}]), message("assistant", None, tool_calls=[]),
            message("tool", "7 degrees"), message("assistant", SAID[1])]},
        [ASKED, SAID],
        4,
        {},
    ),
    ("openai-messages", {"messages": [message("user", "a"), message("user", "b")]}, [("user", "a"), ("user", "b")], 0, {}),
    ("openai-messages", {"conversation": [message("human", ASKED[1]), message("AI", SAID[1])]}, [ASKED, SAID], 0, {}),
    ("openai-messages", {"messages": json.dumps([message("user", ASKED[1])])}, [ASKED], 0, {}),
    ("openai-messages", {"messages": [message("user", [{"type": "text", "text": "a"}, "b"])]}, [("user", "a\nb")], 0, {}),
    ("openai-messages", {"messages": [message("user", "x" * 20)], "max": 1}, [("user", "x" * 20)], 0, {}),
    (
        "sharegpt",
        {"id": "s1", "conversations": [{"from": "system", "value": "x"}, {"from": "human", "value": ASKED[1]},
            {"from": "gpt", "value": SAID[1]}]},
        [ASKED, SAID],
        1,
        {"source_id": "s1"},
    ),
    ("sharegpt", {"conversations": [message("user", ASKED[1])]}, [ASKED], 0, {}),
    (
        "wildchat",
        {"conversation_hash": "h1", "model": "gpt-4-0314", "timestamp": "2024-03-01T13:00:00+01:00", "language": "English",
         "conversation": [message("user", ASKED[1], hashed_ip="ip1", timestamp=None), message("assistant", SAID[1])]},
        [ASKED, SAID],
        0,
        {"source_id": "h1", "source_person": "ip1", "model": "gpt-4-0314", "started_at": NOON},
    ),
    (
        "wildchat",
        {"conversation_id": "c1", "timestamp": "2024-03-05 08:00:00",
         "conversation": [message("user", ASKED[1], toxic=False, timestamp="2024-03-01 12:00:00")]},
        [ASKED],
        0,
        {"source_id": "c1", "started_at": NOON},
    ),
    (
        "lmsys",
        {"conversation_id": "l1", "model": "vicuna-13b", "tstamp": 1709294400.0, "turn": 1,
         "conversation": [message("user", ASKED[1]), message("assistant", SAID[1])]},
        [ASKED, SAID],
        0,
        {"source_id": "l1", "model": "vicuna-13b", "started_at": NOON},
    ),
    (
        "chatgpt-export",
        {"conversation_id": "g1", "create_time": 1709294400.5, "current_node": "c", "default_model_slug": "auto", "mapping": {
            "root": {"parent": None, "message": None},
            "s": node("system", "", "root"),
            "a": node("user", ASKED[1], "s"),
            "b": node("assistant", "another answer", "a"),
            "c": node("assistant", SAID[1], "a", metadata={"model_slug": "gpt-4o"})}},
        [ASKED, SAID],
        1,
        {"source_id": "g1", "model": "gpt-4o", "started_at": datetime(2024, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)},
    ),
    (
        "chatgpt-export",
        {"id": "g2", "mapping": {"a": node("user", ASKED[1], at=1709294400), "old": node("assistant", "old", "a", 1709294401),
            "new": node("assistant", SAID[1], "a", 1709294402)}},
        [ASKED, SAID],
        0,
        {"source_id": "g2", "started_at": NOON},
    ),
    (
        "chatgpt-export",
        {"current_node": "d", "mapping": {
            "a": node("user", "about me", metadata={"is_visually_hidden_from_conversation": True}),
            "b": {"parent": "a", "message": {"author": {"role": "user"}, "content": {"content_type": "multimodal_text",
                "parts": [{"content_type": "image_asset_pointer"}, ASKED[1]]}}},
            "c": node("assistant", "search(x)", "b", recipient="browser"),
            "d": {"parent": "c", "message": {"author": {"role": "assistant"}, "content": {"content_type": "thoughts"}}}}},
        [ASKED],
        4,
        {},
    ),
    (
        "claude-export",
        {"uuid": "u1", "name": "Moving", "account": {"uuid": "acc"}, "created_at": "2024-03-01T12:00:00Z", "chat_messages": [
            {"sender": "human", "text": "shown", "content": [{"type": "text", "text": ASKED[1]}], "attachments": [{}]},
            {"sender": "assistant", "text": "shown", "content": [{"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": SAID[1]}, {"type": "tool_use", "input": {}}]}]},
        [ASKED, SAID],
        3,
        {"source_id": "u1", "source_person": "acc", "started_at": NOON},
    ),
    ("claude-export", {"chat_messages": [{"sender": "human", "text": ASKED[1]}]}, [ASKED], 0, {}),
    ("claude-export", {"chat_messages": [{"sender": "human", "text": ASKED[1], "content": []}]}, [ASKED], 0, {}),
    (
        "hh-rlhf",
        {"chosen": f"\n\nHuman: {ASKED[1]}\n\nAssistant: {SAID[1]}\n\nHuman: Rent.\n\nAssistant:", "rejected": "\n\nHuman: x"},
        [ASKED, SAID, ("user", "Rent.")],
        1,
        {},
    ),
    ("hh-rlhf", {"transcript": f"\n\nHuman: {ASKED[1]}\n\nThe Assistant: no voice\n\nAssistant: {SAID[1]}"},
        [("user", f"{ASKED[1]}\n\nThe Assistant: no voice"), SAID], 0, {}),
    ("hh-rlhf", {"prompt": ASKED[1], "response": SAID[1]}, [ASKED, SAID], 0, {}),
    ("hh-rlhf", {"prompt": f"\n\nHuman: {ASKED[1]}", "chosen": SAID[1], "rejected": "x"}, [ASKED, SAID], 0, {}),
    ("hh-rlhf", {"chosen": [message("user", ASKED[1]), message("assistant", SAID[1])]}, [ASKED, SAID], 0, {}),
    (
        "otel-genai",
        SPAN | {"attributes": otlp(gen_ai__conversation__id="c9", gen_ai__request__model="m-1", gen_ai__response__model="m-1.5",
            user__id="p2", gen_ai__system_instructions=json.dumps([{"type": "text", "content": "Be kind."}]),
            gen_ai__input__messages=json.dumps(HISTORY),
            gen_ai__output__messages=json.dumps([parts("assistant", "Then no."), parts("assistant", "Then yes.")]))},
        [ASKED, SAID, ("user", "Rent."), ("assistant", "Then no.")],
        2,
        {"source_id": "c9", "source_person": "p2", "model": "m-1.5", "started_at": NOON},
    ),
    (
        "otel-genai",
        {"span_id": "1", "trace_id": "t7", "start_time": "2024-03-01T12:00:00Z", "attributes": {
            "gen_ai.input.messages": HISTORY[:1], "gen_ai.output.messages": [
                {"role": "assistant", "parts": [{"type": "tool_call", "name": "f"}, {"type": "text", "content": SAID[1]}]}]}},
        [ASKED, SAID],
        1,
        {"source_id": "t7", "started_at": NOON},
    ),
    (
        "otel-genai",
        SPAN | {"attributes": [{"key": "gen_ai.input.messages", "value": {"arrayValue": {"values": [{"kvlistValue": {"values": [
            {"key": "role", "value": {"stringValue": "user"}},
            {"key": "parts", "value": {"arrayValue": {"values": [{"kvlistValue": {"values": [
                {"key": "type", "value": {"stringValue": "text"}},
                {"key": "content", "value": {"stringValue": ASKED[1]}}]}}]}}}]}}]}}}]},
        [ASKED],
        0,
        {"source_id": "tr"},
    ),
    (
        "otel-genai",
        SPAN | {"attributes": [], "events": [
            {"name": "gen_ai.system.message", "attributes": otlp(content="Be kind.")},
            {"name": "gen_ai.user.message", "attributes": otlp(content=ASKED[1])},
            {"name": "gen_ai.choice", "attributes": otlp(message=json.dumps({"content": SAID[1]}))},
            {"name": "gen_ai.choice", "attributes": otlp(message=json.dumps({"content": "Or so."}))},
            {"name": "exception", "attributes": otlp(message="boom")}]},
        [ASKED, SAID],
        2,
        {},
    ),
    (
        "otel-genai",
        SPAN | {"attributes": [], "events": [
            {"name": "gen_ai.user.message", "attributes": {"gen_ai.event.content": json.dumps({"content": ASKED[1]})}},
            {"name": "gen_ai.choice", "attributes": {"gen_ai.event.content":
                json.dumps({"index": 0, "message": {"role": "assistant", "content": SAID[1]}})}}]},
        [ASKED, SAID],
        0,
        {},
    ),
    (
        "otel-genai",
        SPAN | {"attributes": [], "events": [{"name": "gen_ai.client.inference.operation.details",
            "attributes": {"gen_ai.input.messages": HISTORY[:1], "gen_ai.conversation.id": "c8"}}]},
        [ASKED],
        0,
        {"source_id": "c8"},
    ),
    (
        "langfuse",
        {"id": "tr1", "sessionId": "s1", "userId": "p3", "timestamp": "2024-03-01T12:00:00.000Z", "model": "m-2",
         "input": [message("system", "x"), message("user", ASKED[1])], "output": message("assistant", SAID[1])},
        [ASKED, SAID],
        1,
        {"source_id": "s1", "source_person": "p3", "model": "m-2", "started_at": NOON},
    ),
    (
        "langfuse",
        {"id": "ob1", "trace_id": "tr2", "session_id": "s1", "type": "GENERATION", "start_time": "2024-03-01 12:00:00.000000",
         "provided_model_name": "m-3", "input": json.dumps({"messages": [message("user", ASKED[1])]}), "output": SAID[1]},
        [ASKED, SAID],
        0,
        {"source_id": "s1", "model": "m-3", "started_at": NOON},
    ),
    ("langfuse", {"id": "tr3", "sessionId": "s1", "input": ASKED[1], "output": {"content": SAID[1]}}, [ASKED, SAID], 0,
        {"source_id": "tr3"}),
    ("langfuse", {"id": "tr4", "sessionId": "s1", "input": '{"a": 1}', "output": None}, [("user", '{"a": 1}')], 0, {}),
    (
        "langfuse",
        {"id": "tr5", "sessionId": "s5", "input": None, "output": None, "observations": [
            {"type": "SPAN", "input": "x"},
            {"type": "GENERATION", "model": "m-4", "input": [message("user", "short")], "output": "y"},
            {"type": "GENERATION", "model": "m-4", "input": [message("user", ASKED[1]), message("assistant", SAID[1])],
             "output": None}]},
        [ASKED, SAID],
        0,
        {"source_id": "s5", "model": "m-4"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "record", "turns", "n_unread", "known"), CASES)
def test_a_record_of_each_format_is_recognised_and_read(name, record, turns, n_unread, known):
    row = read_one(line(record))

    assert detect(record).name == name
    assert row["code"] is None
    assert [(turn["role"], turn["text"]) for turn in row["turns"]] == turns
    assert row["n_unread"] == n_unread
    assert {key: row[key] for key in known} == known


@pytest.mark.parametrize(("name", "record", "turns", "n_unread", "known"), CASES)
def test_a_named_format_reads_its_records_as_detection_does(name, record, turns, n_unread, known):
    assert read_one(line(record), format=name) == read_one(line(record))


def test_every_format_has_cases_and_a_name_of_its_own():
    assert {case[0] for case in CASES} == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("record", [case[1] for case in CASES])
def test_a_wrongly_named_format_sets_records_aside_and_never_fails(name, record):
    row = read_one(line(record), format=name)

    assert (row["code"] is None) == bool(row["turns"])


def test_an_unknown_format_name_is_refused_with_those_there_are():
    with pytest.raises(SettingsError, match="sharegpt"):
        read_one({"messages": []}, format="slack")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (1709294400, NOON),
        (1709294400.0, NOON),
        (1709294400000, NOON),
        (1709294400000000, NOON),
        (1709294400000000000, NOON),
        ("1709294400", NOON),
        ("1709294400000000000", NOON),
        ("2024-03-01T12:00:00Z", NOON),
        ("2024-03-01T14:00:00+02:00", NOON),
        ("2024-03-01 12:00:00", NOON),
        ("2024-03-01 12:00:00 UTC", NOON),
        (" 2024-03-01T12:00:00.000000Z ", NOON),
        ("2024-03-01", NOON.replace(hour=0)),
        ("20240301", NOON.replace(hour=0)),
        (946684800, datetime(2000, 1, 1, tzinfo=UTC)),
        (946684799, None),
        (4102444800, None),
        (12, None),
        ("", None),
    ],
)
def test_a_time_is_told_by_its_size_or_its_shape(written, moment):
    record = {"created_at": written, "messages": [message("user", "x")]}

    assert read_one(line(record))["started_at"] == moment


def test_a_turn_over_the_limit_is_cut_and_the_rest_counts_as_one_part_not_read():
    row = read_one({"messages": [message("user", "x" * 11), message("assistant", "x" * 10)]}, max_chars=10)

    assert [len(turn["text"]) for turn in row["turns"]] == [10, 10]
    assert row["n_unread"] == 1
