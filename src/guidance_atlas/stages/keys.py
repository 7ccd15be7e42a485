"""Keyed hashes: what stands for a person, a conversation or a text, and tells nothing without the root's secret."""

import hashlib
from collections.abc import Iterable


def keyed(secret: bytes, domain: bytes, pieces: Iterable[str]) -> str:
    """Hash texts with a key, 128 bits as hex: BLAKE2b's own keyed mode (RFC 7693), personalised by domain.

    Each piece goes in after its length, so that no two lists of pieces feed the same bytes.
    """
    key = secret if len(secret) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(secret).digest()
    keyed_hash = hashlib.blake2b(digest_size=16, key=key, person=domain)
    for piece in pieces:
        encoded = piece.encode()
        keyed_hash.update(len(encoded).to_bytes(8, "big"))
        keyed_hash.update(encoded)
    return keyed_hash.hexdigest()


def person_key(secret: bytes, source_person: str) -> str:
    """The key of a person whose source names them, by the id that it gives them."""
    return keyed(secret, b"person", ["person", source_person])


def conversation_key(secret: bytes, source_id: str) -> str:
    """The key of a conversation that has an id in its source."""
    return keyed(secret, b"conversation", ["id", source_id])
