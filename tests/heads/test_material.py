"""What heads are trained from: clear of what is measured on, split by situation, nothing twice."""

import gzip

import pytest
from headdata import FILES, item, use_texts, write_data
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.errors import HeadError
from guidance_atlas.heads import material
from guidance_atlas.heads.data import kept_for_measuring, read_items
from guidance_atlas.heads.material import (
    CHECK_EXCHANGES_ONE_IN,
    LICENCES,
    TURNS_READ,
    drift_of,
    is_natural,
    labelled_asks,
    labelled_talks,
    own_rows,
    pushback_of,
    situation,
    unlabelled_chats,
    written_exchanges,
)

GUIDANCE = {"guidance": True, "domain": "career", "stakes": "low"}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A function that writes a data folder and puts rows in the place of the package's own."""

    def build(own=None, **files):
        use_texts(monkeypatch, **(own or {}))
        return write_data(tmp_path, **files)

    return build


def uses(found):
    return {one.item.id: (one.file, one.use) for one in found}


def chat_that_is(natural, **options):
    """A chat that belongs to the natural twelfth, or one that does not."""
    return next(one for n in range(1_000) if is_natural(one := item(f"c:{n}", f"chat {n}", **options)) == natural)


def test_gold_rows_are_fitted_and_read_rows_take_their_labels_from_the_package(data):
    chat = chat_that_is(False)
    folder = data(
        {"read_asks": [{"id": chat.id, **GUIDANCE}]}, gate_train=[item("g:1", "shall I", labels=GUIDANCE)], chats=[chat]
    )

    found = labelled_asks(folder)

    assert [(one.item.id, one.file) for one in found] == [("g:1", "gate_train"), (chat.id, "read_asks")]
    assert found[1].item.labels == GUIDANCE
    assert found[1].item.messages == chat.messages


@pytest.mark.parametrize(("source", "use"), [("a", "natural"), ("wildchat_hard_ru", "fit")])
def test_a_twelfth_of_the_english_chats_is_never_fitted_whoever_labelled_them(data, source, use):
    chat = chat_that_is(True, source=source)
    gold = item(chat.id, *chat.said, labels=GUIDANCE)

    assert uses(labelled_asks(data(chats=[chat], gate_train=[gold]))) == {chat.id: ("gate_train", use)}


def test_rows_that_were_chosen_for_an_earlier_head_s_doubt_only_train(data):
    chats = [item(f"c:{n}", f"doubtful {n}") for n in range(100) if not is_natural(item(f"c:{n}", ""))]

    def used(**more):
        folder = data({"read_asks": [{"id": one.id, **GUIDANCE, **more} for one in chats]}, chats=chats)
        return {one.use for one in labelled_asks(folder)}

    assert used() == {"fit", "check"}
    assert used(border=True) == {"fit"}


def test_a_row_that_is_read_again_keeps_its_gold_label(data):
    folder = data(
        {"read_asks": [{"id": "c:1", "guidance": False}]},
        chats=[item("c:1", "shall I")],
        gate_train=[item("c:1", "shall I", labels=GUIDANCE)],
    )

    found = labelled_asks(folder)

    assert [(one.file, one.item.labels["guidance"]) for one in found] == [("gate_train", True)]


def test_a_label_of_a_row_that_is_not_in_the_data_is_left_out(data):
    assert labelled_asks(data({"read_asks": [{"id": "gone:1", **GUIDANCE}]})) == []


def test_written_asks_are_fitted_with_the_labels_of_their_row(data):
    own = {
        "asks": [{"text": "shall I", **GUIDANCE, "support": ["family"]}, {"text": "sort a list", "guidance": False}],
        "exchanges": [{"id": "a", "ask": "do I go", "domain": "legal", "domain_2": None, "stakes": "high"}],
    }

    found = labelled_asks(data(own))

    assert {(one.item.source, one.use) for one in found} == {("written", "fit")}
    assert [one.item.said for one in found] == [["shall I"], ["sort a list"], ["do I go"]]
    assert [one.item.labels["guidance"] for one in found] == [True, False, True]
    assert [one.item.labels["support"] for one in found] == [["family"], [], []]
    assert found[2].item.labels["domain"] == "legal"


def conversation(n):
    """Conversations of the same opening differ in their id only."""
    spiral = f"spiral_bench:model{n}_p{n % 5}"
    said = (f"Opening {n % 7}", "reply", "more", "reply")
    return (
        item(spiral, *said, source="spiral_bench", labels={"candor": 3, **GUIDANCE})
        if n % 2
        else item(f"c:{n}", *said, labels={"candor": 3, **GUIDANCE})
    )


folders = st.fixed_dictionaries({name: st.sets(st.integers(0, 40), max_size=12) for name in FILES})
labelled_numbers = st.sets(st.integers(0, 40), max_size=20)


class Shelf:
    """Stands in for a data folder and for the package's own rows."""

    def __init__(self, patch, files, read):
        self.files = {name: [conversation(n) for n in sorted(numbers)] for name, numbers in files.items()}
        patch.setattr(material, "read_items", lambda data, name: self.files[name])
        pools = {one.id for name in ("chats", "weak_candor") for one in self.files[name]}
        ids = [conversation(n).id for n in sorted(read)]
        known = [ident for ident in ids if ident in pools]
        windows = [f"{ident}@{at}:{at + 2}" for ident in known if ident.startswith("spiral") for at in (0, 2)]
        use_texts(
            patch,
            read_asks=[{"id": ident, **GUIDANCE} for ident in ids],
            read_replies=[{"id": ident, "turns": {}} for ident in (*known, *windows)],
        )

    @property
    def dev(self):
        return kept_for_measuring(self.files["gate_dev"], self.files["candor_dev"])


@given(folders, labelled_numbers)
def test_nothing_that_is_measured_on_is_ever_trained_on(files, read):
    with pytest.MonkeyPatch.context() as patch:
        shelf = Shelf(patch, files, read)
        asks, talks = labelled_asks(None), labelled_talks(None)
        others = unlabelled_chats(None, asks)

    for one in [*(each.item for each in (*asks, *talks)), *others]:
        assert one.id not in shelf.dev.ids
        assert one.key not in shelf.dev.keys
    dev = {situation(one) for one in shelf.files["candor_dev"]}
    assert not dev & {situation(one.item) for one in talks}


@given(folders, labelled_numbers)
def test_no_situation_is_both_fitted_and_checked(files, read):
    with pytest.MonkeyPatch.context() as patch:
        Shelf(patch, files, read)
        asks, talks = labelled_asks(None), labelled_talks(None)

    for found in (asks, talks):
        for shared in (lambda one: one.item.key, lambda one: one.item.id):
            fitted, held = ({shared(one) for one in found if (one.use == "fit") == fit} for fit in (True, False))
            assert not fitted & held
    fitted, held = ({situation(one.item) for one in talks if (one.use == "fit") == fit} for fit in (True, False))
    assert not fitted & held


@given(folders, labelled_numbers)
def test_no_item_comes_twice(files, read):
    with pytest.MonkeyPatch.context() as patch:
        Shelf(patch, files, read)
        asks, talks = labelled_asks(None), labelled_talks(None)
        others = unlabelled_chats(None, asks)

    for ids in ([one.item.id for one in asks], [one.item.id for one in talks]):
        assert len(ids) == len(set(ids))
    assert not {one.key for one in others} & {one.item.key for one in asks}


def test_the_same_words_are_never_fitted_under_one_name_and_checked_under_another(data):
    several = [item(f"syco_bench:pick_{n}_1", "the same words", "r", source="syco_bench") for n in range(40)]

    found = labelled_talks(data(candor_train=several))

    assert {one.use for one in found} == {"check"}


@pytest.mark.parametrize(
    ("ident", "turns"),
    [("w:1", [0, 1, 2, 3, 4, 5]), ("w:1@2:4", [2, 3]), ("w:1@4:9", [4, 5]), ("w:2@x", [0, 1])],
)
def test_a_window_holds_the_named_turns_of_its_conversation(data, ident, turns):
    pool = [item("w:1", *(f"turn {n}" for n in range(6))), item("w:2@x", "turn 0", "turn 1")]

    (found,) = labelled_talks(data({"read_replies": [{"id": ident, "turns": {}}]}, weak_candor=pool))

    assert found.item.id == ident
    assert [text for _, text in found.item.messages] == [f"turn {n}" for n in turns]


def test_of_a_whole_conversation_the_first_turns_are_read(data):
    pool = [item("w:1", *(f"turn {n}" for n in range(40)))]

    (found,) = labelled_talks(data({"read_replies": [{"id": "w:1", "turns": {}}]}, chats=pool))

    assert len(found.item.messages) == TURNS_READ


@pytest.mark.parametrize("ident", ["gone:1", "gone:1@0:2"])
def test_a_reply_that_is_labelled_but_not_in_the_data_is_named(data, ident):
    with pytest.raises(HeadError, match=f"{ident} is labelled but not in the data; point --data at a whole copy"):
        labelled_talks(data({"read_replies": [{"id": ident, "turns": {}}]}))


def test_written_talks_carry_their_labels_by_turn(data):
    row = {"id": "p1", "turns": [["user", "hm"], ["assistant", "so"], ["user", "no"]], "candor": {"1": 4}}
    own = {"talks": [{**row, "pushback": {"2": "insists"}, "drift": {"1": ["harsh"]}}]}

    (found,) = labelled_talks(data(own))

    assert found.item.messages == (("user", "hm"), ("assistant", "so"), ("user", "no"))
    assert pushback_of(found.item.labels) == {2: "insists"}
    assert (found.item.labels["turns"], found.item.labels["turn_drift"]) == ({"1": 4}, {"1": ["harsh"]})
    assert found.item.labels["candor"] is None


@pytest.mark.parametrize(
    ("source", "one", "same", "other"),
    [
        ("spiral_bench", "s:gpt_ie04@2:8", "s:kimi-k2_ie04@0:2", "s:gpt_ie05@2:8"),
        ("sycon_bench", "s:debate_Llama_7", "s:debate_Gemma_7", "s:ethical_Llama_7"),
        ("syco_bench", "s:pickside_7_1", "s:pickside_7_2", "s:pickside_8_1"),
        ("aita_human_sycophancy", "s:aita_006_a", "s:aita_006_b-7", "s:aita_007_a"),
    ],
)
def test_answers_to_the_same_prompt_are_one_situation(source, one, same, other):
    known, again, apart = (situation(item(ident, f"words of {ident}", source=source)) for ident in (one, same, other))

    assert known == again
    assert known != apart


def test_elsewhere_a_situation_is_how_it_begins():
    assert situation(item("a:1", "Shall  I", "no")) == situation(item("a:2", "shall i", "yes"))
    assert situation(item("a:1", "shall I")) != situation(item("a:1", "shall we"))


def test_each_written_situation_is_either_fitted_or_held_out():
    fitted, held = ([row["id"] for row in written_exchanges(held_out=out)] for out in (False, True))

    assert sorted(fitted + held) == sorted(row["id"] for row in own_rows("exchanges"))
    assert len(held) == pytest.approx((len(fitted) + len(held)) / CHECK_EXCHANGES_ONE_IN, rel=0.25)


@pytest.mark.parametrize("labels", [{"drift": ["rigid"]}, {"evasive": False, "rigid": True, "harsh": 0}])
def test_errors_are_read_whichever_way_they_are_written(labels):
    assert drift_of(labels) == ["rigid"]
    assert drift_of({}) == []


@pytest.mark.parametrize("event", [[2, "insists"], {"turn": 2, "kind": "insists"}])
def test_pushback_is_read_whichever_way_it_is_written(event):
    assert pushback_of({"pushback": [event]}) == {2: "insists"}
    assert pushback_of({}) == {}


def test_the_glance_learns_on_chats_that_nobody_labelled(data):
    folder = data(
        chats=[item("c:1", "hm"), item("c:2", "labelled"), item("c:3", "да", source="wildchat_hard_ru")],
        gate_train=[item("g:1", "labelled", labels=GUIDANCE)],
    )

    assert [one.id for one in unlabelled_chats(folder, labelled_asks(folder))] == ["c:1"]


def test_a_copy_is_known_by_its_words_whatever_its_case_and_spaces():
    kept = kept_for_measuring([item("a", "Should I  go?")])

    assert [one.id for one in kept.free([item("b", "should i go?"), item("c", "should i stay?")])] == ["c"]


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(HeadError, match=r"gate_train\.jsonl\.gz cannot be read"):
        read_items(tmp_path, "gate_train")
    (tmp_path / "gate_dev.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1}\n'))
    with pytest.raises(HeadError, match=r"gate_dev\.jsonl\.gz is damaged"):
        read_items(tmp_path, "gate_dev")


@pytest.mark.shared
def test_the_labels_of_the_package_keep_clear_of_the_real_development_rows(shared):
    kept = material.measured_on(shared)
    dev = {situation(one) for one in read_items(shared, "candor_dev")}
    whole = {one.id: one for name in ("chats", "weak_candor") for one in read_items(shared, name)}
    asks, talks = labelled_asks(shared), labelled_talks(shared)

    for one in (*asks, *talks):
        conversation = whole.get(one.item.id.partition("@")[0], one.item)
        assert kept.free([one.item, conversation]) == [one.item, conversation]
    assert not dev & {situation(one.item) for one in talks}
    assert {one.file for one in (*asks, *talks)} <= set(LICENCES)


@pytest.mark.shared
def test_no_real_conversation_is_partly_fitted_and_partly_checked(shared):
    talks = labelled_talks(shared)
    uses = {}
    for one in talks:
        uses.setdefault(one.item.id.partition("@")[0], set()).add(one.use)

    assert all(len(several) == 1 for several in uses.values())
    assert {one.use for one in talks} == {"fit", "check"}


@pytest.mark.shared
def test_labelled_turns_are_there_and_of_the_right_role(shared):
    for one in labelled_talks(shared):
        roles = [role for role, _ in one.item.messages]
        assert all(roles[int(at)] == "assistant" for at in one.item.labels.get("turns") or ())
        assert all(roles[at] == "user" for at in pushback_of(one.item.labels))
