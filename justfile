# What a developer runs often; `just` lists it.

default:
    @just --list

# Everything CI checks.
ci:
    .ci/run

# Format, and fix what can be fixed by itself.
tidy:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# The checks that are quick.
check:
    .venv/bin/ruff check .
    .venv/bin/mypy
    .venv/bin/lint-imports

test *arguments:
    .venv/bin/pytest {{arguments}}

# Make the generated references anew: the JSON schema, the CLI page, the page of faults.
references:
    .venv/bin/python -m longtake.story.schema > configs/schema/storyboard.schema.json
    .venv/bin/python -m longtake.cli.reference
    .venv/bin/python -m tests.end_to_end.fault_table
