"""Whatever a client sends: a proper refusal, and an emulator that works as before."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest

from longtake.emulator.reading import MAX_BODY_BYTES, MAX_DEPTH
from tests.emulator.service import BAD_BODY, BODY, I2V, T2V, Service, service, still

JSON = {"content-type": "application/json"}
HISTORY = "/inference-request/request-history"

ODD_BODIES = {
    "deep list": b'{"prompt": "x", "seed": ' + b"[" * 900 + b"]" * 900 + b"}",
    "deeper than any parser": b"[" * 200_000,
    "deep object": b'{"a":' * 500 + b"1" + b"}" * 500,
    "one level too many": b'{"x": ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
    "NaN": b'{"prompt": "x", "seed": NaN}',
    "Infinity": b'{"prompt": "x", "sample_shift": Infinity}',
    "number out of range": b'{"prompt": "x", "unknown": 1e400}',
    "5,000 digits": b'{"prompt": "x", "seed": ' + b"9" * 5000 + b"}",
    "lone surrogate": b'{"prompt": "a boat \\ud800"}',
    "lone surrogate in a key": b'{"prompt": "x", "\\udfff": 1}',
    "not UTF-8": b'{"prompt": "\xff\xfe"}',
    "half of it": b'{"prompt": "x"',
    "nothing": b"",
    "blanks": b"   ",
    "a number": b"7",
    "null": b"null",
}


def still_works(one: Service) -> None:
    """The list, the history and the balance answer, and a job runs."""
    assert one.http.get(HISTORY).status_code == 200
    assert one.http.get("/emulator/requests").status_code == 200
    assert one.http.get("/v1/get-user-credits").json()["credits"] > 0
    request_id = one.accepted(BAD_BODY)
    one.finish()
    assert one.http.get(f"/v2/requests/{request_id}").json()["status"] == "FAILED"


@pytest.fixture(scope="module")
def one() -> Any:
    with service() as one:
        yield one


@pytest.mark.parametrize("content", ODD_BODIES.values(), ids=ODD_BODIES)
@pytest.mark.parametrize("path", [f"/v2/{T2V}", f"/v1/{T2V}", "/upload-asset"])
def test_a_body_that_could_not_be_sent_again_is_refused_at_the_door(
    one: Service, path: str, content: bytes
) -> None:
    before = len(one.emulator.requests)
    answer = one.http.post(path, content=content, headers=JSON)
    assert (answer.status_code, len(one.emulator.requests)) == (400, before)
    assert "error" in answer.json()


def test_after_all_of_them_it_works_as_before(one: Service) -> None:
    for content in ODD_BODIES.values():
        one.http.post(f"/v2/{T2V}", content=content, headers=JSON)
    still_works(one)


def test_a_body_without_end_is_cut_off() -> None:
    with service() as one:
        chunks = (b" " * 2**20 for _ in range(MAX_BODY_BYTES // 2**20 + 2))
        try:
            answer = one.http.post(f"/v2/{T2V}", content=chunks, headers=JSON)
            assert answer.status_code == 413
        except httpx.TransportError:
            pass  # the answer came while we still sent; a client may see only the end
        still_works(one)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_json_is_read_in_every_encoding_that_json_had(one: Service, encoding: str) -> None:
    content = '{"prompt": "Ⅻ 🚣 ünï", "num_frames": 3}'.encode(encoding)
    kind = {"content-type": "Application/JSON; charset=nonsense"}
    answer = one.http.post(f"/v2/{T2V}", content=content, headers=kind)
    assert answer.status_code == 200
    row = one.http.get(f"{HISTORY}/{answer.json()['request_id']}").json()
    assert row["request_body"]["prompt"] == "Ⅻ 🚣 ünï"


@pytest.mark.parametrize(
    "odd",
    [
        {"seed": 10**4000},
        {"seed": -(10**30)},
        {"seed": [1]},
        {"seed": {"a": 1}},
        {"seed": 1.5},
        {"sample_shift": 10**400},
        {"num_frames": 10**100},
        {"prompt": {"text": "x"}},
        {"high_noise_lora": "not a url"},
        {"low_noise_lora": "file:///etc/passwd"},
        {"high_noise_lora": "http://[::1"},
        {"high_noise_lora": "https://"},
        {"high_noise_lora": 7},
    ],
    ids=str,
)
def test_an_odd_parameter_fails_the_job_by_name_and_nothing_else(
    one: Service, odd: dict[str, Any]
) -> None:
    request_id = one.accepted(BODY | odd)
    one.finish()
    failed = one.http.get(f"/v2/requests/{request_id}").json()
    assert failed["status"] == "FAILED"
    assert next(iter(odd)) in failed["error"]
    assert "Internal" not in failed["error"]
    assert one.http.get(HISTORY).status_code == 200


@pytest.mark.parametrize("image", ["http://[::1/a.png", "http://", "", "//host/a.png", "x" * 9000])
def test_an_image_that_is_no_address_fails_the_job(one: Service, image: str) -> None:
    request_id = one.accepted({"prompt": "x", "image": image}, I2V)
    one.finish()
    failed = one.http.get(f"/v2/requests/{request_id}").json()
    assert failed["status"] == "FAILED"
    assert "Internal" not in failed["error"]


@pytest.mark.parametrize("usd", ["nan", "inf", "-inf", "0", "1e300", "", "five", "9" * 5000])
def test_only_a_sum_of_money_tops_an_account_up(one: Service, usd: str) -> None:
    before = one.http.get("/v1/get-user-credits").json()
    answer = one.http.post("/emulator/credits", params={"usd": usd})
    assert answer.status_code == 400
    assert one.http.get("/v1/get-user-credits").json() == before


def test_no_more_is_spent_of_an_account_than_it_has(one: Service) -> None:
    answer = one.http.post("/emulator/credits", params={"usd": "-1000000"})
    assert answer.json()["credits"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"to_date": "0001-01-01"},
        {"from_date": "9999-12-31"},
        {"from_date": "1e10"},
        {"from_date": "2026-01-01T00:00:00"},
        {"page": "9" * 400},
        {"per_page": "nan"},
        {"status": "\x00"},
    ],
)
def test_a_question_beyond_all_days_is_refused(one: Service, query: dict[str, str]) -> None:
    assert one.http.get(HISTORY, params=query).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/v2/requests/%00/status",
        "/v2/requests/%F0%9F%9A%A3",
        "/v2/requests/" + "a" * 9000,
        "/v1/requests/..%2f..%2fetc",
        f"{HISTORY}/%ff",
        "/images/assets/..%2f..%2fetc%2fpasswd",
        "/images/%2e%2e.mp4",
        "/nowhere",
    ],
)
def test_an_address_that_leads_nowhere_is_a_404(one: Service, path: str) -> None:
    answer = one.http.get(path)
    assert answer.status_code == 404
    assert "error" in answer.json()


@pytest.mark.parametrize("key", ["\x01", "ü", "a" * 4000, "' OR 1=1"])
def test_a_key_may_be_any_text(one: Service, key: str) -> None:
    headers = {"x-api-key": key.encode("latin-1")}
    assert one.http.get("/v1/get-user-credits", headers=headers).status_code in (200, 400)


@pytest.mark.parametrize(
    "urls",
    [
        "data:image/png;base64,AAAA",
        [7],
        ["data:image/png,AAAA"],
        ["data:image/png;base64,🚣"],
        ["data:" + "x" * 5000 + ";base64,AAAA"],
        ["data:image/../../x;base64,AAAA"],
        ["data:text/html\r\nx-evil: 1;base64,AAAA"],
    ],
    ids=str,
)
def test_an_odd_upload_is_refused_or_served_under_a_plain_name(one: Service, urls: object) -> None:
    answer = one.http.post("/upload-asset", json={"data_urls": urls})
    if answer.status_code == 200:
        (url,) = answer.json()["file_urls"]
        served = one.http.get(url)
        assert served.content == b"\0\0\0"
        assert "x-evil" not in served.headers
        assert len(url) < 200
    else:
        assert answer.status_code == 400


@pytest.mark.thorough
def test_seeds_that_mean_random_give_a_fresh_clip_each_time() -> None:
    with service() as one:
        bodies: list[dict[str, Any]] = [
            {"prompt": "sea", "seed": -1},
            {"prompt": "sea", "seed": "-1"},
            {"prompt": "sea", "seed": None},
            {"prompt": "sea", "seed": ""},
            {"prompt": "sea"},
        ]
        ids = [one.accepted(body) for body in bodies]
        one.finish()
        results = [one.http.get(f"/v2/requests/{each}").json() for each in ids]
        assert {result["status"] for result in results} == {"COMPLETED"}
        assert len({one.http.get(result["output"]).content for result in results}) == len(bodies)
        rows = [one.http.get(f"{HISTORY}/{each}").json() for each in ids]
        assert [row["request_body"] for row in rows] == bodies, "history tells what was sent"


def test_a_seeded_emulator_draws_the_same_seeds_and_ids_again() -> None:
    def drawn(seed: int) -> list[tuple[str, int]]:
        with service(seed=seed) as one:
            for _ in range(3):
                one.accepted({"prompt": "sea", "num_frames": 3})
            return [(each.request_id, each.seed) for each in one.emulator.requests]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_a_documentation_address_is_served_from_a_local_file(tmp_path: Path) -> None:
    address = "https://documentation.invalid/picture.png"
    path = tmp_path / "picture.png"
    path.write_bytes(still())
    with service(stills={address: path}) as one:
        done = one.completed({"prompt": "on", "image": address, "seed": 1}, I2V)
        inline = f"data:image/png;base64,{b64encode(still()).decode()}"
        same = one.completed({"prompt": "on", "image": inline, "seed": 1}, I2V)
        assert done["status"] == "COMPLETED"
        assert one.http.get(done["output"]).content == one.http.get(same["output"]).content
        row = one.http.get(f"{HISTORY}/{done['request_id']}").json()
        assert row["request_body"]["image"] == address
