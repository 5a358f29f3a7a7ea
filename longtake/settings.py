"""Everything an operator may set: environment variables over one YAML profile over defaults.

A profile is a file of the fields below (``--profile NAME`` finds ``configs/profiles/NAME.yaml``, or
takes a path). Each field can also be set by ``LONGTAKE_<FIELD>``; the key comes from
``SEGMIND_API_KEY``, from ``api_key_file`` or from a Prefect Secret block (``api_key_block``), and
never from a profile, a parameter or a log.
Importing this module reads nothing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from longtake import documents
from longtake.errors import MissingKey, Place, SettingsError
from longtake.files import read_secret
from longtake.profile_parts import Fleet, Keeping, Picture, Sound, Waiting
from longtake.story import Rates, explain
from longtake.story.schedule import CONCURRENCY

PROFILES = Path("configs/profiles")
KEY_VARIABLE = "SEGMIND_API_KEY"
PREFIX = "LONGTAKE_"


class Settings(BaseSettings):
    """What a render needs to know beyond its storyboard."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
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
        "upload", description="How images are sent; data URIs are unproven on these models."
    )
    local_files: Mapping[str, Path] = Field(
        {}, description="Files in place of what these addresses of stills and own clips give."
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
        unfit = explain(error, Settings, _given())
        problems += [f"{_variable(problem.place)}: {problem.message}" for problem in unfit]
    except (ValueError, RecursionError) as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = _variable((field[1],)) if field else PREFIX
        problems.append(f"{name}…: must be JSON, as in {PREFIX}WAITING__RETRY_SECONDS=[2,5,10]")
    if problems:
        raise SettingsError("the environment does not fit: " + "; ".join(problems))
    return settings


def _variable(place: Place) -> str:
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
                inner[last] = _read(value)
    return data


def _read(value: str) -> Any:
    """A variable's value; what is written as JSON is what a whole part of the settings may be."""
    with suppress(ValueError, RecursionError):
        return json.loads(value) if value[:1] in ("{", "[") else value
    return value


def _unknown_variables() -> Iterator[str]:
    """What to say of variables with our prefix that set nothing."""
    known = {name: _variable((name,)) for name in Settings.model_fields}
    for name in sorted(os.environ):
        field = name[len(PREFIX) :].split("__")[0].lower()
        if name.upper().startswith(PREFIX) and field not in known:
            close = get_close_matches(field, known, n=1)
            every = ", ".join(known.values())
            meant = f"did you mean {known[close[0]]}?" if close else f"there are {every}"
            yield f"{name} sets nothing: {meant}"


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
        key = read_secret(path.expanduser())
    except OSError as error:
        raise MissingKey(f"api_key_file: cannot read {path}: {error.strerror}") from None
    if not key:
        raise MissingKey(f"api_key_file: {path} is empty")
    return SecretStr(key)
