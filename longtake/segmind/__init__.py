"""The Segmind room: the only one that knows httpx.

``SegmindClient`` sends and reads, ``may_retry`` says whether a failed call may be repeated,
``Pace`` says when to look at a running job. See ``longtake.segmind.retry`` for what each failure
means.
"""

from __future__ import annotations

from longtake.segmind.attempts import Absent, Found
from longtake.segmind.client import SegmindClient
from longtake.segmind.environment import certificates
from longtake.segmind.history import HistoryRow
from longtake.segmind.history_delay import LATEST_SECONDS
from longtake.segmind.operations import Operation
from longtake.segmind.pace import Pace, steps_within
from longtake.segmind.refusals import failed_error
from longtake.segmind.retry import may_retry
from longtake.segmind.throttle import Throttle
from longtake.segmind.transport import Network, Timeouts
from longtake.segmind.wire import Completed, Failed, JobState, Queued, data_uri

__all__ = [
    "LATEST_SECONDS",
    "Absent",
    "Completed",
    "Failed",
    "Found",
    "HistoryRow",
    "JobState",
    "Network",
    "Operation",
    "Pace",
    "Queued",
    "SegmindClient",
    "Throttle",
    "Timeouts",
    "certificates",
    "data_uri",
    "failed_error",
    "may_retry",
    "steps_within",
]
