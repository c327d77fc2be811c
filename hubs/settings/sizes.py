"""Sizes, in the grammars of the programs that read them, with one type for each.

- `Memory`: KubeSpawner's `mem_limit` (jupyterhub.traitlets.ByteSpecification), a number of bytes, or text with K, M, G
  or T.
- `Cpu`: KubeSpawner's `cpu_limit`, a number of cores.
- `Quantity`: a Kubernetes quantity (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).

A size that is written in another grammar is converted if it means the same, such as 4Gi to 4G for KubeSpawner.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_MEMORY = rf"({_NUMBER})([KMGT])i?"
_CPU = rf"({_NUMBER})(m?)"
_QUANTITY = rf"({_NUMBER})(?:([KMGTPE]i|[kMGTPE])|[eE]([-+]?[0-9]+))?"
_KUBERNETES = rf"({_NUMBER})(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([-+]?[0-9]+))?"
_SLIP = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt])i?b?\s*", re.IGNORECASE)

_SMALLEST = 1_000_000
"""Bytes. No server, volume or cache works with less: a smaller number is one whose unit was forgotten."""
_LARGEST = 2**60
_MOST_CORES = 100_000

MEMORY_EXPECTED = "must be memory in bytes, or with K, M, G or T (1024-based), such as 2G"
CPU_EXPECTED = "must be a number of cores such as 0.5"
QUANTITY_EXPECTED = "must be a Kubernetes quantity such as 10Gi"


def memory_bytes(value: Any) -> int:
    """Return the bytes of a value for KubeSpawner's `mem_limit` or `mem_guarantee`. 0 means none to KubeSpawner.

    Raises ValueError, with what to write instead, for what KubeSpawner refuses or what no server can start with.
    """
    if isinstance(value, str):
        found = re.fullmatch(_MEMORY, value)
        if found is None:
            raise ValueError(MEMORY_EXPECTED + _instead(value))
        amount = Decimal(found[1]) * 1024 ** ("KMGT".index(found[2]) + 1)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        amount = Decimal(value)
    else:
        raise ValueError(MEMORY_EXPECTED)
    if not amount.is_finite() or amount < 0 or amount > _LARGEST:
        raise ValueError(MEMORY_EXPECTED)
    if 0 < amount < _SMALLEST:
        unit = f"; write {value}G" if not isinstance(value, str) else ""
        raise ValueError(f"must be more than {int(amount)} bytes, with which no server starts{unit}")
    return int(amount)


def memory(value: Any) -> int | float | str:
    """Return the value as KubeSpawner accepts it. Raises ValueError as `memory_bytes` does."""
    memory_bytes(value)
    return value.removesuffix("i") if isinstance(value, str) else value


def cpu(value: Any) -> int | float:
    """Return the cores of a value for KubeSpawner's `cpu_limit` or `cpu_guarantee`, also of a Kubernetes quantity such
    as 500m. Raises ValueError for what KubeSpawner or Kubernetes refuses."""
    if isinstance(value, str):
        found = re.fullmatch(_CPU, value)
        if found is None:
            raise ValueError(CPU_EXPECTED)
        number = Decimal(found[1]) / (1000 if found[2] else 1)
        cores: int | float = int(number) if number == number.to_integral_value() else float(number)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        cores = value
    else:
        raise ValueError(CPU_EXPECTED)
    if not 0 <= cores <= _MOST_CORES:
        raise ValueError(CPU_EXPECTED)
    if 0 < cores < 0.001:
        raise ValueError("must be at least 0.001 cores, the smallest part that Kubernetes knows")
    return cores


def amount(value: Any) -> Decimal:
    """Return the amount of any Kubernetes quantity, such as a number of devices. Raises ValueError for others."""
    found = re.fullmatch(_KUBERNETES, str(value)) if not isinstance(value, bool) else None
    if found is None:
        raise ValueError("must be a Kubernetes quantity such as 1 or 10Gi")
    unit = found[2] or ""
    factor = Decimal(1)
    if unit.endswith("i"):
        factor = Decimal(1024) ** ("KMGTPE".index(unit[0]) + 1)
    elif unit:
        factor = Decimal(1000) ** ("num kMGTPE".index(unit) - 3)
    if found[3]:
        if len(found[3]) > 4:
            raise ValueError("must be a Kubernetes quantity such as 1 or 10Gi")
        factor = Decimal(10) ** int(found[3])
    return Decimal(found[1]) * factor


def quantity_bytes(value: Any) -> int:
    """Return the bytes of a Kubernetes quantity for a volume or cache. Raises ValueError with what to write instead."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not re.fullmatch(_QUANTITY, str(value)):
        raise ValueError(QUANTITY_EXPECTED + (_instead(value, "i") if isinstance(value, str) else ""))
    size = amount(value)
    if size > _LARGEST:
        raise ValueError(QUANTITY_EXPECTED)
    if size < _SMALLEST:
        raise ValueError(f"must be more than {int(size)} bytes; write {value}Gi" if size else QUANTITY_EXPECTED)
    return int(size)


def _quantity(value: Any) -> str:
    quantity_bytes(value)
    return str(value)


def _instead(text: str, suffix: str = "") -> str:
    """Return what was probably meant, for a usual slip such as 16GB, 4g or '4 G'."""
    if text.isascii() and text.isdigit():
        return f": write {text} without quotes"
    found = _SLIP.fullmatch(text)
    return f": write {found[1]}{found[2].upper()}{suffix}" if found else ""


def _text(pattern: str, expected: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$", "patternErrorMessage": expected}


Memory = Annotated[
    int | float | str,
    BeforeValidator(memory),
    WithJsonSchema({"anyOf": [_text(_MEMORY, MEMORY_EXPECTED), {"type": "number", "minimum": 0}]}),
]
"""As in KubeSpawner's `mem_limit`: bytes, or a number with K, M, G or T. 4Gi becomes 4G, which means the same there."""

Cpu = Annotated[
    int | float,
    BeforeValidator(cpu),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, _text(_CPU, CPU_EXPECTED)]}),
]
"""Cores, as in KubeSpawner's `cpu_limit`. 500m becomes 0.5."""

Quantity = Annotated[
    str,
    BeforeValidator(_quantity),
    WithJsonSchema({"anyOf": [_text(_QUANTITY, QUANTITY_EXPECTED), {"type": "integer"}]}),
]
"""Bytes of a volume or cache, as a Kubernetes quantity."""
