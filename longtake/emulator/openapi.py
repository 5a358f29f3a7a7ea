"""The emulator's OpenAPI document: served at ``/openapi.json``, committed under configs/schema.

It says what the emulator answers when no fault is scripted; the service itself publishes no such
document.
"""

from __future__ import annotations

from typing import Any

from longtake.emulator.openapi_schemas import schemas
from longtake.emulator.validation import I2V, T2V

Node = dict[str, Any]

HISTORY = "/inference-request/request-history"
_REFUSALS = {
    400: "a bad parameter, or no JSON",
    402: "insufficient credits",
    404: "not known, or no longer",
    406: "not announced as JSON, insufficient credits, or a refused value",
    413: "a body of more than 64 MiB",
    416: "a range behind the file's end",
    422: "the job FAILED",
    429: "too many requests",
}


def _content(name: str) -> Node:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _answers(found: Node, *codes: int, keyed: bool = True) -> Node:
    """The good answer, and the refusals of ``codes``."""
    answers: Node = {"200": found}
    for code in codes:
        answers[str(code)] = {"description": _REFUSALS[code], "content": _content("Error")}
    if keyed:
        answers["401"] = {
            "description": "the key is missing or not known",
            "content": _content("InvalidToken"),
        }
        answers["429"] = {
            "description": _REFUSALS[429],
            "content": _content("Error"),
            "headers": {"x-rate-limit-reset-at-utc": {"schema": {"type": "string"}}},
        }
    return dict(sorted(answers.items()))


def _json(name: str, description: str) -> Node:
    return {"description": description, "content": _content(name)}


def _file(kind: str, description: str) -> Node:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {"description": description, "content": {kind: binary}}


def _in_path(name: str) -> Node:
    schema = {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Node) -> Node:
    return {"name": name, "in": "query", "schema": schema}


def _body(name: str) -> Node:
    return {"required": True, "content": _content(name)}


def _submit(model: str, version: str) -> Node:
    parameters = {T2V: "TextToVideo", I2V: "ImageToVideo"}[model]
    found = _json("Submitted", "accepted: one more paid job")
    codes: tuple[int, ...] = (400, 402, 406, 413)
    if version == "v1":
        found = _file("video/mp4", "the clip, once the job has run")
        text = {"schema": {"type": "string"}}
        names = ("x-request-id", "x-cost", "x-remaining-credits", "x-seed-value")
        found["headers"] = dict.fromkeys((*names, "x-generation-time"), text)
        codes = (*codes, 422)
    return {
        "operationId": f"{version}-{model}",
        "summary": f"Run {model}" + (", and wait for it" if version == "v1" else ""),
        "requestBody": _body(parameters),
        "responses": _answers(found, *codes),
    }


def _poll(name: str, what: str) -> Node:
    answers = _answers(_json(name, "its state; COMPLETED is one of them"), 404)
    answers["422"] = _json(name, "the job FAILED")
    return {
        "summary": what,
        "parameters": [_in_path("request_id")],
        "responses": dict(sorted(answers.items())),
    }


def _history() -> Node:
    day = {"type": "string", "format": "date"}
    parameters = [
        _query("page", {"type": "integer", "minimum": 1, "default": 1}),
        _query("per_page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
        _query("from_date", day),
        _query("to_date", day),
        _query("model_name", {"type": "string"}),
        _query("status", {"enum": ["COMPLETED", "FAILED", "PENDING"]}),
        _query("sort_by", {"enum": ["model_created", "model_name", "credits_deduction"]}),
        _query("sort_order", {"enum": ["asc", "desc"]}),
    ]
    found = _json("HistoryPage", "the rows of at most 31 days, seven by default")
    return {
        "summary": "The request history",
        "parameters": parameters,
        "responses": _answers(found, 400),
    }


def _public(kind: str, summary: str, name: str) -> Node:
    found = _file(kind, "the file")
    answers = _answers(found, 404, keyed=False) | {
        "206": _file(kind, "the requested range"),
        "416": {"description": _REFUSALS[416]},
    }
    return {
        "summary": summary,
        "security": [],
        "parameters": [_in_path(name)],
        "responses": answers,
    }


def _own(name: str, summary: str) -> Node:
    return {
        "summary": summary,
        "security": [],
        "responses": _answers(_json(name, summary), keyed=False),
    }


def _paths() -> Node:
    row = {
        "summary": "One row of any age",
        "parameters": [_in_path("request_id")],
        "responses": _answers(_json("HistoryRow", "the row"), 404),
    }
    upload = {
        "summary": "Images in, public addresses out",
        "requestBody": _body("Files"),
        "responses": _answers(_json("FileUrls", "where they are"), 400, 406, 413),
    }
    credits = {
        "summary": "Top the account up",
        "parameters": [_query("usd", {"type": "number"}) | {"required": True}],
        "responses": _answers(_json("Balance", "what it holds now"), 400),
    }
    balance = {"summary": "The balance", "responses": _answers(_json("Balance", "USD"))}
    status = _poll("Status", "The state of a request")
    return {
        **{f"/v2/{model}": {"post": _submit(model, "v2")} for model in (T2V, I2V)},
        **{f"/v1/{model}": {"post": _submit(model, "v1")} for model in (T2V, I2V)},
        "/v2/requests/{request_id}/status": {"get": status},
        "/v2/requests/{request_id}": {"get": _poll("Result", "The result of a request")},
        "/v1/requests/{request_id}": {"get": _poll("Result", "The same, under `poll_url`")},
        "/v1/get-user-credits": {"get": balance},
        "/upload-asset": {"post": upload},
        HISTORY: {"get": _history()},
        HISTORY + "/{request_id}": {"get": row},
        "/images/{request_id}.mp4": {"get": _public("video/mp4", "A clip", "request_id")},
        "/images/assets/{name}": {"get": _public("*/*", "An uploaded file", "name")},
        "/emulator/requests": {"get": _own("Accepted", "Every accepted request")},
        "/emulator/summary": {"get": _own("Summary", "How many in each state, and the USD")},
        "/emulator/credits": {"post": credits},
    }


def document() -> Node:
    """The whole document, as JSON data."""
    key = {"type": "apiKey", "in": "header", "name": "x-api-key"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "longtake's emulator of Segmind", "version": "1"},
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {"schemas": schemas(), "securitySchemes": {"key": key}},
    }
