"""Untrusted pull requests, and interrupted runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.preview.commonmark import outside_code, problems
from tests.preview.project import Project
from tests.preview.test_html_page import TAGS

pytestmark = pytest.mark.usefixtures("helm")

OCEAN = "stacks/earth/ocean.yaml"
MARKER = "hunter2-marker-secret"


FORMATS = ("text", "markdown", "html", "json")


def refused(project: Project) -> str:
    """Return the error of a diff of the working tree: one line, no report and no traceback."""
    for form in FORMATS:
        done = project.hubs("diff", "earth", "--format", form)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        assert done.stdout == ""
    return done.stderr


def not_compared(project: Project) -> tuple[list[str], dict[str, str]]:
    """Return the errors of a diff of the working tree, and its reports by format. They say only which hubs are not
    compared, and why."""
    reports = {}
    for form in FORMATS:
        done = project.hubs("diff", "earth", "--format", form)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        assert not any(character in done.stdout + done.stderr for character in "\x1b\x07")
        reports[form] = done.stdout
    (stack,) = json.loads(reports["json"])["stacks"]
    assert stack["counts"].startswith("not compared: ")
    assert (stack["class"], stack["hubs"], stack["shared"], stack["judgements"]) == ("careful", [], [], [])
    assert all(section["title"].endswith(" (not compared)") for section in stack["sections"])
    assert problems(reports["markdown"], comments=[]) == []
    assert set(re.findall(r"<(\w+)", reports["html"])) <= TAGS
    errors = done.stderr.splitlines()
    assert all(line.startswith("earth: the working tree: stacks/earth/") for line in errors)
    return errors, reports


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch {marker}']\n",
        "display_name: !!python/object/new:subprocess.check_output [['touch', '{marker}']]\n",
        "display_name: {{__import__('os').system('touch {marker}')}}\n",
    ],
)
def test_code_in_config_does_not_run(project: Project, tmp_path: Path, text: str) -> None:
    project.write(OCEAN, text.format(marker=tmp_path / "pwned"))
    errors, _ = not_compared(project)
    assert all(OCEAN in line for line in errors)
    assert not (tmp_path / "pwned").exists()


def test_large_stack_file_is_refused_at_once(project: Project) -> None:
    project.write(OCEAN, "a: [" + "x, " * 3_500_000 + "x]\n")
    started = time.monotonic()
    wanted = "the working tree: stacks/earth/ocean.yaml has 10.0 MiB; the limit for config files is 1 MiB\n"
    assert refused(project) == wanted
    assert time.monotonic() - started < 30  # reading the file would take minutes


@pytest.mark.parametrize("committed", [True, False])
def test_symbolic_link_out_of_the_tree(project: Project, tmp_path: Path, committed: bool) -> None:
    (tmp_path / "private").write_text(f"{MARKER}: [\n")
    (project.root / "stacks" / "earth" / "evil.yaml").symlink_to(tmp_path / "private")
    base = project.git("rev-parse", "HEAD").strip()
    if committed:
        head = project.commit()
        done = project.hubs("diff", "earth", "--base", base, "--head", head)
        said, where = done.stderr, head
    else:
        said, where = refused(project), "the working tree"
    assert said == f"{where}: stacks/earth/evil.yaml is a symbolic link to a file outside of the repository\n"


def test_a_stack_folder_that_leads_away(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.yaml").write_text(MARKER)
    (project.root / "stacks" / "mars").symlink_to(tmp_path / "elsewhere")
    said = refused(project)
    assert "stacks/mars is a symbolic link" in said
    assert MARKER not in said


@pytest.mark.parametrize("name", ["; rm -rf", "$(touch pwned)", "-rf", "a`b`", "</details><script>", "x\x1b[2J"])
def test_communities_with_dangerous_names(project: Project, name: str) -> None:
    project.write(f"stacks/earth/{name.replace('/', '')}.yaml", (project.root / OCEAN).read_text())
    errors, _ = not_compared(project)
    assert len(errors) == 1
    assert "'" in errors[0]
    assert not (project.root / "pwned").exists()
    assert (project.root / OCEAN).exists()


def test_markdown_does_not_break_out(project: Project) -> None:
    evil = "</details>\n```\n# Approved by everyone @octocat #1 <img src=x onerror=alert(1)> ![](http://evil.example)\n````\n`x`"
    project.replace(OCEAN, "display_name: Ocean Observatory", f"display_name: {json.dumps(evil)}")
    project.replace(OCEAN, "hubs:", f"values: {{jupyterhub: {{custom: {{note: {json.dumps(evil)}}}}}}}\nhubs:")
    done = project.hubs("diff", "earth", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    outside = outside_code(done.stdout)
    assert "octocat" in done.stdout
    for piece in ("octocat", "Approved", "<img", "evil.example"):
        assert piece not in outside
    assert outside.count("<details>") == outside.count("</details>")


def test_control_characters_do_not_reach_a_terminal(project: Project) -> None:
    project.replace(OCEAN, "hubs:", 'values: {jupyterhub: {custom: {note: "\\e[2J\\a\\u202e\\u2028"}}}\nhubs:')
    said = project.hubs("diff", "earth").stdout
    assert "\\x1b[2J\\x07\\u202e\\u2028" in said
    assert not any(character in said for character in "\x1b\x07\u202e\u2028")


def test_program_that_prints_something_else(project: Project) -> None:
    project.write("hubs/__main__.py", "print('[{}]')\n")
    head = project.commit()
    project.git("checkout", "--quiet", "HEAD~1")
    done = project.hubs("diff", "earth", "--head", head)
    assert done.returncode == 1
    assert done.stderr == f"earth: {head}: the program did not print a plan\n"


def test_code_of_the_pull_request_gets_no_credentials(project: Project) -> None:
    said = f"'names', sorted(os.environ), 'marker:', {MARKER!r} in str(os.environ)"
    project.replace("__main__.py", "import pulumi\n", f"import os, sys\n\nsys.exit(str(({said})))\n")
    done = project.hubs(
        "diff", "earth", GITHUB_TOKEN=MARKER, PULUMI_CONFIG_PASSPHRASE=MARKER, AWS_SECRET_ACCESS_KEY=MARKER
    )
    assert done.returncode == 1
    assert "'marker:', False" in done.stderr
    assert "'PATH'" in done.stderr
    assert "TOKEN" not in done.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_no_secret_is_ever_shown(project: Project, tmp_path: Path, form: str) -> None:
    project.replace("stacks/Pulumi.earth.yaml", "username: earth+robot", f"username: {MARKER}")
    project.replace("stacks/Pulumi.earth.yaml", "v1:secret:aaaa", f"v1:{MARKER}")
    done = project.hubs("diff", "earth", "--format", form, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert "2 secrets changed" in done.stdout
    assert MARKER not in done.stdout + done.stderr
    written = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert written
    assert [path for path in written if MARKER.encode() in path.read_bytes()] == []


def test_hooks_of_the_repository_do_not_run(project: Project, tmp_path: Path) -> None:
    hook = project.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'hooked'}\n")
    hook.chmod(0o755)
    assert project.hubs("diff", "earth").returncode == 0
    assert not (tmp_path / "hooked").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["worktree", "plan"])
def test_stopped_in_the_middle_nothing_is_left(project: Project, tmp_path: Path, number: int, moment: str) -> None:
    project.replace("__main__.py", "import pulumi\n", "import time\n\ntime.sleep(60)\n")
    base = project.commit()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    run = subprocess.Popen(
        project.command("diff", "earth", "--base", base, "--head", base),
        cwd=project.root,
        env=project.environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wanted = 1 if moment == "worktree" else 2
    deadline = time.monotonic() + 60
    while len(list(temporary.glob("imagebuilding-diff-*/tree/__main__.py"))) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    if moment == "plan":
        time.sleep(1)
    os.kill(run.pid, number)
    out, errors = run.communicate(timeout=30)
    assert run.returncode == 130
    assert (out, errors) == ("", "stopped\n")
    assert list(temporary.glob("imagebuilding-diff-*")) == []
    assert len(project.git("worktree", "list").splitlines()) == 1
    assert not _still_running(str(temporary))


def _still_running(text: str) -> bool:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text in str((folder / "cwd").readlink()):
                return True
        except OSError:
            continue
    return False
