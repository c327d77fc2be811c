"""Write which values the charts accept, by their own schemas, and their defaults, to hubs/values/chart_schemas/.

    python -m scripts.chart_schema ARCHIVE...

Run it when a chart in Pulumi.yaml moves to another version. ARCHIVE is the .tgz of that version. Kept are names of
keys, types, what is required, and defaults; texts are left out.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

from hubs.settings.chart_file import read_chart_file
from hubs.settings.layers import plain
from hubs.settings.yaml_file import parse
from hubs.usage import arguments

FOLDER = Path(__file__).resolve().parents[1] / "hubs" / "values" / "chart_schemas"
KEPT = ("type", "properties", "patternProperties", "additionalProperties", "required", "enum", "items", "minimum")


def main() -> int:
    """Write one file for each archive, and return the exit code."""
    for archive in map(Path, arguments(__doc__, 1, 100)):
        chart = read_chart_file(archive)
        schema, defaults = (content_of(archive, name) for name in ("values.schema.json", "values.yaml"))
        facts = {
            "chart": chart.name,
            "version": chart.version,
            "values": kept(json.loads(schema)),
            "defaults": plain(parse(defaults, "values.yaml"), keep_null=True),
        }
        (FOLDER / f"{chart.name}.json").write_text(json.dumps(facts, separators=(",", ":"), sort_keys=True) + "\n")
    return 0


def content_of(archive: Path, name: str) -> str:
    """Return the text of a file in the folder of a chart."""
    with tarfile.open(archive) as files:
        member = next(item for item in files if item.name.count("/") == 1 and item.name.endswith(f"/{name}"))
        content = files.extractfile(member)
        assert content is not None  # noqa: S101  (it is a file)
        return content.read().decode()


def kept(schema: Any) -> Any:
    """Return a schema's keys and types. The keys of a condition (`then`) are those of the schema itself."""
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for word in KEPT:
        if word in schema:
            value = schema[word]
            named = word in ("properties", "patternProperties")
            found[word] = {key: kept(below) for key, below in value.items()} if named else kept(value)
    then = kept(schema["then"]) if "then" in schema else {}
    if "properties" in then:
        then["properties"] = {**found.get("properties", {}), **then["properties"]}
        found |= {word: then[word] for word in ("properties", "additionalProperties") if word in then}
    if "oneOf" in schema:
        found["one_of"] = [key for choice in schema["oneOf"] for key in choice["required"]]
    return found


if __name__ == "__main__":
    sys.exit(main())
