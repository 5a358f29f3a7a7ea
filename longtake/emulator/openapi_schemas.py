"""The bodies of the emulator's OpenAPI document: what goes in, what comes out."""

from __future__ import annotations

from typing import Any

from longtake.emulator.validation import ImageToVideo, TextToVideo

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_URL: Schema = {"type": "string", "format": "uri"}
_STATES = ["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]


def _nullable(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def _object(properties: Schema, *optional: str) -> Schema:
    """An object of exactly these keys; all but ``optional`` are always there."""
    required = [name for name in properties if name not in optional]
    closed = {"type": "object", "properties": properties, "additionalProperties": False}
    return closed | ({"required": required} if required else {})


_METRICS = ("queue_time", "inference_time", "total_time", "cost", "remaining_credits")
_STATUS: Schema = {
    "status": {"enum": _STATES},
    "request_id": _TEXT,
    "error": _nullable("string"),
    "metrics": {"$ref": "#/components/schemas/Metrics"},
}
_ROW: Schema = {
    "request_id": _TEXT,
    "model_name": _TEXT,
    "model_status": {"enum": ["PENDING", "COMPLETED", "FAILED"]},
    "credits_deduction": _nullable("number"),
    "request_body": {"type": "object"},
    "generation_url": _nullable("string"),
    "latency_ms": _nullable("integer"),
    "created_at": {"type": "string", "format": "date-time"},
    "error": _nullable("string"),
}
_ACCEPTED: Schema = {
    "number": {"type": "integer", "minimum": 1},
    "request_id": _TEXT,
    "model": _TEXT,
    "endpoint": {"enum": ["v1", "v2"]},
    "account": {"type": "integer", "minimum": 1},
    "body": {"type": "object"},
    "state": {"enum": _STATES},
    "error": _nullable("string"),
    "usd": _NUMBER,
    "polls": {"type": "integer"},
    "downloads": {"type": "integer"},
    "accepted_at": {"type": "string", "format": "date-time"},
    "settled_at": _nullable("string"),
    "told_at": _nullable("string"),
}
_ERROR_KEYS = ("error", "detail", "message")


def _parameters(model: type[TextToVideo] | type[ImageToVideo]) -> Schema:
    """A model's parameters; unknown keys are ignored, as on the service."""
    schema = model.model_json_schema()
    schema.pop("title")
    for one in schema["properties"].values():
        one.pop("title", None)
    return schema


def schemas() -> Schema:
    """Every named schema of the document."""
    ref = "#/components/schemas/"
    return {
        "TextToVideo": _parameters(TextToVideo),
        "ImageToVideo": _parameters(ImageToVideo),
        "Submitted": _object(
            {
                "request_id": _TEXT,
                "status": {"const": "QUEUED"},
                "poll_url": _URL,
                "status_url": _URL,
                "response_url": _URL,
            }
        ),
        "Metrics": _object(dict.fromkeys(_METRICS, _NUMBER), *_METRICS),
        "Status": _object(_STATUS, "error"),
        "Result": _object(
            _STATUS | {"output": {"type": ["string", "object", "array", "null"]}}, "error", "output"
        ),
        "Balance": _object({"credits": _NUMBER, "free-credits": _NUMBER}),
        "HistoryRow": _object(_ROW),
        "HistoryPage": _object(
            {
                "data": {"type": "array", "items": {"$ref": f"{ref}HistoryRow"}},
                "page": {"type": "integer"},
                "per_page": {"type": "integer"},
                "total": {"type": "integer"},
            }
        ),
        "Files": _object({"data_urls": {"type": "array", "items": _TEXT}}),
        "FileUrls": _object({"file_urls": {"type": "array", "items": _URL}, "message": _TEXT}),
        "Accepted": {"type": "array", "items": _object(_ACCEPTED)},
        "Summary": _object(
            {
                "accepted": {"type": "integer"},
                "states": {"type": "object", "additionalProperties": {"type": "integer"}},
                "history_pages": {"type": "integer"},
                "billed_usd": _NUMBER,
                "committed_usd": _NUMBER,
                "pace": _NUMBER,
            }
        ),
        "Error": {
            "type": "object",
            "properties": dict.fromkeys(_ERROR_KEYS, _TEXT),
            "anyOf": [{"required": [name]} for name in _ERROR_KEYS],
        },
        "InvalidToken": _object(
            {
                "error": {"const": "invalid_token"},
                "error_description": _TEXT,
                "status_code": {"const": 401},
            }
        ),
    }
