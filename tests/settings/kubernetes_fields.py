"""The fields of pods, read from the models of the Kubernetes client. Run it to write the data file again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from kubernetes import client

from hubs.settings import pod_parts

FILE = Path(pod_parts.__file__).with_name("kubernetes_fields.json")


def of_client(root: str = "V1PodSpec") -> pod_parts.Fields:
    """Return the fields of `root` and of every type below it, as `pod_parts.fields` does."""
    found: pod_parts.Fields = {}
    todo = [root]
    while todo:
        name = todo.pop()
        model: Any = getattr(client, name, None)
        if name in found or not hasattr(model, "openapi_types"):
            continue
        required = {key for key, field in model.model_fields.items() if field.is_required()}
        found[name] = {
            model.attribute_map[key]: [kind, key in required] for key, kind in sorted(model.openapi_types.items())
        }
        todo += [word for kind in model.openapi_types.values() for word in re.findall(r"\w*V1\w+", kind)]
    return dict(sorted(found.items()))


def text(fields: pod_parts.Fields) -> str:
    """One line for each type, so that a difference is readable."""
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in fields.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(of_client()), encoding="utf-8")
