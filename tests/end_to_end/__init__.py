"""Whole renders on one Prefect server.

A package, since pytest keeps a fixture of a folder that is none until the whole session ends.
"""
