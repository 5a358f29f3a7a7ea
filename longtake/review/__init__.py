"""Review: what a person looks at to judge a render, as one page that opens from disk.

Facts in, text out: the page is made of a ``RunRecord`` and of what others cut out of the film. This
room reads no media, starts nothing and reaches no network, and neither does the page.
"""

from __future__ import annotations

from longtake.review.material import BeforeOrAfter, Material, Moment, SeamFrames
from longtake.review.page import load_page, loader, page_source, render_review, review_facts
from longtake.review.seams import is_measured, seams_of

__all__ = [
    "BeforeOrAfter",
    "Material",
    "Moment",
    "SeamFrames",
    "is_measured",
    "load_page",
    "loader",
    "page_source",
    "render_review",
    "review_facts",
    "seams_of",
]
