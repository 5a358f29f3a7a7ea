"""Hazards of chained prompts. Pure.

A model sees the image that it is handed and the prompt, and knows nothing of the clips before. So
every instruction of a chain is read afresh, clip after clip: what is relative adds up, what has
left the picture cannot be continued, and a word for a cut makes one inside a clip.
"""
