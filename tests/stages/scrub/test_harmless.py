"""What plainly is no identifier stays, and the same shape that could be one is masked."""

import pytest

from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.stages.scrub.harmless import in_program

FINDER = PresidioFinder(ner="none")


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("since build 12.7.3.9 it hangs", True),
        ("the server is at 12.7.3.9 now", False),
        ("ISBN-10 0-201-53082-1 is out of print", True),
        ("call me at 201-530-8211 tonight", False),
        ("logged at 2023-11-02T08:15:00Z twice", True),
        ("badge KX-4471-20TB9 was lost", False),
        ("so 3 4 5 6 7 8 9 10 11 and on", True),
    ],
)
def test_a_shape_is_judged_by_what_it_is_called(text, harmless):
    assert (FINDER.find([text])[0] == []) is harmless


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [("set ", "qbuf", " = [1, 2]"), ("", "hsv", "(12, 4, 8)"), ("width 40", "rem", ";"), ("see util.", "py", " for it"),
     ("open ", "notes", ".txt")],
)  # fmt: skip
def test_parts_of_programs_are_told(before, word, after):
    assert in_program(before + word + after, len(before), len(before) + len(word))


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [("i met ", "krzysia", ".she said"), ("", "Anh", "(34) and I"), ("", "krzysia", "_w is her handle"),
     ("it was ", "krzysia", " = my sister")],
)  # fmt: skip
def test_people_beside_such_marks_are_not(before, word, after):
    assert not in_program(before + word + after, len(before), len(before) + len(word))
