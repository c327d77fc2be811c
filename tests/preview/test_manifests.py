from __future__ import annotations

import base64
from typing import Any

import pytest

from hubs.preview import manifests
from hubs.preview.manifests import GENERATED, normalise
from hubs.yaml_text import dump_all, load


def secret(data: dict[str, str]) -> dict[str, Any]:
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "hub"}, "data": encoded}


def deployment(checksum: str) -> dict[str, Any]:
    pod = {"volumes": [{"name": "s", "secret": {"secretName": "hub"}}]}
    template = {"metadata": {"annotations": {"checksum/secret": checksum}}, "spec": pod}
    return {"kind": "Deployment", "metadata": {"name": "hub"}, "spec": {"template": template}}


def checksum_of(documents: list[dict[str, Any]]) -> str:
    (found,) = [d for d in documents if d["kind"] == "Deployment"]
    return str(found["spec"]["template"]["metadata"]["annotations"]["checksum/secret"])


def test_order_of_documents_and_keys_does_not_count() -> None:
    one = load("kind: Service\nmetadata: {name: b}\n---\nmetadata: {name: a}\nkind: Service\n")
    other = load("---\n# Source: x\nkind: Service\nmetadata: {name: a}\n---\nmetadata: {name: b}\nkind: Service\n---\n")
    assert dump_all(normalise(one, {})) == dump_all(normalise(other, {}))


def test_secrets_can_be_read() -> None:
    (found,) = normalise([secret({"values.yaml": "a: 1\n"})], {})
    assert found["stringData"] == {"values.yaml": "a: 1\n"}
    assert "data" not in found


def test_binary_content_stays_as_it_is() -> None:
    document = secret({})
    document["data"] = {"key": base64.b64encode(b"\xff\xfe").decode()}
    (found,) = normalise([document], {})
    assert found["data"] == document["data"]


@pytest.mark.parametrize(
    "made_up", ["Xy" * 32, "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n"]
)
def test_what_the_chart_makes_up_is_the_same_each_time(made_up: str) -> None:
    first = normalise([secret({"token": made_up}), deployment("1")], {"a": "b"})
    second = normalise(
        [secret({"token": made_up.replace("X", "Z").replace("abc", "def")}), deployment("2")], {"a": "b"}
    )
    assert first == second
    assert GENERATED in dump_all(first)


def test_a_password_from_the_values_is_not_taken_for_made_up() -> None:
    documents = normalise([secret({"token": "Xy" * 32}), deployment("1")], {"token": "Xy" * 32})
    assert GENERATED not in dump_all(documents)
    assert checksum_of(documents) == "1"  # the chart's own checksum is unchanged


def test_checksum_still_follows_what_pods_mount() -> None:
    first = normalise([secret({"token": "Xy" * 32, "a": "1"}), deployment("1")], {})
    second = normalise([secret({"token": "Xz" * 32, "a": "2"}), deployment("2")], {})
    assert checksum_of(first) != checksum_of(second)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2026-11-24", "2026-11-24"), ("12:30", "12:30"), ("0644", 0o644), ("yes", True), ("1.5", 1.5), ("8090", 8090)],
)
def test_scalars_are_read_as_kubernetes_reads_them(text: str, value: Any) -> None:
    assert load(f"a: {text}") == [{"a": value}]


def test_text_of_several_lines_is_written_as_it_reads() -> None:
    assert "a: |\n  one\n  two\n" in dump_all([{"a": "one\ntwo\n"}])


def test_repeated_parts_are_written_out() -> None:
    part = {"x": 1}
    assert "&" not in dump_all([{"a": part, "b": part}])


def test_pod_template_of_a_cron_job() -> None:
    job = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {}}}}}}
    assert manifests.pod_template(job) == {"spec": {}}
    assert manifests.pod_template({"kind": "Service", "spec": {}}) is None
