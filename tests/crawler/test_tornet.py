"""The private network as a command of its own."""

import json
import os
import signal
import subprocess
from pathlib import Path

from tests.crawler.crawls import CHECKOUT, NPSWATCH, crawl, found
from tests.crawler.test_demo import alive, descendants
from tests.sites import Site
from tests.small_market import listing_paths, small_market

INSTALLER = CHECKOUT / "deploy" / "install-debian-packages"


def test_a_local_site_is_crawled_through_a_network_started_by_hand(home: Path, site: Site) -> None:
    site.pages = small_market(4)
    process = subprocess.Popen(
        [*NPSWATCH, "tornet", "--expose", str(site.port)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    children = descendants(process.pid)
    assert set(said) == {"socks", "control", "cookie", "onions"}
    assert Path(said["cookie"]).stat().st_size == 32
    try:
        run = crawl(
            home, {"socks": said["socks"], "control": said["control"]}, f"http://{said['onions'][str(site.port)]}/"
        )
        assert run["verdict"] == "good", run
        assert {each["listing_id"] for each in found(home)} == listing_paths(4)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert process.returncode == 0
    assert [pid for pid in children if alive(pid)] == []


def test_without_rights_the_installer_says_what_to_ask_for() -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*nobody, "bash", "-s", "no-such-package-of-ours"],
        input=INSTALLER.read_text(),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 2
    assert "apt-get install no-such-package-of-ours" in done.stderr


def test_the_installer_is_silent_about_what_is_there() -> None:
    done = subprocess.run(
        [INSTALLER, "tor", "python3"], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
