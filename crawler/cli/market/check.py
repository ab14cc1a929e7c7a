"""`npswatch market check`: the recorded cases read again, and the last run against what the profile expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from config.profiles import MINIMUMS, Profile, read_profiles
from crawler.cli.context import Context, JsonOption, counted, print_json, printable
from crawler.cli.market.cases import differences, read_as_case, read_cases
from crawler.cli.market.health import health_of
from crawler.home import Home
from crawler.model.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="check")(check)


def check(
    context: typer.Context,
    markets: Annotated[list[str] | None, typer.Argument(help="Markets by name; all profiles without.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the recorded cases of markets again, and compare their last run with what the profiles expect.

    A case holds everything its page says: a key that is missing in its JSON must be missing in what is read. Exit code
    1 where something differs; page and field are named. Exit code 2 where a case cannot be read. All faults of all
    profiles, and then of all cases, are told at once, each with what to do.

    Example: `npswatch market check harbour`
    """
    base: Context = context.obj
    profiles = read_profiles()
    names = markets or sorted(profiles)
    if unknown := [name for name in names if name not in profiles]:
        raise BadInput(f"no profile {', '.join(unknown)}; there are: {', '.join(sorted(profiles)) or 'none'}")
    results = [_checked(base.home, profiles[name]) for name in names]
    for result in results:
        print_json(result) if as_json else _print(result)
    if unread := sum(result["unread"] for result in results):
        raise BadInput(f"{counted(unread, 'case')} cannot be read; do what stands behind each")
    if any(result["faults"] for result in results):
        raise typer.Exit(1)


def _checked(home: Home, profile: Profile) -> dict[str, Any]:
    cases, unread = read_cases(profile.name)
    faults = [{"case": fault.name, "page": str(fault.path), "fault": fault.fault} for fault in unread]
    faults += [
        {"case": case.name, "page": str(case.page), "fault": fault}
        for case in cases
        for fault in differences(case.expected, read_as_case(case.page.read_bytes(), case.expected.get("url"), profile))
    ]
    run = next(iter(health_of(home, profile.name, 1)), None)
    if run is not None:
        faults += [{"run": run.run, "fault": fault} for fault in _below(run, profile)]
    return {
        "market": profile.name,
        "cases": len(cases),
        "unread": len(unread),
        "run": run.run if run else None,
        "faults": faults,
    }


def _below(run: Any, profile: Profile) -> Iterator[str]:
    """What the last run saw less of than the profile expects; a run of due pages alone says nothing of totals."""
    seen = dict(
        zip(MINIMUMS, (run.pages, *(run.rates.pages.get(kind, 0) for kind in ("listing", "vendor"))), strict=True)
    )
    for name, least in profile.minimums.items():
        if any(f" {name}, the profile expects" in reason for reason in run.reasons):
            yield f"minimums.{name}: the last run saw {seen[name]}, the profile expects {least}"
    for name, share in profile.fill.items():
        rate = run.rates.rate(name)
        if rate is not None and rate < share:
            yield f"fill.{name}: the last run filled {rate:.0%}, the profile expects {share:.0%}"


def _print(result: dict[str, Any]) -> None:
    run = f"run {result['run']}" if result["run"] else "no run yet"
    count = len(result["faults"])
    verdict = counted(count, "fault") if count else "good"
    print(f"{result['market']}: {verdict} - {counted(result['cases'], 'case')}, {run}")
    for fault in result["faults"]:
        print(printable(f"  {fault.get('page') or fault['run']}: {fault['fault']}"))
    if count > result["unread"]:
        print(
            "  next: where the reader is right, correct the JSON (or the minimums); where it is wrong, the profile's "
            "selectors"
        )
