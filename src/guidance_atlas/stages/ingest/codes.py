"""Why a record cannot be used: every reason code, and what an operator can do about it."""

from dataclasses import dataclass

CODES: dict[str, str] = {
    "bad_csv": "the row breaks the rules of quoting; write the table again with a CSV library",
    "bad_json": "the record is not JSON; look at the program that wrote it, or at a line cut in two",
    "empty_file": "nothing is in the file; check the export that should have filled it",
    "file_corrupt": "the file breaks off in damaged bytes; fetch it again, what stood before is used",
    "file_too_large": "a compressed parquet file unpacks to too much memory; unpack it on disk first",
    "file_truncated": "the file ends too early; fetch it again, what stood before is used",
    "no_turns": "nobody says anything in the record; often a span or event that is not a chat",
    "no_user_turn": "only the assistant speaks; check that the user's side is exported too",
    "not_an_object": "the record is JSON but no object; name the file that holds conversations",
    "not_utf8": "the text is not UTF-8; convert the file, for instance with iconv",
    "record_too_large": "the record is larger than the limit; raise ingest.max_record_mb if it is a real conversation",
    "too_deep": "the record is nested too deeply to be a conversation; look at the program that wrote it",
    "too_many_turns": "the conversation has more than 2,000 turns; split it before reading if it is real",
    "unknown_format": "no known format fits; name the format in the settings, or convert to openai-messages",
    "unknown_role": "somebody speaks who is neither user, assistant, system nor tool; map the role before reading",
    "window_too_large": "the zstd file was packed with a window over 128 MiB; pack it again without --long",
    "wrong_type": "a field holds another type than its format says; look at the program that wrote it",
}


class Unusable(Exception):
    """A record cannot be used. The code is all that is told; no word of the record goes in here."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Fault:
    """Stands in a stream of records where one could not be read; it takes a record's number."""

    code: str
