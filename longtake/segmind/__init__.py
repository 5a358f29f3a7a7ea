"""The Segmind room: the only one that knows httpx.

``SegmindClient`` sends and reads, ``may_retry`` says whether a failed call may be repeated,
``Pace`` says when to look at a running job. See ``longtake.segmind.retry`` for what each failure
means.
"""

from __future__ import annotations

from longtake.segmind.attempts import Absent, Found, Search, Unknown
from longtake.segmind.client import SegmindClient
from longtake.segmind.generating import Generated
from longtake.segmind.history import HistoryRow
from longtake.segmind.operations import Call, CallKind, Failure, Operation
from longtake.segmind.pace import Pace, delays
from longtake.segmind.refusals import failed_error
from longtake.segmind.retry import Judgement, decide, may_retry
from longtake.segmind.throttle import Throttle
from longtake.segmind.transfer import Downloaded
from longtake.segmind.transport import Network, Timeouts
from longtake.segmind.wire import (
    Balance,
    Completed,
    Failed,
    JobState,
    Processing,
    Queued,
    Submitted,
    data_uri,
)

__all__ = [
    "Absent",
    "Balance",
    "Call",
    "CallKind",
    "Completed",
    "Downloaded",
    "Failed",
    "Failure",
    "Found",
    "Generated",
    "HistoryRow",
    "JobState",
    "Judgement",
    "Network",
    "Operation",
    "Pace",
    "Processing",
    "Queued",
    "Search",
    "SegmindClient",
    "Submitted",
    "Throttle",
    "Timeouts",
    "Unknown",
    "data_uri",
    "decide",
    "delays",
    "failed_error",
    "may_retry",
]
