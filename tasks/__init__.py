"""Prefect tasks: one side effect each; the rest is in longtake/."""
