"""What a person sees of a render on its page in Prefect's UI, made from the run record alone.

``tasks/run_page`` tells Prefect; nothing here knows it.
"""
