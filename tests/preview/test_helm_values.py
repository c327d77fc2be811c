"""Values reach Helm as they are, whatever their characters. With the real Helm."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs import yaml_text
from hubs.preview.cache import Cache
from hubs.preview.helm import Helm, find_helm, values_text
from hubs.preview.releases import ChartReference, Release
from hubs.settings.layers import plain
from hubs.settings.yaml_file import parse
from tests.test_printable import clean

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    TEXT | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=60,
)
HARD = [
    "🎄",
    "𠮷",
    "\U0001d54f",
    "👩‍🔬",
    "é日本",
    "a\u2028b\u2029c\x85d",
    "\x00\x7f\x80\x9f\ufeff\ufffe\uffff",
    "\U0010ffff",
    "\\ud83c\\udf84",
    " a: &b *c\t#'\"\n",
    "~",
]
TEMPLATE = """\
kind: ConfigMap
apiVersion: v1
metadata: {name: x}
data: {json: "{{ .Values.given | toJson | b64enc }}"}
"""


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chart")
    (folder / "Chart.yaml").write_text("{apiVersion: v2, name: echo, version: 1.0.0}")
    (folder / "templates").mkdir()
    (folder / "templates" / "echo.yaml").write_text(TEMPLATE)
    return folder


def echoed(helm: Helm, chart: Path, values: Any) -> Any:
    """Return the values as Helm's templates see them."""
    release = Release("echo", "default", ChartReference("echo"), {"given": values}, "1.33.0")
    (document,) = yaml_text.load(helm.template(chart, release))
    # Go has one type for numbers, as JSON.
    return json.loads(base64.b64decode(document["data"]["json"]), parse_int=float)


@pytest.mark.usefixtures("helm")
def test_characters_that_were_wrong_once(chart: Path) -> None:
    assert echoed(find_helm(Cache(None)), chart, {text: [text] for text in HARD}) == {text: [text] for text in HARD}


@pytest.mark.usefixtures("helm")
@settings(max_examples=25)
@given(VALUES)
def test_any_values(chart: Path, values: Any) -> None:
    assert echoed(find_helm(Cache(None)), chart, values) == values


@given(VALUES)
def test_the_text_is_yaml_for_our_reader_too(values: Any) -> None:
    read = plain(parse(values_text({"given": values}), "values"))
    assert read["given"] == values


@given(VALUES)
def test_values_for_people_are_the_same_values_and_printable(values: Any) -> None:
    text = yaml_text.dump({"given": values})
    assert all(clean(line) for line in text.split("\n"))
    assert plain(parse(text, "values")) == {"given": values}
