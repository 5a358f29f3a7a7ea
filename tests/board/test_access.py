"""Who may ask the board for what: each attack that a local server meets."""

from __future__ import annotations

import re
from pathlib import Path

from longtake.board.access import MOST_BYTES
from longtake.board.place import BoardPlace
from tests.board.conftest import Ask, settings_in

TOKEN = "a-token-for-tests-0123456789"  # noqa: S105  what tests are let in with


def test_a_name_that_leads_here_and_is_not_ours_is_refused(ask: Ask) -> None:
    board = ask()
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8420"):
        assert board.get("/", headers={"host": host}).status_code == 421, host
    for host in ("192.168.0.7", "", "["):
        assert board.get("/", headers={"host": host}).status_code == 421, host


def test_this_machine_may_ask_by_any_of_its_own_names(ask: Ask) -> None:
    board = ask()
    for host in ("localhost", "LOCALHOST:1234", "127.0.0.1:8420", "[::1]:8420"):
        assert board.get("/", headers={"host": host}).status_code == 200, host


def test_off_loopback_an_address_will_do_and_a_name_only_if_it_was_told(ask: Ask) -> None:
    board = ask(host="0.0.0.0", token=TOKEN, names=frozenset({"studio.example"}))  # noqa: S104  to listen everywhere is what is tested
    board.get(f"/?token={TOKEN}")
    for host, status in (("192.168.0.7:8420", 200), ("studio.example", 200), ("evil.example", 421)):
        cookie = "; ".join(f"{name}={value}" for name, value in board.cookies.items())
        said = board.get("/", headers={"host": host, "cookie": cookie})
        assert said.status_code == status, host


def test_without_the_token_nothing_is_shown(ask: Ask) -> None:
    board = ask(token=TOKEN)
    for path in ("/", "/live", "/films/x/", "/films/x/film.mp4"):
        assert board.get(path).status_code == 401
        assert board.get(path, headers={"cookie": "longtake-board=guessed"}).status_code == 401
        assert board.get(path + "?token=guessed").status_code == 401
        asked_by_browser = board.get(path, headers={"accept": "text/html"})
        assert asked_by_browser.headers["location"] == "/login"


def test_the_token_lets_in_once_and_stays_in_no_address(ask: Ask) -> None:
    board = ask(token=TOKEN)
    said = board.get(f"/?token={TOKEN}")
    assert (said.status_code, said.headers["location"]) == (303, "/")
    cookie = said.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert board.get("/").status_code == 200


def test_the_token_never_sends_a_browser_elsewhere(ask: Ask) -> None:
    said = ask(token=TOKEN).get(f"//evil.example/?token={TOKEN}")
    assert said.headers.get("location", "/").startswith("/")
    assert not said.headers.get("location", "/").startswith("//")


def test_the_form_takes_the_token_and_no_other(ask: Ask) -> None:
    board = ask(token=TOKEN)
    assert board.post("/login", data={"token": "guessed"}).status_code == 401
    assert board.get("/").status_code == 401
    assert board.post("/login", data={"token": TOKEN}).status_code == 303
    assert board.get("/").status_code == 200


def test_another_site_decides_nothing(ask: Ask, key: str, tmp_path: Path) -> None:
    place = BoardPlace(settings=settings_in(tmp_path))
    board = ask(stamp=place.stamp)
    stamped = {"x-longtake-board": place.stamp}
    for headers in (
        {},
        {"x-longtake-board": "guessed"},
        stamped | {"origin": "http://evil.example"},
        stamped | {"origin": "null"},
        stamped | {"origin": "http://[::1"},
        stamped | {"origin": "http://127.0.0.1:1"},
        stamped | {"sec-fetch-site": "cross-site"},
        stamped | {"sec-fetch-site": "same-site"},
    ):
        said = board.post(f"/films/{key}/do", json={}, headers=headers)
        assert said.status_code == 403, headers
    assert board.post(f"/films/{key}/do", json={}, headers=stamped).status_code == 400


def test_a_proxy_may_ask_by_another_name_than_the_browser_does(ask: Ask, tmp_path: Path) -> None:
    place = BoardPlace(settings=settings_in(tmp_path))
    board = ask(stamp=place.stamp, names=frozenset({"studio.example"}))
    for origin, status in (("https://studio.example", 400), ("https://evil.example", 403)):
        headers = {"origin": origin, "x-longtake-board": place.stamp}
        assert board.post("/begin", json={}, headers=headers).status_code == status, origin


def test_a_request_without_a_length_or_too_long_is_refused(ask: Ask, key: str) -> None:
    board = ask()
    assert board.post(f"/films/{key}/choose", content=iter([b"{}"])).status_code == 411
    long = b" " * (MOST_BYTES + 1)
    assert board.post(f"/films/{key}/choose", content=long).status_code == 413
    assert board.request("DELETE", "/").status_code == 405


def test_every_answer_has_a_policy_of_its_own_and_no_page_has_a_loose_script(
    ask: Ask, key: str
) -> None:
    board, seen = ask(), set()
    for path in ("/", f"/films/{key}/", f"/films/{key}/film.mp4", "/nowhere", "/"):
        said = board.get(path)
        policy = said.headers["content-security-policy"]
        (nonce,) = set(re.findall(r"'nonce-([^']+)'", policy))
        seen.add(nonce)
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert said.headers["x-content-type-options"] == "nosniff"
        if said.headers["content-type"].startswith("text/html"):
            assert len(re.findall(r"<(?:script|style)\b", said.text)) == said.text.count(
                f'nonce="{nonce}"'
            )
            assert not re.search(r"<[^>]*\s(?:style|on\w+)=", said.text)
    assert len(seen) == 5


def test_a_board_on_loopback_wants_no_token_and_its_stamp_is_in_its_pages_only(
    ask: Ask, tmp_path: Path
) -> None:
    place = BoardPlace(settings=settings_in(tmp_path))
    assert place.stamp not in repr(place)
    assert f'content="{place.stamp}"' in ask(stamp=place.stamp).get("/").text
