"""Text with control characters in any setting, and what each command prints of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.cli import run
from hubs.preview.values import load_with_placeholders
from hubs.settings.errors import SettingsError
from hubs.settings.hub import Hub
from hubs.settings.layers import plain
from hubs.settings.yaml_file import read
from hubs.values.releases import check_releases
from tests.repository import ROOT, copy_files
from tests.test_printable import clean

HOSTILE = "\x1b[2Jb\rc\nd\x85e\u2028f\u202eg\x9bh\x00"


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each text, as the collection that has it and its key or index."""
    for key, value in list(
        tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    ):
        if isinstance(value, str):
            yield tree, key
        yield from places(value)


@pytest.fixture(params=["earth", "mars", "demo"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    copy_files(tmp_path, ("__main__.py", "Pulumi.yaml", "stacks", "components", "hubs"))
    return str(request.param), tmp_path


def refusal(name: str, root: Path) -> str:
    try:
        check_releases(load_with_placeholders(name, root))
    except SettingsError as error:
        return str(error)
    return ""


def test_no_command_prints_a_control_character(
    stack: tuple[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, root = stack
    accepted = 0
    for path in (
        f"stacks/Pulumi.{name}.yaml",
        *(f"stacks/{name}/{file.name}" for file in (ROOT / "stacks" / name).iterdir()),
    ):
        tree = plain(read(root / path, path), keep_null=True)
        for inside, key in places(tree):
            before = inside[key]
            inside[key] = f"{before}{HOSTILE}"
            (root / path).write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
            refused = refusal(name, root)
            assert all(clean(line) and line.startswith("stacks/") for line in refused.split("\n") if line), refused
            if refused:
                inside[key] = before
            accepted += not refused
        (root / path).write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    assert accepted > 2
    hub = load_with_placeholders(name, root).hubs[0].key
    settings = [field for field in Hub.model_fields if field not in Hub.set_elsewhere]
    commands = [["plan", name], ["plan", name, "-v"], ["plan", name, "--json"], ["values", name, hub]]
    # Without the guard of the streams, so that each command escapes what it prints.
    monkeypatch.setattr("hubs.cli.streams._Escaping.write", lambda self, text: self._stream.write(text))
    for command in [*commands, *(["where", name, hub, setting] for setting in settings)]:
        assert run(command, root) == 0, command
        said = capsys.readouterr()
        assert all(clean(line) for line in (said.out + said.err).split("\n")), command
