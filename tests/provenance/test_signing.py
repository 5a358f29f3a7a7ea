"""A signed film is read by the standard's own reader: who signed, what it is made of, and whether
anything was changed since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import c2pa
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from longtake.errors import OperatorError
from longtake.media.packets import read_packets
from longtake.provenance import SigningKey, made_for_tests, read_key, sign
from longtake.provenance.manifest import TAKES_LABEL
from longtake.provenance.signing import read_signed
from longtake.record import RunRecord
from longtake.record.proof import MADE_BY_AI, FilmProof, ProvenTake, Versions
from longtake.story import Storyboard, build_plan
from tests.media.conftest import barcode, write_clip

KEY = made_for_tests()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film, and the two clips that it is said to be made of."""
    folder = tmp_path_factory.mktemp("signed")
    for number, name in enumerate(("film", "one", "two")):
        write_clip(folder / f"{name}.mp4", [barcode(number + n, 192, 112) for n in range(21)])
    return folder


@pytest.fixture
def clips(folder: Path) -> dict[str, Path]:
    return {"one/1.1": folder / "one.mp4", "one/2.1": folder / "two.mp4"}


def proof() -> FilmProof:
    shots = ["a", {"prompt": "b", "start": "cut"}]
    look = {"seed": 1}
    data = {"title": "Two", "look": look, "scenes": [{"name": "One", "shots": shots}]}
    plan = build_plan(Storyboard.model_validate(data))
    record = RunRecord.of(plan, storyboard="x.yaml", folder="x")
    for clip in record.clips.values():
        clip.request_id = f"request-of-{clip.id}"
    return FilmProof(
        title=plan.title,
        fps=plan.fps,
        width=plan.width,
        height=plan.height,
        frame_count=21,
        emulated=True,
        base_seed=1,
        storyboard_sha256="",
        storyboard=None,
        versions=Versions(longtake="0.1", ffmpeg="0", av="0", python="0"),
        takes=tuple(ProvenTake.of(clip) for clip in record.clips.values()),
        segments=(),
        parameter_sets=(),
    )


def told_by(film: Path) -> dict[str, Any]:
    with c2pa.Reader(film) as reader:
        told = json.loads(reader.json())
    manifest: dict[str, Any] = told["manifests"][told["active_manifest"]]
    return manifest


def test_the_reader_finds_every_clip_and_what_made_it(
    folder: Path, clips: dict[str, Path], tmp_path: Path
) -> None:
    done = sign(proof(), folder / "film.mp4", clips, tmp_path / "signed.mp4", KEY)
    assert (done.state, done.failures) == ("Valid", ())
    assert done.ingredients == ("one/1.1", "one/2.1")
    manifest = told_by(done.path)
    assert {each["relationship"] for each in manifest["ingredients"]} == {"componentOf"}
    stated = {each["label"]: each["data"] for each in manifest["assertions"]}
    created = stated["c2pa.actions.v2"]["actions"][0]
    assert (created["action"], created["digitalSourceType"]) == ("c2pa.created", MADE_BY_AI)
    takes = stated[TAKES_LABEL]["takes"]
    assert [each["request_id"] for each in takes] == [f"request-of-{each}" for each in clips]


def test_the_pictures_stay_as_they_were(
    folder: Path, clips: dict[str, Path], tmp_path: Path
) -> None:
    done = sign(proof(), folder / "film.mp4", clips, tmp_path / "signed.mp4", KEY)
    assert read_packets(done.path) == read_packets(folder / "film.mp4")


def test_one_changed_byte_of_the_pictures_is_found(
    folder: Path, clips: dict[str, Path], tmp_path: Path
) -> None:
    done = sign(proof(), folder / "film.mp4", clips, tmp_path / "signed.mp4", KEY)
    content = bytearray(done.path.read_bytes())
    content[content.rindex(b"mdat") + 400] ^= 1
    done.path.write_bytes(content)
    found = read_signed(done.path)
    assert found.state == "Invalid"
    assert "assertion.bmffHash.mismatch" in found.failures


def test_a_film_that_nobody_signed_is_reported(folder: Path) -> None:
    with pytest.raises(OperatorError, match="carries no Content Credentials"):
        read_signed(folder / "film.mp4")


def test_a_certificate_that_will_not_do_leaves_nothing(
    folder: Path, clips: dict[str, Path], tmp_path: Path
) -> None:
    upside_down = KEY.certificates.split(b"-----BEGIN")
    chain = b"-----BEGIN".join([b"", upside_down[2], upside_down[1]])
    bad = SigningKey(chain, KEY.key, "es256")
    with pytest.raises(OperatorError, match=r"cannot be signed|would not be valid"):
        sign(proof(), folder / "film.mp4", clips, tmp_path / "signed.mp4", bad)
    assert list(tmp_path.iterdir()) == []


def test_a_users_own_pair_is_read_and_must_belong_together(tmp_path: Path) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(KEY.certificates)
    key.write_bytes(KEY.key)
    assert read_key(chain, key).algorithm == "es256"
    key.write_bytes(
        ec.generate_private_key(ec.SECP384R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(OperatorError, match="is not the key of the first certificate"):
        read_key(chain, key)
    key.write_text("no key")
    with pytest.raises(OperatorError, match="both in PEM"):
        read_key(chain, key)


def test_a_key_is_in_no_words_of_ours() -> None:
    assert "PRIVATE" not in repr(KEY)
