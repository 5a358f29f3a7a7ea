"""Renders on paper: records as they stand at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from longtake.record import ClipRecord, FilmRecord, RunRecord, Stage
from longtake.rendering.run_page.snapshot import Snapshot

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
FILM = FilmRecord(
    file="film.mp4",
    sha256="f" * 64,
    size_bytes=1000,
    frame_count=242,
    seconds=15.125,
    fps=16,
    width=832,
    height=480,
)


def clip(clip_id: str, chain: int = 1, **facts: Any) -> ClipRecord:
    """A clip that usually takes 60 seconds and 0.10 USD."""
    common: dict[str, Any] = {
        "id": clip_id,
        "chain": chain,
        "shot": clip_id.rpartition(".")[0],
        "model": "wan-2.2-t2v-fast",
        "prompt": "a lighthouse",
        "parameters": {"seed": 7},
        "seed": 7,
        "start": "cut",
        "expected_seconds": 60,
        "expected_usd": 0.1,
        "skip_frames": 0,
        "kept_frame_count": 81,
        "first_frame_index": 0,
    }
    return ClipRecord(**(common | facts))


def stored(clip_id: str, chain: int = 1, **facts: Any) -> ClipRecord:
    """A clip that came after 50 seconds."""
    came: dict[str, Any] = {
        "stage": Stage.STORED,
        "request_id": f"request-{clip_id}",
        "submitted_at": NOW - timedelta(seconds=90),
        "ended_at": NOW - timedelta(seconds=40),
        "usd": 0.09,
        "file": f"clips/{clip_id.replace('/', '-')}.mp4",
        "sha256": "ab" * 32,
        "frame_count": 81,
    }
    return clip(clip_id, chain, **(came | facts))


def under_way(clip_id: str, chain: int = 1, seconds: float = 30, **facts: Any) -> ClipRecord:
    """A clip whose job was accepted so many seconds ago."""
    sent: dict[str, Any] = {
        "stage": Stage.GENERATING,
        "request_id": f"request-{clip_id}",
        "submitted_at": NOW - timedelta(seconds=seconds),
    }
    return clip(clip_id, chain, **(sent | facts))


def run_of(*clips: ClipRecord, **facts: Any) -> RunRecord:
    """A run of these clips."""
    common: dict[str, Any] = {
        "title": "Two ways",
        "storyboard": "two-ways.yaml",
        "storyboard_sha256": "0" * 64,
        "seed": 7,
        "folder": "/renders/two-ways",
        "started_at": NOW - timedelta(seconds=100),
        "clips": {each.id: each for each in clips},
    }
    return RunRecord(**(common | facts))


def snapshot(run: RunRecord, **facts: Any) -> Snapshot:
    """The run as it stands at NOW."""
    return Snapshot(run=run, now=NOW, **facts)
