"""Scan, redact, restore, policies and sessions by the typed client."""

import grpc
import pytest

from prompt_guard_client import GuardClient, GuardError, pb

EMAIL = "ann.smith@example.org"
TEXT = f"€𝄞 Write to {EMAIL} today."


def test_scan_offsets_are_those_of_python_strings(guard: GuardClient) -> None:
    finding = guard.scan([TEXT]).results[0].findings[0]
    assert finding.entity_type == "EMAIL_ADDRESS"
    assert TEXT[finding.start : finding.end] == EMAIL
    assert 0 < finding.score <= 1


def test_scan_offsets_in_other_units(guard: GuardClient) -> None:
    def start(unit: pb.OffsetUnit) -> int:
        return guard.scan([TEXT], offsets=unit).results[0].findings[0].start

    before = TEXT[: TEXT.index(EMAIL)]
    assert start(pb.OFFSET_UNIT_UTF8_BYTES) == len(before.encode())
    assert start(pb.OFFSET_UNIT_UTF16_UNITS) == len(before.encode("utf-16-le")) // 2


def test_scan_can_be_narrowed(guard: GuardClient) -> None:
    assert not guard.scan([TEXT], entities=["US_SSN"]).results[0].findings


def test_redact_and_restore_by_mapping(guard: GuardClient) -> None:
    redacted = guard.redact([TEXT, EMAIL], return_mapping=True)
    texts = [result.text for result in redacted.results]
    assert EMAIL not in "".join(texts)
    assert texts[1] in texts[0], "the same value gets the same stand-in"
    finding = redacted.results[0].findings[0]
    assert texts[0][finding.redacted_start : finding.redacted_end] == texts[1]
    restored = guard.restore(texts, mapping=redacted.mapping)
    assert list(restored.texts) == [TEXT, EMAIL]
    assert restored.restored == 2


def test_a_mapping_may_be_a_dict(guard: GuardClient) -> None:
    restored = guard.restore(["to [EMAIL_1]"], mapping={"[EMAIL_1]": EMAIL})
    assert restored.texts[0] == f"to {EMAIL}"


def test_a_session_keeps_the_mapping_until_it_is_deleted(guard: GuardClient) -> None:
    redacted = guard.redact([TEXT], keep_mapping=True)
    assert redacted.session and not redacted.mapping
    text = redacted.results[0].text
    assert guard.restore([text], session=redacted.session).texts[0] == TEXT
    again = guard.redact([EMAIL], session=redacted.session)
    assert again.results[0].text in text
    guard.delete_session(redacted.session)
    with pytest.raises(GuardError) as failed:
        guard.restore([text], session=redacted.session)
    assert failed.value.code == grpc.StatusCode.NOT_FOUND


def test_another_caller_cannot_use_a_session(guard: GuardClient, address: str) -> None:
    redacted = guard.redact([TEXT], keep_mapping=True)
    with GuardClient(address, user_id="somebody-else") as other, pytest.raises(GuardError) as failed:
        other.restore([redacted.results[0].text], session=redacted.session)
    assert failed.value.code == grpc.StatusCode.NOT_FOUND


def test_bulk_scan_answers_in_order_and_survives_a_failure(guard: GuardClient) -> None:
    requests = [
        pb.ScanStreamRequest(id="a", request=pb.ScanRequest(texts=[TEXT])),
        pb.ScanStreamRequest(id="b", request=pb.ScanRequest()),
        pb.ScanStreamRequest(id="c", request=pb.ScanRequest(texts=["nothing here"])),
    ]
    answers = list(guard.scan_stream(requests))
    assert [answer.id for answer in answers] == ["a", "b", "c"]
    assert answers[0].response.results[0].findings
    assert answers[1].failure.field == "texts"
    assert not answers[2].response.results[0].findings


def test_policies_have_one_default(guard: GuardClient) -> None:
    policies = guard.policies()
    names = [policy.name for policy in policies]
    assert "default_pii" in names and names == sorted(names)
    assert sum(policy.is_default for policy in policies) == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"texts": []}, "texts"),
        ({"texts": ["x"], "min_score": 2.0}, "min_score"),
        ({"texts": ["x"], "entities": ["no type"]}, "entities[0]"),
        ({"texts": ["x"], "offsets": 99}, "offsets"),
    ],
)
def test_a_wrong_field_is_named(guard: GuardClient, arguments: dict[str, object], field: str) -> None:
    with pytest.raises(GuardError) as failed:
        guard.scan(**arguments)  # type: ignore[arg-type]
    assert failed.value.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failed.value.reason == "INVALID_REQUEST"
    assert failed.value.field == field
    assert failed.value.metadata["request_id"]


def test_an_unknown_policy_is_not_found(guard: GuardClient) -> None:
    with pytest.raises(GuardError) as failed:
        guard.scan(["x"], policy="no_such_policy")
    assert failed.value.code == grpc.StatusCode.NOT_FOUND


def test_a_message_over_the_limit_is_refused(guard: GuardClient) -> None:
    with pytest.raises(GuardError) as failed:
        guard.scan(["x" * (11 << 20)])
    assert failed.value.code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failed.value.reason == "REQUEST_TOO_LARGE"
