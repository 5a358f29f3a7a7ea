"""Everything that can go wrong on purpose: what each action does, and to which operations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from longtake.emulator.odd_clips import CLIPS
from longtake.emulator.rows import SHAPES as ROW_SHAPES
from longtake.emulator.shapes import IDS, KEYS, METRICS, OUTPUTS, WORDS


class Endpoint(StrEnum):
    """What a client asks for, and the job that runs behind it."""

    SUBMIT = "submit"
    STATUS = "status"
    RESULT = "result"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    ASSET = "asset"
    BALANCE = "balance"
    HISTORY = "history"
    JOB = "job"


class Action(StrEnum):
    """What happens instead of, after, or to the answer."""

    HTTP_ERROR = "http_error"
    RATE_LIMIT = "rate_limit"
    OUT_OF_CREDITS = "out_of_credits"
    SPEND_LIMIT = "spend_limit"
    REDIRECT = "redirect"
    RESET = "reset"
    SILENCE = "silence"
    SLOW = "slow"
    HTML = "html"
    NOT_JSON = "not_json"
    EMPTY = "empty"
    WRONG_SHAPE = "wrong_shape"
    CUT_ANSWER = "cut_answer"
    DROP_ANSWER = "drop_answer"
    ACCEPT_THEN_RESET = "accept_then_reset"
    ACCEPT_THEN_ERROR = "accept_then_error"
    ACCEPT_THEN_GARBAGE = "accept_then_garbage"
    ACCEPT_THEN_SILENCE = "accept_then_silence"
    FAIL = "fail"
    CONTENT_BLOCK = "content_block"
    STUCK = "stuck"
    LATE = "late"
    BAD_TAKE = "bad_take"
    EXPIRE = "expire"
    UNKNOWN_STATE = "unknown_state"
    ODD_CODE = "odd_code"
    NO_OUTPUT = "no_output"
    RESHAPE = "reshape"
    NOT_FOUND = "not_found"
    TRUNCATE = "truncate"
    SHORT = "short"
    CORRUPT = "corrupt"
    CORRUPT_ANEW = "corrupt_again"
    STALL = "stall"
    WRONG_SIZE = "wrong_size"
    PLAYLIST = "playlist"
    FLOOD = "flood"
    HIDE = "hide"
    CHALLENGE = "challenge"
    ECHO_KEY = "echo_key"
    DIRTY_WORDS = "dirty_words"
    DEEP = "deep"
    BIG = "big"
    BOMB = "bomb"
    SKEW = "skew"
    ODD_ID = "odd_id"
    ODD_METRICS = "odd_metrics"
    ODD_ROWS = "odd_rows"
    ADDRESS = "address"
    MEDIA_TYPE = "media_type"
    ODD_CLIP = "odd_clip"
    PRICE = "price"


ASKED = frozenset(Endpoint) - {Endpoint.JOB}
FILES = frozenset({Endpoint.DOWNLOAD, Endpoint.ASSET})
ANSWERED = ASKED - FILES
SUBMIT = frozenset({Endpoint.SUBMIT})
POLLS = frozenset({Endpoint.STATUS, Endpoint.RESULT})
RESULT = frozenset({Endpoint.RESULT})
JOB = frozenset({Endpoint.JOB})
HISTORY = frozenset({Endpoint.HISTORY})
DOWNLOAD = frozenset({Endpoint.DOWNLOAD})


@dataclass(frozen=True)
class Effect:
    """``operations`` an action may be scripted on, what happens, and the fields it reads.

    ``shapes`` are the values of ``shape``, for an action that reads one; it then needs it.
    """

    operations: frozenset[Endpoint]
    sentence: str
    fields: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()


EFFECTS: dict[Action, Effect] = {
    Action.HTTP_ERROR: Effect(
        ASKED,
        "nothing is done; an error of `status` (default 500) with the service's kind of body",
        ("status", "message"),
    ),
    Action.RATE_LIMIT: Effect(
        ASKED,
        "nothing is done; 429 with `x-rate-limit-reset-at-utc`",
        ("message",),
    ),
    Action.OUT_OF_CREDITS: Effect(
        SUBMIT,
        "nothing is accepted; `status` 406 (default) or 402, insufficient credits",
        ("status", "message"),
    ),
    Action.SPEND_LIMIT: Effect(
        SUBMIT, "nothing is accepted; 406, the team's spend limit is reached", ("message",)
    ),
    Action.REDIRECT: Effect(
        ASKED, "nothing is done; `status` (default 302) to `location`", ("status", "location")
    ),
    Action.RESET: Effect(ASKED, "the connection is reset before anything is done"),
    Action.SILENCE: Effect(
        ASKED, "nothing is done and no answer comes; closed after `seconds` if given", ("seconds",)
    ),
    Action.SLOW: Effect(ASKED, "the proper answer, `seconds` late (default 5)", ("seconds",)),
    Action.HTML: Effect(
        ASKED, "nothing is done; an HTML page under `status` (default 200)", ("status",)
    ),
    Action.NOT_JSON: Effect(ANSWERED, "done, but the answer is 200 with text that is not JSON"),
    Action.EMPTY: Effect(ASKED, "done, but the answer's body is empty"),
    Action.WRONG_SHAPE: Effect(ANSWERED, "done, but the answer is JSON without a documented key"),
    Action.CUT_ANSWER: Effect(
        ANSWERED, "done, but the connection is reset in the middle of the answer"
    ),
    Action.DROP_ANSWER: Effect(
        ASKED, "done, but no answer comes; closed after `seconds` if given", ("seconds",)
    ),
    Action.ACCEPT_THEN_RESET: Effect(
        SUBMIT, "the job is accepted (and paid for), then the connection is reset"
    ),
    Action.ACCEPT_THEN_ERROR: Effect(
        SUBMIT,
        "the job is accepted, then the answer is an error of `status` (default 502)",
        ("status", "message"),
    ),
    Action.ACCEPT_THEN_GARBAGE: Effect(
        SUBMIT, "the job is accepted, then the answer is 200 with text that is not JSON"
    ),
    Action.ACCEPT_THEN_SILENCE: Effect(
        SUBMIT, "the job is accepted, then no answer comes; closed after `seconds`", ("seconds",)
    ),
    Action.FAIL: Effect(JOB, "the job ends FAILED with `message`; it is not billed", ("message",)),
    Action.CONTENT_BLOCK: Effect(
        JOB, "the job ends FAILED because of its content; only the text says so", ("message",)
    ),
    Action.STUCK: Effect(JOB, "the job stays PROCESSING until its record expires"),
    Action.LATE: Effect(
        JOB, "the job takes `seconds` more (default 60; divided by the pace)", ("seconds",)
    ),
    Action.BAD_TAKE: Effect(
        JOB, "the clip is sound, billed, and falls short as `dials` say (see below)", ("dials",)
    ),
    Action.EXPIRE: Effect(POLLS, "the record is gone from now on: 404; history keeps the row"),
    Action.UNKNOWN_STATE: Effect(
        POLLS, "the state is a word that nobody knows (`message`, default PAUSED)", ("message",)
    ),
    Action.ODD_CODE: Effect(
        POLLS, "the proper body under HTTP `status` (default 500): the body decides", ("status",)
    ),
    Action.NO_OUTPUT: Effect(RESULT, "COMPLETED, but `output` is null"),
    Action.RESHAPE: Effect(
        RESULT, "`output` in another `shape`", ("shape",), tuple(OUTPUTS)
    ),
    Action.NOT_FOUND: Effect(FILES, "404 for the file"),
    Action.TRUNCATE: Effect(
        FILES, "the whole length is announced, half of it comes, the connection is closed"
    ),
    Action.SHORT: Effect(FILES, "half the file under a length that agrees with the half"),
    Action.CORRUPT: Effect(FILES, "the right length, but bytes in the middle are damaged"),
    Action.CORRUPT_ANEW: Effect(FILES, "like `corrupt`, and each time in another way"),
    Action.STALL: Effect(
        FILES, "half the file, then nothing more; closed after `seconds` if given", ("seconds",)
    ),
    Action.WRONG_SIZE: Effect(DOWNLOAD, "a sound clip at half the width and height"),
    Action.PLAYLIST: Effect(FILES, "an HLS playlist that names other files, under the clip's name"),
    Action.FLOOD: Effect(
        FILES, "bytes without an announced length: `size_bytes` of them (default 64 MiB)",
        ("size_bytes",),
    ),
    Action.HIDE: Effect(
        HISTORY,
        "rows are listed once they are `seconds` old; the newest is not, where that is not given",
        ("seconds",),
    ),
    Action.CHALLENGE: Effect(
        ASKED, "nothing is done; a CDN's challenge page under `status` (default 403)", ("status",)
    ),
    Action.ECHO_KEY: Effect(
        ANSWERED,
        "nothing is done; an error of `status` (default 500) that says the caller's key, "
        "spelled as `shape`",
        ("status", "shape"),
        KEYS,
    ),
    Action.DIRTY_WORDS: Effect(
        ANSWERED | JOB,
        "an error of `status` (default 500), or a FAILED job, whose words are `shape`",
        ("status", "shape"),
        tuple(WORDS),
    ),
    Action.DEEP: Effect(
        ANSWERED, "done, but the answer holds `depth` lists in each other (default 900)",
        ("depth",),
    ),
    Action.BIG: Effect(
        ANSWERED,
        "done, but the answer holds `size_bytes` of padding (default 200 MiB), in chunks",
        ("size_bytes",),
    ),
    Action.BOMB: Effect(
        ASKED,
        "some KB under `gzip, gzip` that unpack to `size_bytes` (default 512 MiB)",
        ("size_bytes",),
    ),
    Action.SKEW: Effect(
        ASKED, "the proper answer; its `date` is `seconds` off (below 0: behind)", ("seconds",)
    ),
    Action.ODD_ID: Effect(
        SUBMIT, "the job is accepted under an id of another `shape`", ("shape",), tuple(IDS)
    ),
    Action.ODD_METRICS: Effect(
        POLLS | HISTORY, "cost or times in another `shape`", ("shape",), tuple(METRICS)
    ),
    Action.ODD_ROWS: Effect(
        HISTORY, "the rows, or what is around them, in another `shape`", ("shape",), ROW_SHAPES
    ),
    Action.ADDRESS: Effect(
        RESULT | HISTORY,
        "the clip's address is `location`, its address padded to `size_bytes`",
        ("location", "size_bytes"),
    ),
    Action.MEDIA_TYPE: Effect(
        FILES, "the whole file under another type (`message`, default text/plain)", ("message",)
    ),
    Action.ODD_CLIP: Effect(
        DOWNLOAD, "a clip of another kind, as `shape` says", ("shape",), tuple(CLIPS)
    ),
    Action.PRICE: Effect(JOB, "the job costs `usd`, whatever the table says", ("usd",)),
}  # fmt: skip
