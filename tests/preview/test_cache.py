from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from hubs.preview.cache import SWEEP_EVERY_SECONDS, UNUSED_SECONDS, Cache, key_of


def entries(folder: Path) -> list[Path]:
    return [path for path in (folder / "entries").rglob("*") if path.is_file()]


def test_what_was_put_is_found(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.get(key_of("a")) is None
    cache.put(key_of("a"), b"content")
    assert Cache(tmp_path).get(key_of("a")) == b"content"


def test_key_tells_parts_apart() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")
    assert key_of("ab") != key_of("ab", "")


def test_damaged_entry_is_no_entry(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(key_of("a"), b"content")
    (entry,) = entries(tmp_path)
    entry.write_bytes(entry.read_bytes()[:-1])
    assert cache.get(key_of("a")) is None


def test_without_a_folder_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.put(key_of("a"), b"content")
    assert cache.get(key_of("a")) is None


def test_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put(key_of("a"), b"content")
    assert cache.get(key_of("a")) is None


def _put_and_get(folder: Path) -> bool:
    cache = Cache(folder)
    whole = []
    for number in range(60):
        key = key_of(str(number % 5))
        cache.put(key, b"x" * 100_000)
        whole.append(cache.get(key) == b"x" * 100_000)
    return all(whole)


def test_runs_side_by_side_see_whole_entries(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        assert all(pool.map(_put_and_get, [tmp_path] * 8))
    assert len(entries(tmp_path)) == 5  # no incomplete files


def test_unused_entries_go_and_used_ones_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(key_of("old"), b"old")
    cache.put(key_of("used"), b"used")
    long_ago = time.time() - UNUSED_SECONDS - 1
    for entry in entries(tmp_path):
        os.utime(entry, (long_ago, long_ago))
    assert cache.get(key_of("used")) == b"used"
    yesterday = time.time() - SWEEP_EVERY_SECONDS - 1
    os.utime(tmp_path / "swept", (yesterday, yesterday))
    swept = Cache(tmp_path)
    assert swept.get(key_of("old")) is None
    assert swept.get(key_of("used")) == b"used"
