"""Everything an operator may set: environment variables over one YAML profile over defaults.

A profile is a file of the fields below (``--profile NAME`` finds ``configs/profiles/NAME.yaml``, or
takes a path). Each field can also be set by ``LONGTAKE_<FIELD>``; the key comes from
``SEGMIND_API_KEY``, from ``api_key_file`` or from a Prefect Secret block (``api_key_block``), and
never from a profile, a parameter or a log.
Importing this module reads nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from longtake import documents
from longtake.errors import MissingKey, SettingsError
from longtake.folders import data_folder, default_ledger
from longtake.story import Rates, explain
from longtake.story.schedule import CONCURRENCY

PROFILES = Path("configs/profiles")
KEY_VARIABLE = "SEGMIND_API_KEY"
PREFIX = "LONGTAKE_"

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Waiting(BaseModel):
    """How long longtake waits, all in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect_seconds: Seconds = Field(10, description="For a connection to open.")
    read_seconds: Seconds = Field(60, description="For an answer to go on.")
    generate_seconds: Seconds = Field(300, description="For a whole v1 answer (the clip itself).")
    job_seconds: Seconds = Field(
        1800, description="For a job to end, from when a render begins to wait for it."
    )
    retry_seconds: tuple[Seconds, ...] = Field(
        (2, 5, 10, 20, 40), description="Pauses before a safe step is repeated; one try each."
    )


class Keeping(BaseModel):
    """Where what was paid for is kept, and how renders share it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ledger: str = Field(
        default_factory=lambda: str(default_ledger()),
        description="The ledger: a SQLite file's path, or postgresql://user@host/database.",
    )
    store: str = Field(
        default_factory=lambda: str(data_folder() / "store"),
        description="Where clips lie by their content: a folder, or a URL such as s3://bucket/path.",
    )
    lease_seconds: float = Field(
        60, gt=0, description="How long a take stays with a render that is not heard of any more."
    )
    ambiguous_seconds: Seconds = Field(
        120,
        description="How old an unanswered submit must be before its absence from the request "
        "history means that it was never accepted.",
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

    model_config = ConfigDict(extra="forbid", frozen=True)

    untagged_matrix: Literal["bt601", "bt709"] = Field(
        "bt601", description="The colour matrix to assume where a clip does not name its own."
    )
    crf: int = Field(17, ge=0, le=51, description="x264's constant rate factor for the film.")
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"] = (
        Field("veryfast", description="x264's preset for the film.")
    )


class Sound(BaseModel):
    """How loud the film is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    loudness_lufs: float | None = Field(
        -14, ge=-40, le=-5, description="Integrated loudness of the film; None: as it was mixed."
    )
    peak_db: float = Field(-1, ge=-12, le=0, description="True peaks stay below that.")


class Fleet(BaseModel):
    """How renders share an account and their work over several machines, by way of Prefect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


class Settings(BaseSettings):
    """What a render needs to know beyond its storyboard."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    api_key_file: Path | None = Field(None, description="A file that holds the key and no more.")
    api_key_block: str | None = Field(
        None, description="A Prefect Secret block that holds the key; asked last."
    )

    api_url: str = Field("https://api.segmind.com", description="Where v1 and v2 are.")
    upload_url: str = Field(
        "https://workflows-api.segmind.com", description="Where images are uploaded."
    )
    history_url: str = Field(
        "https://api.spotprod.segmind.com", description="Where the request history is."
    )
    private_addresses: bool = Field(
        False,
        description="Fetch files from private, link-local and loopback addresses, too; from "
        "loopback they are fetched anyway where the service is there.",
    )
    endpoint: Literal["v2", "v1"] = Field(
        "v2", description="v2 queues and is polled; v1 blocks until the clip is there."
    )
    image_transport: Literal["upload", "data_uri"] = Field(
        "upload", description="How images travel; data URIs are unproven on these models."
    )
    concurrency: int = Field(CONCURRENCY, ge=1, le=1000, description="Jobs in flight at once.")
    requests_per_minute: int = Field(
        120, ge=1, description="All requests of this process, polls included."
    )
    rates: Rates = Field(Rates(), description="Expected USD and seconds of a call.")
    keeping: Keeping = Field(default_factory=Keeping)
    waiting: Waiting = Waiting()
    picture: Picture = Picture()
    sound: Sound = Sound()
    font: Path | None = Field(
        None, description="The font that words are drawn with; else one is found."
    )
    fleet: Fleet = Fleet()
    review: bool = Field(
        True, description="Read the film's seams, and make the review page and the seam reel."
    )
    embed_storyboard: bool = Field(
        True, description="Put the storyboard's text into the film, for `longtake recipe`."
    )
    ffmpeg: Path | None = Field(None, description="The ffmpeg to use; else one is found.")
    ffmpeg_processes: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="ffmpeg runs at once."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment outranks the profile: what is nearer to the run wins."""
        return env_settings, init_settings

    def key(self) -> SecretStr:
        """The API key, from the environment or the key file; MissingKey names the remedies."""
        if key := os.environ.get(KEY_VARIABLE, "").strip():
            return SecretStr(key)
        if self.api_key_file is not None:
            return _key_from(self.api_key_file)
        raise MissingKey(
            f"no Segmind API key: set {KEY_VARIABLE} (or api_key_file or api_key_block in the "
            "profile), or add --emulated to render on the built-in emulator without a key"
        )


def load_settings(profile: str | None = None) -> Settings:
    """The settings of a run: the environment over the profile over the defaults.

    Raises SettingsError for a profile that does not exist or a variable that does not fit, and
    StoryboardError with every place for a profile whose values do not.
    """
    from_environment = _from_environment()
    return from_environment if profile is None else documents.load(find_profile(profile), Settings)


def _from_environment() -> Settings:
    """The settings without a profile; SettingsError names each variable that does not fit."""
    problems = list(_unknown_variables())
    try:
        settings = Settings()
    except ValidationError as error:
        told = explain(error, Settings, _given())
        problems += [f"{_variable(problem.place)}: {problem.message}" for problem in told]
    except ValueError as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = _variable((field[1],)) if field else PREFIX
        problems.append(f"{name}…: must be JSON, as in {PREFIX}WAITING__RETRY_SECONDS=[2,5,10]")
    if problems:
        raise SettingsError("the environment does not fit: " + "; ".join(problems))
    return settings


def _variable(place: tuple[str | int, ...]) -> str:
    """The environment variable that sets what lies there."""
    return PREFIX + "__".join(str(part) for part in place).upper()


def _given() -> dict[str, Any]:
    """What our variables say, nested as the settings are."""
    data: dict[str, Any] = {}
    for name, value in os.environ.items():
        if name.upper().startswith(PREFIX):
            *way, last = name[len(PREFIX) :].lower().split("__")
            inner = data
            for part in way:
                inner = inner.setdefault(part, {})
                if not isinstance(inner, dict):
                    break
            else:
                inner[last] = value
    return data


def _unknown_variables() -> Iterator[str]:
    """What to say of variables with our prefix that set nothing."""
    known = {name: _variable((name,)) for name in Settings.model_fields}
    for name in sorted(os.environ):
        field = name[len(PREFIX) :].split("__")[0].lower()
        if name.upper().startswith(PREFIX) and field not in known:
            close = get_close_matches(field, known, n=1)
            meant = f"did you mean {known[close[0]]}?" if close else f"there are {_all(known)}"
            yield f"{name} sets nothing: {meant}"


def _all(known: Mapping[str, str]) -> str:
    return ", ".join(known.values())


def find_profile(profile: str) -> Path:
    """The file of a profile: a path as it is, a bare name under ``configs/profiles``."""
    path = Path(profile)
    candidate = path if path.suffix in {".yaml", ".yml", ".json"} else PROFILES / f"{profile}.yaml"
    if candidate.is_file():
        return candidate
    known = sorted(found.stem for found in PROFILES.glob("*.yaml"))
    hint = f"; profiles here: {', '.join(known)}" if known else ""
    raise SettingsError(f"no profile {profile!r}: {candidate} is not a file{hint}")


def _key_from(path: Path) -> SecretStr:
    try:
        key = path.expanduser().read_text("utf-8").strip()
    except OSError as error:
        raise MissingKey(f"api_key_file: cannot read {path}: {error.strerror}") from None
    if not key:
        raise MissingKey(f"api_key_file: {path} is empty")
    return SecretStr(key)
