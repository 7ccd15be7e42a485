"""Which turns get a vector."""

from talkframes import ByWords, clean, screened, talk

from guidance_atlas.stages.embed_turns import embed_turns

TURNS = clean(
    talk("a", "user: should I", "assistant: yes <PERSON_1>", "user: why"),
    talk("b", "user: write code"),
    talk("c", "assistant: hi"),
)


def test_every_turn_of_a_guidance_conversation_and_no_other_gets_a_vector():
    found = embed_turns(screened(a=True, b=False, c=None), TURNS, encoder=ByWords())

    assert found.select("conversation_id", "turn").rows() == [("a", 0), ("a", 1), ("a", 2)]


def test_what_is_not_guidance_is_not_even_shown_to_the_encoder():
    encoder = ByWords()

    embed_turns(screened(a=True, b=False, c=None), TURNS, encoder=encoder)

    assert encoder.asked == ["should I", "yes someone", "why"]


def test_no_guidance_gives_an_empty_frame():
    assert embed_turns(screened(a=False), TURNS, encoder=ByWords()).is_empty()
