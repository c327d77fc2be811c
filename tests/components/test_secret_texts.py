"""Secret environment variables with braces, as Pulumi outputs."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest

from hubs.preview.secrets import Secret
from hubs.settings.hub import Hub
from hubs.settings.secrets import HubSecrets
from hubs.values.server import secret_environment


def variables(value: Any) -> Any:
    hub = Hub.model_construct(secrets=HubSecrets(environment={"KEY": value}))
    return secret_environment(hub)["singleuser"]["extraEnv"]["KEY"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type": "service_account"}', '{{"type": "service_account"}}'),
        ("{username}", "{username}"),
        (5, "5"),
        (True, "true"),
    ],
)
def test_an_output_stays_secret_and_has_the_text_for_kubespawner(text: Any, expected: str) -> None:
    async def resolved() -> tuple[Any, bool]:
        found = variables(pulumi.Output.secret(text))
        assert isinstance(found, pulumi.Output)
        return await found.future(), await found.is_secret()

    assert asyncio.run(resolved()) == (expected, True)


def test_a_placeholder_of_a_preview_stays_one() -> None:
    assert isinstance(variables(Secret("imagebuilding:secrets.environment.KEY")), Secret)
