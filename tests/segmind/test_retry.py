"""The decision table: every row of the contract's errors, for every operation."""

from __future__ import annotations

import pytest

from longtake.errors import (
    AmbiguousSubmit,
    ContentBlocked,
    DamagedClip,
    FileNotYet,
    GenerationFailed,
    KeyRefused,
    ModelRetired,
    OperatorError,
    OutOfCredits,
    RateLimited,
    RequestRefused,
    RequestUnknown,
    ServiceError,
    ServiceUnavailable,
    SpendLimitReached,
    UnreadableAnswer,
)
from longtake.segmind.operations import Call, CallKind, Failure, Operation
from longtake.segmind.retry import LONGEST_WAIT_SECONDS, decide, error_for, may_retry

OPERATIONS = list(Operation)

# One letter for each verdict: the error, retry, stops_render, may_retake.
VERDICTS: dict[str, tuple[type[ServiceError], bool, bool, bool]] = {
    "s": (ServiceUnavailable, True, False, False),
    "r": (RateLimited, True, False, False),
    "a": (AmbiguousSubmit, False, False, False),
    "k": (KeyRefused, False, True, False),
    "K": (KeyRefused, True, True, False),
    "c": (OutOfCredits, False, True, False),
    "l": (SpendLimitReached, False, True, False),
    "y": (FileNotYet, True, False, False),
    "m": (ModelRetired, False, True, False),
    "x": (RequestRefused, False, False, False),
    "u": (RequestUnknown, False, False, False),
    "b": (UnreadableAnswer, True, False, False),
    "B": (UnreadableAnswer, False, False, False),
    "f": (GenerationFailed, False, False, True),
    "n": (ContentBlocked, False, False, False),
}


def http(status: int, words: str = "", body: str = "") -> Failure:
    return Failure(CallKind.ANSWERED, words, status, body)


NO_KEY = "Missing Authorization or x-api-key in header"
PAGE = "<!DOCTYPE html><title>Just a moment</title> check your authorization"
PADDED = ' {"padding": ' + "[" * 500 + "]" * 500 + "}"


#   what was seen                     submit generate upload status result download balance history
TABLE = [
    (Failure(CallKind.NOT_SENT), "s        s        s      s      s      s        s       s"),
    (Failure(CallKind.LOST), "     a        a        s      s      s      s        s       s"),
    (Failure(CallKind.UNREADABLE), "a       a       B      b      b      b        b       b"),
    (http(301), "x x x b b y x b"),
    (http(400), "x x x b b y x b"),
    (http(400, "content policy"), "n n x b b y x b"),
    (http(401), "k k k s s y k s"),
    (http(401, NO_KEY), "k k k K K y k K"),
    (http(401, "", '{"error": "invalid_token"}'), "k k k K K y k K"),
    (http(401, "Just a moment", PAGE), "s a s s s y s s"),
    (http(402), "c c c s s y c s"),
    (http(403), "k k k s s y k s"),
    (http(403, "Just a moment", PAGE), "s a s s s y s s"),
    (http(403, "", PADDED), "k a k s s y k s"),
    (http(403, "content policy"), "n n k s s y k s"),
    (http(404), "u u u u u y u u"),
    (http(404, "No credits found for the user"), "u u u u u y c u"),
    (http(405), "x x x b b y x b"),
    (http(406, "no credits"), "c c c s s y c s"),
    (http(406), "c c c s s y c s"),
    (http(406, "Invalid content type"), "x x x s s y x s"),
    (http(406, "value is not one of the enum"), "x x x s s y x s"),
    (http(406, "Team spend limit reached"), "l l l s s y l s"),
    (http(402, "Monthly budget of the workspace exceeded"), "l l l s s y l s"),
    (http(403, "usage cap reached for this key"), "l l l s s y l s"),
    (http(402, "Spending limit of your team"), "l l l s s y l s"),
    (http(408), "a a s s s s s s"),
    (http(409), "x x x s s y x s"),
    (http(410), "m m u u u y u u"),
    (http(413), "x x x b b y x b"),
    (http(422), "x x x b b y x b"),
    (http(422, "content policy"), "n n x b b y x b"),
    (http(423, "content policy"), "x x x s s y x s"),
    (http(425), "s s s s s y s s"),
    (Failure(CallKind.JOB_FAILED, "oom", 422), "f f      f      f      f      f        f       f"),
    (Failure(CallKind.JOB_FAILED, "NSFW", 422), "n n     n      n      n      n        n       n"),
    (http(429), "              r        r        r      r      r      r        r       r"),
    (http(500), "              s        a        s      s      s      s        s       s"),
    (http(502), "              a        a        s      s      s      s        s       s"),
    (http(429, "", PAGE), "r a r r r r r r"),
    (http(503, "", PAGE), "s a s s s s s s"),
    (http(503), "              s        s        s      s      s      s        s       s"),
    (http(504), "              a        a        s      s      s      s        s       s"),
    (http(524), "              a        a        s      s      s      s        s       s"),
]
CASES = [
    pytest.param(operation, failure, letter, id=f"{operation}-{failure.kind}-{failure.status}")
    for failure, row in TABLE
    for operation, letter in zip(OPERATIONS, row.split(), strict=True)
]


@pytest.mark.parametrize(("operation", "failure", "letter"), CASES)
def test_each_failure_of_each_operation_has_its_verdict(
    operation: Operation, failure: Failure, letter: str
) -> None:
    error, retry, stops_render, may_retake = VERDICTS[letter]
    decision = decide(operation, failure)
    assert decision.error is error
    assert decision.retry is retry
    assert issubclass(error, OperatorError) is stops_render
    assert (issubclass(error, GenerationFailed) and error is not ContentBlocked) is may_retake
    assert decision.ambiguous is (letter == "a")


@pytest.mark.parametrize(("operation", "failure", "letter"), CASES)
def test_the_error_that_is_raised_keeps_the_verdict(
    operation: Operation, failure: Failure, letter: str
) -> None:
    error = error_for(Call(operation, "id-1"), failure)
    assert type(error) is VERDICTS[letter][0]
    assert may_retry(operation, error) is VERDICTS[letter][1]
    assert (error.operation, error.status, error.request_id) == (operation, failure.status, "id-1")


@pytest.mark.parametrize("operation", [Operation.SUBMIT, Operation.GENERATE])
@pytest.mark.parametrize("kind", [CallKind.LOST, CallKind.UNREADABLE])
def test_a_paid_call_without_a_usable_answer_is_never_repeated(
    operation: Operation, kind: CallKind
) -> None:
    for status in (None, 200, 502):
        assert decide(operation, Failure(kind, status=status)).retry is False


def test_a_long_hint_is_capped() -> None:
    decision = decide(Operation.STATUS, Failure(CallKind.ANSWERED, "", 429, wait_seconds=86400.0))
    assert decision.wait_seconds == LONGEST_WAIT_SECONDS


def test_a_hint_without_a_retry_is_no_wait() -> None:
    failure = Failure(CallKind.ANSWERED, "", 401, wait_seconds=5.0)
    assert decide(Operation.SUBMIT, failure).wait_seconds is None


def test_the_hint_reaches_the_error() -> None:
    error = error_for(Call(Operation.UPLOAD), Failure(CallKind.ANSWERED, "", 429, wait_seconds=7.5))
    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == 7.5


def test_a_damaged_download_may_be_fetched_again() -> None:
    assert may_retry("download", DamagedClip("truncated"))
    assert not may_retry("generate", DamagedClip("truncated"))


def test_what_longtake_did_not_raise_is_not_retried() -> None:
    assert not may_retry("status", ValueError("a fault of ours"))


def test_an_ambiguous_submit_says_what_to_look_for_and_where() -> None:
    call = Call(Operation.SUBMIT, subject="wan-2.2-t2v-fast, seed 7")
    message = str(error_for(call, Failure(CallKind.LOST, "ReadTimeout")))
    assert message.startswith("submit wan-2.2-t2v-fast, seed 7: ReadTimeout.")
    assert "do not send it again" in message
    assert "request history" in message


def test_an_ambiguous_blocking_call_names_the_seed_next_to_its_id() -> None:
    call = Call(Operation.GENERATE, "id-1", "wan-2.2-t2v-fast, seed 7")
    assert "seed 7" in str(error_for(call, Failure(CallKind.LOST)))


def test_an_unreadable_body_is_carried_whole_and_others_are_cut() -> None:
    body = "x" * 10_000
    whole = error_for(Call(Operation.STATUS), Failure(CallKind.UNREADABLE, body=body))
    cut = error_for(Call(Operation.SUBMIT), Failure(CallKind.ANSWERED, status=400, body=body))
    assert len(whole.body) == 10_000
    assert len(cut.body) == 2000


def test_an_expired_record_points_to_the_history() -> None:
    error = error_for(Call(Operation.RESULT, "id-1"), http(404, "Request not found"))
    assert "history" in str(error)


def test_an_unknown_model_is_told_as_such() -> None:
    error = error_for(Call(Operation.SUBMIT, subject="wan-9"), http(404, "Not found"))
    assert "does not know this model" in str(error)


@pytest.mark.parametrize(("asked", "waits"), [(None, None), (0.0, 0.0), (59.0, 59.0), (61.0, 60.0)])
def test_a_hint_is_heeded_up_to_a_minute(asked: float | None, waits: float | None) -> None:
    for status in (429, 503):
        failure = Failure(CallKind.ANSWERED, "", status, wait_seconds=asked)
        assert decide(Operation.STATUS, failure).wait_seconds == waits


SUBMIT = Call(Operation.SUBMIT, subject="wan-2.2-t2v-fast, seed 7")
STATUS = Call(Operation.STATUS, "id-1", "a job")
AMBIGUOUS = (
    "The job may have been accepted, and paid for: do not send it again before looking for it in "
    "the request history by its model and seed"
)
LOOKED_FOR = "Rendering again does that, and sends nothing before it has looked."
KEPT = "The job was accepted and is kept: rendering again asks for it."


@pytest.mark.parametrize(
    ("call", "failure", "says"),
    [
        (
            SUBMIT,
            http(500, "Internal error."),
            "submit wan-2.2-t2v-fast, seed 7: HTTP 500: Internal error. It is safe to ask again.",
        ),
        (
            SUBMIT,
            Failure(CallKind.NOT_SENT),
            "submit wan-2.2-t2v-fast, seed 7: not sent. It is safe to ask again.",
        ),
        (
            SUBMIT,
            http(400, "bad fps"),
            (
                "submit wan-2.2-t2v-fast, seed 7: HTTP 400: bad fps. "
                "Sending it again unchanged will not help."
            ),
        ),
        (
            Call(Operation.BALANCE),
            http(402),
            "balance: HTTP 402. Top up the account; everything paid for so far is kept.",
        ),
        (STATUS, http(500), f"status id-1: HTTP 500. It is safe to ask again. {KEPT}"),
        (STATUS, http(405), f"status id-1: HTTP 405. It is safe to ask again. {KEPT}"),
        (STATUS, http(429), "status id-1: HTTP 429. All calls slow down."),
        (
            Call(Operation.RESULT, "id-1"),
            Failure(CallKind.JOB_FAILED, "oom"),
            f"result id-1: oom. It was not billed; another seed may do better. {KEPT}",
        ),
        (Call(Operation.HISTORY), http(405), "history: HTTP 405. It is safe to ask again."),
        (
            Call(Operation.UPLOAD, subject="a.png"),
            Failure(CallKind.UNREADABLE, "no file_urls"),
            "upload a.png: no file_urls.",
        ),
        (
            Call(Operation.GENERATE, "id-1", "wan-2.2-t2v-fast, seed 7"),
            Failure(CallKind.LOST, "reset"),
            f"generate id-1: reset. {AMBIGUOUS} (wan-2.2-t2v-fast, seed 7). {LOOKED_FOR}",
        ),
        (
            SUBMIT,
            Failure(CallKind.LOST, "reset"),
            f"submit wan-2.2-t2v-fast, seed 7: reset. {AMBIGUOUS}. {LOOKED_FOR}",
        ),
    ],
)
def test_an_error_says_what_was_asked_what_was_seen_and_the_fix(
    call: Call, failure: Failure, says: str
) -> None:
    assert str(error_for(call, failure)) == says


@pytest.mark.parametrize(
    ("operation", "fix"),
    [
        ("submit", "The service does not know this model."),
        ("generate", "The service does not know this model."),
        ("status", "Records live one hour; the request history still leads to the clip for days."),
        ("result", "Records live one hour; the request history still leads to the clip for days."),
        ("history", "The request history does not list it (yet)."),
        ("upload", "Nothing was uploaded: check upload_url in the profile."),
        ("balance", "Check api_url in the profile."),
    ],
)
def test_what_is_not_known_is_looked_for_elsewhere(operation: str, fix: str) -> None:
    error = error_for(Call(Operation(operation), "id-1"), http(404))
    assert str(error) == f"{operation} id-1: HTTP 404. {fix}"


@pytest.mark.parametrize(("before", "error"), [(1987, KeyRefused), (1988, ServiceUnavailable)])
def test_a_refused_key_is_told_by_the_head_of_the_body(
    before: int, error: type[ServiceError]
) -> None:
    body = "x" * before + " unauthorized"
    assert decide(Operation.STATUS, http(401, "", body)).error is error
