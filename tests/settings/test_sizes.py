"""Sizes, compared with the classes and programs that read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes import utils
from kubespawner import KubeSpawner
from traitlets import TraitError

from hubs.settings.sizes import amount, cpu, memory, memory_bytes, quantity_bytes
from tests.repository import OCEAN, Repository

NUMBERS = st.one_of(
    st.integers(-(10**6), 10**20).map(str),
    st.decimals(0, 10**12, places=3).map(str),
    st.sampled_from([".5", "5.", "1e3", "", "٣", "-1", "1_0", "0", "00.10"]),
)
UNITS = st.one_of(
    st.tuples(st.sampled_from("kKmMgGtTpPeEun "), st.sampled_from(["", "i", "B", "b"])).map("".join),
    st.sampled_from(["", " G", "B", "e3", "E3", "e-2", "e+2", "e", "i"]),
)
TEXTS = st.tuples(NUMBERS, UNITS).map("".join)
OTHERS: st.SearchStrategy[Any] = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers()), st.text()
)


def parse_quantity(value: str) -> Decimal:
    found: Decimal = utils.parse_quantity(value)  # type: ignore[no-untyped-call]
    return found


def accepted(function: Any, value: Any) -> Any:
    try:
        return function(value)
    except ValueError:
        return None


@given(TEXTS | OTHERS)
def test_memory_that_is_accepted_is_what_kubespawner_reads(value: Any) -> None:
    found = accepted(memory, value)
    if found is not None:
        assert KubeSpawner.mem_limit.validate(None, found) == memory_bytes(value)


@given(TEXTS)
def test_memory_in_kubernetes_words_means_the_same(value: str) -> None:
    if accepted(memory, value) is not None and value.endswith("i"):
        assert memory_bytes(value) == int(parse_quantity(value))


@given(TEXTS)
def test_memory_that_is_refused_is_refused_by_kubespawner_or_is_nonsense(value: str) -> None:
    if accepted(memory, value) is not None:
        return
    try:
        size = KubeSpawner.mem_limit.validate(None, value)
    except (TraitError, ValueError, OverflowError, IndexError):
        return
    # Python's float() takes more than people mean: 1e3K, 1_0G, -1G, '4 G', digits of other scripts.
    plain = value.isascii() and value[:-1].replace(".", "", 1).isdigit()
    assert not plain or not 1_000_000 <= size <= 2**60


@given(st.tuples(NUMBERS, st.sampled_from(["", "m", "k", " "])).map("".join) | OTHERS)
def test_cpu_that_is_accepted_is_what_kubespawner_reads(value: Any) -> None:
    found = accepted(cpu, value)
    if found is not None:
        assert KubeSpawner.cpu_limit.validate(None, found) == pytest.approx(float(parse_quantity(str(value))))


@given(TEXTS | OTHERS)
def test_quantities_are_those_of_kubernetes(value: Any) -> None:
    found = accepted(amount, value)
    if found is not None and isinstance(value, str) and not value.startswith(".") and value[-1:] != ".":
        assert found == Decimal(parse_quantity(value))
    size = accepted(quantity_bytes, value)
    if size is not None:
        assert size == int(parse_quantity(str(value)))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("16GB", "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G: write 16G"),
        ("4g", "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G: write 4G"),
        ("'4 G'", "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G: write 4G"),
        (
            "'512000000'",
            "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G: write 512000000 without quotes",
        ),
        ("'0.5'", "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G"),
        ("true", "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G"),
        ("-1", "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G"),
        ("2", "must be more than 2 bytes, with which no server starts; write 2G"),
    ],
)
def test_memory_that_cannot_be(repository: Repository, written: str, expected: str) -> None:
    repository.ocean(OCEAN.replace("hubs:", f"resources: {{memory: {{limit: {written}}}}}\nhubs:"))
    assert repository.errors() == [f"stacks/earth/ocean.yaml:3: resources.memory.limit: {expected}"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("16GB", "must be a Kubernetes quantity such as 10Gi: write 16Gi"),
        ("10", "must be more than 10 bytes; write 10Gi"),
        ("10K", "must be a Kubernetes quantity such as 10Gi: write 10Ki"),
        ("1000m", "must be a Kubernetes quantity such as 10Gi: write 1000Mi"),
        ("true", "must be a Kubernetes quantity such as 10Gi"),
    ],
)
def test_volumes_that_cannot_be(repository: Repository, written: str, expected: str) -> None:
    repository.ocean(OCEAN.replace("hubs:", f"home: {{volume: {{size: {written}}}}}\nhubs:"))
    assert repository.errors() == [f"stacks/earth/ocean.yaml:3: home.volume.size: {expected}"]


def test_what_means_the_same_is_converted(repository: Repository) -> None:
    repository.ocean(
        OCEAN
        + "resources: {memory: {guarantee: 512Mi, limit: 4Gi}, cpu: {guarantee: 500m, limit: '2'}}\n"
        + "home: {volume: {size: 10737418240}}\n"
    )
    hub = repository.load().hubs[0]
    assert (hub.resources.memory.guarantee, hub.resources.memory.limit) == ("512M", "4G")
    assert (hub.resources.cpu.guarantee, hub.resources.cpu.limit) == (0.5, 2)
    assert hub.home.volume is not None and hub.home.volume.size == "10737418240"
