"""What a film's Content Credentials say: it was made by AI, from these clips and requests."""

from __future__ import annotations

from typing import Any

from longtake.record.proof import MADE_BY_AI, FilmProof, ProvenTake

TAKES_LABEL = "io.github.longtake.takes"
"""The assertion of our own: model, seed, request and hash of every take."""


def manifest_of(proof: FilmProof) -> dict[str, Any]:
    """The manifest, as c2pa-python takes it; ingredients are added by their files."""
    tool = {"name": "longtake", "version": proof.versions.longtake}
    return {
        "claim_generator_info": [tool],
        "title": proof.title,
        "format": "video/mp4",
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "softwareAgent": tool,
                            "digitalSourceType": MADE_BY_AI,
                        },
                        *(_placed(take) for take in proof.takes),
                    ]
                },
            },
            {"label": TAKES_LABEL, "data": {"takes": [_told(take) for take in proof.takes]}},
        ],
    }


def ingredient_of(take: ProvenTake) -> dict[str, Any]:
    """A clip as an ingredient, as c2pa-python takes it."""
    return {
        "title": take.clip_id,
        "relationship": "componentOf",
        "label": take.clip_id,
        "description": f"made by {take.model}, request {take.request_id}",
    }


def _placed(take: ProvenTake) -> dict[str, Any]:
    return {"action": "c2pa.placed", "parameters": {"ingredientIds": [take.clip_id]}}


def _told(take: ProvenTake) -> dict[str, Any]:
    return take.model_dump(mode="json", exclude={"usd", "fingerprint"})
