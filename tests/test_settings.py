"""Settings: the environment over a profile over the defaults; the key from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.errors import MissingKey, SettingsError, StoryboardError
from longtake.settings import Settings, find_profile, load_settings
from longtake.story.wan import WAN_FAST


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)


def write(folder: Path, text: str) -> str:
    path = folder / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_defaults_work_without_any_file() -> None:
    settings = load_settings()
    assert settings.endpoint == "v2"
    assert settings.api_url == "https://api.segmind.com"


def test_the_committed_profile_of_segmind_says_nothing_but_the_defaults() -> None:
    profile = Path(__file__).parent.parent / "configs/profiles/segmind.yaml"
    assert load_settings(str(profile)) == Settings()


def test_a_profile_changes_only_what_it_names(tmp_path: Path) -> None:
    settings = load_settings(
        write(tmp_path, "rates: {usd: {wan-2.2-t2v-fast: {720p: 0.2}}}\nconcurrency: 3")
    )
    assert settings.concurrency == 3
    assert settings.rates.usd[WAN_FAST.text_to_video.slug] == {"480p": 0.10, "720p": 0.2}


def test_the_environment_outranks_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONGTAKE_CONCURRENCY", "5")
    monkeypatch.setenv("LONGTAKE_PICTURE__CRF", "12")
    settings = load_settings(write(tmp_path, "concurrency: 3\npicture: {preset: fast}"))
    assert (settings.concurrency, settings.picture.crf) == (5, 12)


def test_a_wrong_profile_names_file_line_and_the_key_that_was_meant(tmp_path: Path) -> None:
    path = write(tmp_path, "endpoint: v2\nconcurency: 3")
    with pytest.raises(StoryboardError) as caught:
        load_settings(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (path, 2)
    assert "concurrency" in problem.message


def test_a_missing_profile_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs/profiles").mkdir(parents=True)
    (tmp_path / "configs/profiles/render.yaml").touch()
    with pytest.raises(SettingsError, match=r"no profile 'stdio'.*render"):
        find_profile("stdio")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LONGTAKE_CONCURRENCY", "x", "LONGTAKE_CONCURRENCY: must be a whole number, not the text"),
        ("LONGTAKE_CONCURENCY", "3", "CONCURENCY sets nothing: did you mean LONGTAKE_CONCURRENCY?"),
        ("LONGTAKE_NONSENSE", "3", "LONGTAKE_NONSENSE sets nothing: there are LONGTAKE_API_KEY_F"),
        ("LONGTAKE_PICTURE__CRF", "99", "LONGTAKE_PICTURE__CRF: must be at most 51, not 99"),
        ("LONGTAKE_PICTURE__CRFF", "9", "PICTURE__CRFF: not known here: did you mean `crf`?"),
        ("LONGTAKE_ENDPOINT", "v3", "LONGTAKE_ENDPOINT: must be `v2` or `v1`, not the text `v3`"),
        ("longtake_review", "maybe", "LONGTAKE_REVIEW: must be true or false"),
        ("LONGTAKE_WAITING__RETRY_SECONDS", "1,2", "LONGTAKE_WAITING…: must be JSON"),
        ("LONGTAKE_WAITING", "[" * 20_000, "must be JSON"),
        ("LONGTAKE_PICTURE", '{"crff": 9}', "PICTURE__CRFF: not known here: did you mean `crf`?"),
        ("LONGTAKE_CONCURRENCY", "9" * 5000, "must be a whole number, not the text `999"),
    ],
)
@pytest.mark.parametrize("profile", ["", "concurrency: 3"])
def test_a_variable_that_does_not_fit_is_reported_in_our_words(
    name: str, value: str, said: str, profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, profile) if profile else None)
    assert said in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_without_a_key_both_remedies_are_named() -> None:
    with pytest.raises(MissingKey, match=r"SEGMIND_API_KEY.*--emulated"):
        Settings().key()


def test_the_key_comes_from_the_environment_or_a_file_and_shows_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("from-the-file\n")
    settings = Settings(api_key_file=tmp_path / "key")
    assert settings.key().get_secret_value() == "from-the-file"
    monkeypatch.setenv("SEGMIND_API_KEY", "from-the-environment")
    settings = Settings()
    assert settings.key().get_secret_value() == "from-the-environment"
    assert "from-the" not in f"{settings!r} {settings.model_dump_json()} {settings.key()!r}"


def test_a_profile_cannot_hold_the_key(tmp_path: Path) -> None:
    with pytest.raises(StoryboardError, match="api_key"):
        load_settings(write(tmp_path, "api_key: secret"))
