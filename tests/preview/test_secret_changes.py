"""What changed secrets mean, of which only the paths are known."""

from __future__ import annotations

import pytest

from hubs.preview.diff.ciphertext import SecretChanges
from hubs.preview.diff.judged import Level
from hubs.preview.diff.secret_changes import secret_changes

HUBS = ("ocean/staging", "ocean/prod")
PREFIX = "imagebuilding:secrets."
CODE = "ocean.prod.values.jupyterhub.hub.extraConfig.login"
TOKEN = "ocean.environment.OCEAN_DATA_TOKEN"


def changes(word: str, path: str) -> SecretChanges:
    paths = (PREFIX + path,)
    kinds = {
        "added": SecretChanges(added=paths),
        "changed": SecretChanges(changed=paths),
        "removed": SecretChanges(removed=paths),
    }
    return kinds[word]


@pytest.mark.parametrize("word", ["added", "changed"])
@pytest.mark.parametrize(
    ("path", "hubs", "effect"),
    [
        (CODE, ("ocean/prod",), "runs in the hub, with its rights; nobody can read it here"),
        ("values.jupyterhub.hub.config.Authenticator.admin_users", (), "; nobody can read it here"),
        ("ocean.environment.LD_PRELOAD", HUBS, "it can decide which programs run in people's servers"),
    ],
)
def test_a_secret_is_as_dangerous_as_what_it_sets(word: str, path: str, hubs: tuple[str, ...], effect: str) -> None:
    (found,) = secret_changes(changes(word, path), HUBS)
    assert (found.judgement.level, found.hubs) == (Level.DANGEROUS, hubs)
    assert effect in found.judgement.effect


@pytest.mark.parametrize("word", ["added", "changed", "removed"])
@pytest.mark.parametrize("path", [TOKEN, "ocean.prod.auth.client_secret", "registry.password", "ocean.auth.password"])
def test_other_secrets_are_no_danger(word: str, path: str) -> None:
    (found,) = secret_changes(changes(word, path), HUBS)
    assert found.judgement.level < Level.DANGEROUS


def test_a_removed_variable_is_no_danger() -> None:
    (found,) = secret_changes(SecretChanges(removed=(f"{PREFIX}ocean.environment.LD_PRELOAD",)), HUBS)
    assert found.judgement.level < Level.DANGEROUS
