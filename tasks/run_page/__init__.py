"""What a person sees of a render in Prefect's UI, made from the run record alone.

``page.run_page`` follows a render: artifacts, events, log lines and the names of phases.
"""
