"""A pod with a Docker daemon, and the network around it, made of network namespaces on this machine.

Nothing outside of the namespaces is touched, and none of the addresses exists elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 120
"""Limit of every command."""

TOOLS = ("ip", "nsenter", "unshare", "bash", "busybox", "xtables-legacy-multi", "xtables-nft-multi")
DOCKER = (*TOOLS, "dockerd", "docker")

NFS = (111, 2049, 20048)
OPEN = ("203.0.113.10", "2001:db8::10")
"""Public addresses, from the ranges for documentation."""
PRIVATE = ("10.9.0.7", "fd00:9::7")
METADATA = (
    *("169.254.169.254", "169.254.169.252", "169.254.42.42", "169.254.0.23", "100.100.100.200", "168.63.129.16"),
    *("192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"),
)
LINK_LOCAL = "fe80::a9fe:a9fe"
POD_IDENTITY = "169.254.170.23"
OPENED = (("169.254.20.7", 5000), ("fd00:ec2::53", 5000), ("10.9.0.8", 2049))
"""Addresses and ports that `cluster.build_egress` opens in the tests."""
ADDRESSES = tuple(dict.fromkeys([*OPEN, *PRIVATE, *METADATA, POD_IDENTITY, *(address for address, _ in OPENED)]))
PORTS = (53, 80, 443, 988, 5000, *NFS)

Target = tuple[str, str, int]
"""Protocol (tcp or udp), address, port."""

_LISTENER = """
import json, selectors, socket, sys
ready = selectors.DefaultSelector()
for address, port in json.loads(sys.argv[1]):
    family, kind = (socket.AF_INET6, ":") if ":" in address else (socket.AF_INET, ".")
    for protocol in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        one = socket.socket(family, protocol)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(socket.getaddrinfo(address, port, family, protocol)[0][4])
        if protocol == socket.SOCK_STREAM:
            one.listen(64)
        ready.register(one, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in ready.select():
        try:
            if key.fileobj.type == socket.SOCK_STREAM:
                found, _ = key.fileobj.accept()
                found.sendall(b"h")
                found.close()
            else:
                _, sender = key.fileobj.recvfrom(100)
                key.fileobj.sendto(b"h", sender)
        except OSError:
            pass
"""


def missing(tools: Iterable[str]) -> str:
    """Return why the lab can't be made on this machine, or nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "network namespaces need Linux and root"
    lacking = [tool for tool in tools if shutil.which(tool) is None]
    return f"not installed: {', '.join(lacking)} (Debian: docker.io, iptables, iproute2, busybox)" if lacking else ""


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with its output."""
    done = subprocess.run(command, text=True, capture_output=True, timeout=SECONDS, check=False)
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


@dataclass(frozen=True)
class Pod:
    """A pod: a network namespace with eth0, whose gateway has all addresses."""

    name: str
    folder: Path

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the pod's network."""
        return run("nsenter", f"--net=/run/netns/{self.name}", *command, check=check)

    def init(self, container: dict[str, object], *, shell: Sequence[str] = (), path: str = "") -> tuple[int, str]:
        """Run an init container's command, and return its exit code and output. `shell` replaces its shell."""
        command = container["command"]
        assert isinstance(command, list)
        with_shell = [*(shell or command[:1]), *command[1:]]
        done = self.run("env", f"PATH={path or os.environ['PATH']}", *with_shell, check=False)
        return done.returncode, done.stdout + done.stderr

    def reached(self, targets: Iterable[Target]) -> set[Target]:
        """Try all targets from a process of the pod, and return those that answer."""
        done = self.run("bash", "-c", probe(targets))
        return found(done.stdout)

    @contextmanager
    def docker(self) -> Iterator[Path]:
        """Run a Docker daemon in the pod's network, with IPv6 for containers, and yield its socket."""
        socket, pids = self.folder / "docker.sock", self.folder / "docker.pid"
        arguments = [
            f"--host=unix://{socket}",
            f"--data-root={self.folder / 'data'}",
            f"--exec-root={self.folder / 'exec'}",
            f"--pidfile={pids}",
            "--storage-driver=vfs",
            "--bip=172.30.99.1/24",
            *("--ipv6", "--fixed-cidr-v6=fd00:172::/64", "--ip6tables", "--experimental"),
        ]
        with (self.folder / "docker.log").open("w") as log:
            # With mounts of its own, which end with it: the daemon leaves some behind.
            enter = "nsenter", f"--net=/run/netns/{self.name}", "unshare", "--mount"
            command = [*enter, "dockerd", *arguments]
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            try:
                self._wait_for(socket, process)
                yield socket
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(10)

    def _wait_for(self, socket: Path, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + SECONDS
        while run("docker", f"--host=unix://{socket}", "version", check=False).returncode != 0:
            assert process.poll() is None, (self.folder / "docker.log").read_text()[-3000:]
            assert time.monotonic() < end, "dockerd does not start"
            time.sleep(0.5)

    def build(self, socket: Path, targets: Iterable[Target], *, buildkit: bool, network: str) -> set[Target]:
        """Build an image whose RUN step tries all targets, and return those that answer."""
        context = Path(tempfile.mkdtemp(dir=self.folder))
        shell = shutil.which("bash")
        assert shell
        for file in (shell, *re.findall(r"(/\S+) \(0x", run("ldd", shell).stdout)):
            copy = context / "root" / file.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        (context / "root" / "probe.sh").write_text(probe(targets))
        (context / "Dockerfile").write_text(f'FROM scratch\nCOPY root /\nRUN ["{shell}", "/probe.sh"]\n')
        plain = ["--progress=plain"] if buildkit else []
        environment = f"DOCKER_BUILDKIT={int(buildkit)}", f"DOCKER_CONFIG={self.folder}"
        options = "--no-cache", f"--network={network}", *plain
        done = run(
            "env", *environment, "docker", f"--host=unix://{socket}", "build", *options, str(context), check=False
        )
        output = done.stdout + done.stderr
        if "buildx component is missing" in output:
            pytest.skip("this version of the docker command needs its plugin buildx")
        assert "PROBED" in output, output
        return found(output)


def probe(targets: Iterable[Target]) -> str:
    """Return a script for bash, which has TCP and UDP built in. It tries all targets at once, and prints a line for
    each that answers in time."""
    attempts = [f"try {protocol} {address} {port} &" for protocol, address, port in sorted(targets)]
    return "\n".join([_TRY, *attempts, "read -r -t 6 <> <(:)", "kill $(jobs -p) 2>/dev/null", "echo PROBED"]) + "\n"


_TRY = """\
try() {
    exec 3<>"/dev/$1/$2/$3" || return
    [ "$1" = tcp ] || echo anything >&3
    if read -r -n 1 -t 5 -u 3 answer && [ "$answer" = h ]; then echo "REACHED $1 $2 $3"; fi
} 2>/dev/null"""


def found(output: str) -> set[Target]:
    """Return the targets that a probe reached."""
    lines = re.findall(r"REACHED (tcp|udp) (\S+) (\d+)", output)
    return {(protocol, address, int(port)) for protocol, address, port in lines}


def targets(addresses: Iterable[str], ports: Iterable[int] = PORTS) -> set[Target]:
    """Return all combinations with both protocols."""
    every = tuple(ports)
    return {(protocol, address, port) for protocol in ("tcp", "udp") for address in addresses for port in every}


@contextmanager
def pod(*, ipv6: bool = True) -> Iterator[Pod]:
    """Make a pod and its network. Without `ipv6`, eth0 has a link-local IPv6 address only."""
    name = f"isolation-{os.getpid()}"
    outside = f"{name}-net"
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="isolation-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for space in (name, outside):
            run("ip", "netns", "add", space)
            stack.callback(run, "ip", "netns", "delete", space, check=False)
            run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "gateway", "netns", outside)
        ends = (
            (name, "eth0", "10.244.7.2/24", "fd00:244::2/64"),
            (outside, "gateway", "10.244.7.1/24", "fd00:244::1/64"),
        )
        for space, device, first, second in ends:
            run("ip", "-n", space, "address", "add", first, "dev", device)
            if ipv6:
                run("ip", "-n", space, "-6", "address", "add", second, "dev", device, "nodad")
            run("ip", "-n", space, "link", "set", device, "up")
        run("ip", "-n", name, "route", "add", "default", "via", "10.244.7.1")
        run("ip", "-n", outside, "-6", "address", "add", f"{LINK_LOCAL}/64", "dev", "gateway", "nodad")
        listening = [(address, port) for address in ADDRESSES if ipv6 or ":" not in address for port in PORTS]
        listening += [(f"{LINK_LOCAL}%gateway", port) for port in PORTS]
        if ipv6:
            run("ip", "-n", name, "-6", "route", "add", "default", "via", "fd00:244::1")
            run("ip", "-n", outside, "-6", "route", "add", "fd00:172::/64", "via", "fd00:244::2")
            run("nsenter", f"--net=/run/netns/{name}", "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
        for address in ADDRESSES:
            if ":" not in address:
                run("ip", "-n", outside, "address", "add", f"{address}/32", "dev", "lo")
            elif ipv6:
                run("ip", "-n", outside, "-6", "address", "add", f"{address}/128", "dev", "lo", "nodad")
        command = ["nsenter", f"--net=/run/netns/{outside}", sys.executable, "-c", _LISTENER, json.dumps(listening)]
        listener = subprocess.Popen(command, stdout=subprocess.PIPE)
        stack.callback(listener.wait, 10)
        stack.callback(listener.kill)
        assert listener.stdout is not None
        assert listener.stdout.readline() == b"ready\n"
        yield Pod(name, folder)
