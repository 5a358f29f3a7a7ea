"""Content Credentials: a film signed by the C2PA standard, each of its clips an ingredient.

What the film's own proof tells, told again in a form that other people's programs read, and signed,
so that it cannot be changed unseen. Needs the extra ``longtake[provenance]``.
"""

from longtake.provenance.certificates import SigningKey, made_for_tests, read_key
from longtake.provenance.signing import Signed, sign

__all__ = ["Signed", "SigningKey", "made_for_tests", "read_key", "sign"]
