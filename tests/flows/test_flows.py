"""The flows as Prefect sees them: names that deployments have, and parameters that are told."""

from __future__ import annotations

import inspect

import pytest
from prefect import Flow

from flows.chain import render_chain
from flows.render import render_storyboard
from flows.scene import render_scene


@pytest.mark.parametrize(
    ("each", "name"), [(render_storyboard, "render-storyboard"), (render_scene, "render-scene")]
)
def test_a_flow_has_its_name_and_describes_every_parameter(
    each: Flow[..., object], name: str
) -> None:
    assert each.name == name
    assert each.persist_result is False
    described = each.parameters.properties
    assert described
    assert all(facts.get("description") for facts in described.values())


def test_a_scene_takes_what_its_parent_hands_on() -> None:
    asked = set(render_storyboard.parameters.properties)
    assert {"profile", "budget_usd", "retake_lost"} <= asked & set(
        render_scene.parameters.properties
    )


def test_a_chain_is_no_flow_of_its_own_but_a_part_of_each() -> None:
    assert inspect.iscoroutinefunction(render_chain)
    assert not isinstance(render_chain, Flow)
