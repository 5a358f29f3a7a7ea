"""Keeps a render's page in Prefect's UI: artifacts, events, log lines and the names of phases.

``page.run_page`` follows a render; what the page says is made in ``longtake/rendering/run_page``.
"""
