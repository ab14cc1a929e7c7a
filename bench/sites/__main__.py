"""Command line: `python -m bench.sites OUT_DIR [--site NAME] [--development|--held-out] [--listings N] [--seed S]`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.sites.registry import HELD_OUT, all_sites
from bench.sites.writer import write_site


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    cli = argparse.ArgumentParser(prog="python -m bench.sites", description="Writes invented market sites with truth.")
    cli.add_argument("out", type=Path, help="folder to write to; one folder a site is made in it")
    cli.add_argument("--site", action="append", choices=list(all_sites()), help="only this site (may be repeated)")
    cli.add_argument("--listings", type=int, default=60, help="listings a site (default 60)")
    cli.add_argument("--seed", type=int, default=1, help="another seed gives other sites' content (default 1)")
    part = cli.add_mutually_exclusive_group()
    part.add_argument("--held-out", action="store_true", help="only the sites never looked at while tuning")
    part.add_argument("--development", action="store_true", help="all sites but those held out")
    return cli


def chosen(args: argparse.Namespace) -> list[str]:
    """Names of the sites asked for."""
    names = args.site or list(all_sites())
    if args.held_out:
        return [n for n in names if n in HELD_OUT]
    return [n for n in names if not args.development or n not in HELD_OUT]


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the sites; 0 when done, 2 when there is nothing to write."""
    args = parser().parse_args(argv)
    names = chosen(args)
    if args.listings < 1 or not names:
        print("nothing to write: choose at least one site and one listing", file=sys.stderr)
        return 2
    for name in names:
        start = time.perf_counter()
        count = write_site(all_sites()[name](args.listings, args.seed), args.out)
        print(f"{name:14} {count:6} pages  {count / (time.perf_counter() - start):7.0f} pages/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
