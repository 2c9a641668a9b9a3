"""Checkpoints are C2SP signed notes."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.errors import VerificationFailed
from core.records.checkpoint import VerifierKey, parse, sign, verifier_key, verify

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = verifier_key("antwerp.example.org", PRIVATE)
ROOT = bytes(range(32))


def test_a_signed_checkpoint_verifies_and_states_origin_size_and_root():
    signed = sign("antwerp.example.org", 1042, ROOT, PRIVATE)
    lines = signed.note.split("\n")
    assert lines[:4] == ["antwerp.example.org", "1042", base64.b64encode(ROOT).decode(), ""]
    assert lines[4].startswith("— antwerp.example.org ")
    assert verify(signed.note, KEY) == signed


def test_the_example_key_of_the_note_format_is_read():
    # From the documentation of golang.org/x/mod/sumdb/note.
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = VerifierKey.parse(text)
    assert (key.name, key.hash.hex(), str(key)) == ("PeterNeumann", "c74f20a3", text)


def test_the_example_note_of_the_note_format_verifies_as_a_signature():
    # Same source: the signature is over the text and its final newline, the key hash before it.
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    with pytest.raises(VerificationFailed) as caught:
        verify(note, key)
    assert caught.value.reason == "bad_checkpoint"


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("1042", "1043"),
        lambda note: note.replace("AAECAwQF", "BAECAwQF"),
        lambda note: note[:-6] + "AAAA=\n",
        lambda note: note.replace("— antwerp", "— ghent"),
    ],
)
def test_a_changed_checkpoint_does_not_verify(change):
    with pytest.raises(VerificationFailed):
        verify(change(sign("antwerp.example.org", 1042, ROOT, PRIVATE).note), KEY)


def test_another_origins_checkpoint_does_not_verify():
    other = sign("ghent.example.org", 1, ROOT, PRIVATE)
    with pytest.raises(VerificationFailed) as caught:
        verify(other.note, KEY)
    assert caught.value.reason == "bad_checkpoint"


def test_signatures_of_others_are_passed_over():
    signed = sign("antwerp.example.org", 7, ROOT, PRIVATE)
    witnessed = signed.note + "— witness.example.org " + base64.b64encode(b"x" * 68).decode() + "\n"
    assert verify(witnessed, KEY).size == 7


@pytest.mark.parametrize(
    "note",
    ["", "a\n\n", "a\n1\n\n", "a\n-1\nAAAA\n\n", "a\n01\nAAAA\n\n", "a\n1\n!!!\n\n", "a\n1\nAAAA\n\n", "x" * 20_000],
)
def test_a_malformed_checkpoint_is_named_as_such(note):
    with pytest.raises(VerificationFailed) as caught:
        parse(note)
    assert caught.value.reason == "bad_checkpoint"


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", str(KEY).replace(KEY.hash.hex(), "00000000")])
def test_a_malformed_key_is_refused(text):
    with pytest.raises(VerificationFailed) as caught:
        VerifierKey.parse(text)
    assert caught.value.reason == "bad_key"
