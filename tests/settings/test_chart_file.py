"""Chart.yaml, of a folder and of an archive."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.settings.chart_file import MAX_BYTES, ChartFile, chart_path, read_chart_file

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


@pytest.mark.parametrize(
    "text", [b"name: a\n", b"version: 1\n", b"[]", b"]", b"", b"\xff\x00", b"null", b"{name: null, version: 1}"]
)
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


def test_an_archive_that_unpacks_to_very_much(tmp_path: Path) -> None:
    """Helm refuses it too. The limit holds for the whole archive, wherever the Chart.yaml is."""
    bomb = tmp_path / "bomb.tgz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        info = tarfile.TarInfo("a/zeros")
        info.size = 20 * MAX_BYTES
        file.write(info.tobuf())
        for _ in range(2 * MAX_BYTES >> 20):
            file.write(bytes(1 << 20))
    started = time.process_time()
    with pytest.raises(ValueError, match="is not a chart"):
        read_chart_file(bomb)
    assert time.process_time() - started < 5


def test_an_archive_of_archives_is_not_unpacked_further(tmp_path: Path) -> None:
    inner = archive(tmp_path / "inner.tgz", **{"a/Chart.yaml": TEXT}).read_bytes()
    with pytest.raises(ValueError, match="is not a chart"):
        read_chart_file(archive(tmp_path / "outer.tgz", **{"a/inner.tgz": inner}))


@given(st.binary(max_size=600), st.integers(0, 600))
def test_no_bytes_are_more_than_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, position: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    header = archive(folder / "good.tgz", **{"a/Chart.yaml": TEXT})
    unpacked = gzip.decompress(header.read_bytes())
    path = folder / "any.tgz"
    path.write_bytes(gzip.compress(unpacked[:position] + content + unpacked[position + len(content) :], 1))
    for given_bytes in (path.read_bytes(), content):
        path.write_bytes(given_bytes)
        try:
            read_chart_file(path)
        except ValueError as found:
            assert str(found) == "is not a chart: it has no Chart.yaml with a name and a version"


@pytest.mark.parametrize(
    ("archive_path", "wrong"),
    [
        ("/etc/passwd", "must be a path inside of the project, without .."),
        ("/dev/zero", "must be a path inside of the project, without .."),
        ("../outside.tgz", "must be a path inside of the project, without .."),
        ("charts/../../outside.tgz", "must be a path inside of the project, without .."),
        ("link.tgz", "has a symbolic link that leads out of the project"),
        ("folder", "has a symbolic link that leads out of the project"),
        ("pipe", "is neither a file nor a folder"),
        ("nowhere", "does not exist"),
        ("x" * 300, "does not exist"),
        ("\0", "does not exist"),
    ],
)
def test_paths_out_of_the_project(tmp_path: Path, archive_path: str, wrong: str) -> None:
    root = tmp_path / "project"
    (root / "folder" / "templates").mkdir(parents=True)
    (tmp_path / "outside.tgz").touch()
    (root / "link.tgz").symlink_to(tmp_path / "outside.tgz")
    (root / "folder" / "templates" / "x").symlink_to("/etc")
    os.mkfifo(root / "pipe")
    with pytest.raises(ValueError) as caught:
        chart_path(root, archive_path)
    assert str(caught.value) == wrong


def test_paths_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "charts" / "a").mkdir(parents=True)
    (tmp_path / "charts" / "b").symlink_to("a")
    assert chart_path(tmp_path, "charts/b") == tmp_path / "charts" / "b"
