"""The parts of a profile: how long longtake waits, where it keeps what, how a film is encoded."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from longtake.folders import default_ledger, default_store

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Waiting(BaseModel):
    """How long longtake waits, all in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    connect_seconds: Seconds = Field(10, description="The longest wait for a connection to open.")
    read_seconds: Seconds = Field(60, description="The longest silence within an answer.")
    generate_seconds: Seconds = Field(300, description="For a whole v1 answer (the clip itself).")
    job_seconds: Seconds = Field(
        1800, description="For a job to end, from when a render begins to wait for it."
    )
    retry_seconds: tuple[Seconds, ...] = Field(
        (2, 5, 10, 20, 40), description="Pauses before a safe step is repeated; one try each."
    )


class Keeping(BaseModel):
    """Where what was paid for is kept, and how renders share it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    ledger: str = Field(
        default_factory=lambda: str(default_ledger()),
        description="The ledger: a SQLite file's path, or postgresql://user@host/database.",
    )
    store: str = Field(
        default_factory=lambda: str(default_store()),
        description="Where clips lie by their content: a folder, or a URL such as s3://bucket/path.",
    )
    lease_seconds: float = Field(
        60, gt=0, description="How long a take stays with a render that gives no sign of life."
    )
    ambiguous_seconds: Seconds = Field(
        120,
        description="How old an unanswered submit must be before its absence from the request "
        "history means that it was never accepted; longer where the history is seen to be late.",
    )
    lost_seconds: Seconds = Field(
        3600,
        description="For how long the record, the history and the file's host must all have said "
        "that a finished clip is gone before it counts as lost.",
    )
    retakes: int = Field(
        2, ge=0, le=20, description="How often a clip that FAILED is tried again with a new seed."
    )
    retake_unusable: bool = Field(
        False,
        description="Whether a clip that came and that no film can be made of is tried again like "
        "one that FAILED. Unlike that one it was billed.",
    )
    daily_budget_usd: float | None = Field(
        None, ge=0, description="At most this much a day (UTC), over all renders of the ledger."
    )


class Picture(BaseModel):
    """How clips become film: colour of untagged files, and the encoder's dials."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    untagged_matrix: Literal["bt601", "bt709"] = Field(
        "bt601", description="The colour matrix to assume where a clip does not name its own."
    )
    crf: int = Field(17, ge=0, le=51, description="x264's constant rate factor for the film.")
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"] = (
        Field("superfast", description="x264's preset for the film.")
    )


class Sound(BaseModel):
    """How loud the film is."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    loudness_lufs: float | None = Field(
        -14, ge=-40, le=-5, description="Integrated loudness of the film; None: as it was mixed."
    )
    peak_db: float = Field(-1, ge=-12, le=0, description="True peaks stay below that.")


class Fleet(BaseModel):
    """How renders share an account and their work over several machines, by way of Prefect."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    pool: str | None = Field(
        None,
        description="Render each chain as a run of the deployment `render-scene/POOL`, on any of "
        "the pool's workers; None: in the render's own process.",
    )
    jobs_limit: str | None = Field(
        None,
        description="The Prefect global concurrency limit that counts the account's jobs in "
        "flight, over all machines; None: `concurrency` of each process alone.",
    )
    requests_limit: str | None = Field(
        None,
        description="The Prefect global concurrency limit, with a slot decay, that paces submits "
        "and uploads over all machines; None: `requests_per_minute` of each process alone.",
    )
    attempts: int = Field(
        5, ge=1, description="How often a run may begin, the first time and after each crash."
    )
    takeover_seconds: Seconds = Field(
        240,
        description="How long a scene's run may stay crashed before the render makes it itself.",
    )
    answer_seconds: float = Field(
        86_400, gt=0, description="How long a paused render waits for a person."
    )
    stay_seconds: Seconds = Field(
        60,
        description="How long a render's process stays while there is nothing but a person to wait "
        "for. Then it ends, and begins again at the answer.",
    )
    catch_up_hours: float = Field(
        12,
        ge=0,
        description="A scheduled render that could not begin on time begins up to this much later; "
        "after that it is left out.",
    )
