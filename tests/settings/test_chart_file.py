"""Chart.yaml, of a folder and of an archive."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from hubs.settings.chart_file import ChartFile, read_chart_file

TEXT = b"name: jupyterhub\nversion: 4.3.3\nkubeVersion: '>=1.28.0-0'\n"


def archive(path: Path, **files: bytes) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_of_an_archive_and_of_a_folder(tmp_path: Path) -> None:
    files = {"jupyterhub/charts/other/Chart.yaml": b"{name: other, version: 1}", "jupyterhub/Chart.yaml": TEXT}
    packed = archive(tmp_path / "a.tgz", **files)
    (tmp_path / "Chart.yaml").write_bytes(TEXT)
    assert read_chart_file(packed) == read_chart_file(tmp_path) == ChartFile("jupyterhub", "4.3.3", ">=1.28.0-0")


@pytest.mark.parametrize("text", [b"name: a\n", b"version: 1\n", b"[]", b"]", b"", b"\xff\x00", b"null"])
def test_a_chart_file_that_cannot_be_used(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "Chart.yaml").write_bytes(text)
    with pytest.raises(ValueError, match="is not a chart"):
        read_chart_file(tmp_path)
    with pytest.raises(ValueError, match="is not a chart"):
        read_chart_file(archive(tmp_path / "a.tgz", **{"a/Chart.yaml": text}))


def test_files_that_are_not_charts(tmp_path: Path) -> None:
    whole = archive(tmp_path / "whole.tgz", **{"a/Chart.yaml": TEXT, "a/large": bytes(range(256)) * 999})
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(whole.read_bytes()[:60])
    other = tmp_path / "other.tgz"
    other.write_bytes(b"SECRET-MARKER")
    for path in (cut, other, archive(tmp_path / "empty.tgz"), tmp_path / "none.tgz", tmp_path):
        with pytest.raises(ValueError, match="is not a chart") as caught:
            read_chart_file(path)
        assert "MARKER" not in str(caught.value)
