"""How sharp the tests of the files are that the money depends on: `python bench/mutations.py`.

mutmut makes the mutants, as `[tool.mutmut]` in pyproject.toml says; each is given to the tests that
reach its function, one after the other in a process that has collected the tests and run them once.
`mutmut run` starts pytest anew for every mutant, which takes longer than most of the tests do. What
has killed a neighbour is tried first, then the tests of the file itself, then the fastest.

`--only steps,claims` looks at these files alone, in that order; `--again` at what has no result yet
or survived; `--seconds` gives each mutant no more tests than so many; `--survivors` prints what was
changed in those that live. `--thorough` gives them the tests on PostgreSQL, too, which share one
database: one process, then. `--page` writes the tables into docs/reliability.md, where a file that
was not judged keeps its row. What is equal stands in bench/equal_mutants.toml, with the reason.
Results are kept in mutants/judged.json.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

sys.path.insert(0, str(Path(__file__).parents[1]))  # pytest puts the mutants before it

from bench.mutation_page import LIVES, file_of, is_of, print_survivors, rows, table, write_page

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"
RESULTS = MUTANTS / "judged.json"

PATIENCE_SECONDS = 2.0
"""Of the processor, for a test that needs next to none of it; others get five times theirs more."""

BATCH = 20
"""Mutants that one fork becomes, one after the other."""

ASLEEP_LOOKS = 60
"""So many looks, half a second apart, at a test that sleeps or looks around: it waits forever."""


def main() -> int:
    """Judge the mutants, and tell of each file how many were killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of files, with commas")
    parser.add_argument("--tests", default="", help="other tests than configured, with commas")
    parser.add_argument("--thorough", action="store_true", help="those on PostgreSQL, too")
    parser.add_argument("--seconds", type=float, default=3.0, help="of tests, for each mutant")
    parser.add_argument("--sample", type=int, default=10**9, help="so many, drawn by chance")
    parser.add_argument("--processes", type=int, default=1, help="how many mutants at once")
    parser.add_argument("--again", action="store_true", help="what has no result, or survived")
    parser.add_argument("--survivors", action="store_true", help="print them; judge nothing")
    parser.add_argument("--page", action="store_true", help="write the table; judge nothing")
    asked = parser.parse_args()
    os.chdir(ROOT)
    results: dict[str, str] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if asked.survivors or asked.page:
        told = {name: results[name] for name in results if is_of(name, asked.only)}
        (print_survivors if asked.survivors else write_page)(told)
        return 0
    names = made()
    results = {name: results[name] for name in names if name in results}
    chosen = [name for name in names if is_of(name, asked.only)]
    chosen.sort(key=lambda name: asked.only.find(Path(file_of(name)).stem))
    if asked.again:
        chosen = [name for name in chosen if results.get(name, "survived") in LIVES]
    drawn = set(random.Random(0).sample(chosen, min(asked.sample, len(chosen))))
    chosen = [name for name in chosen if name in drawn]
    judge = Judge(chosen, results, asked.processes, asked.seconds)
    tests = asked.tests.split(",") if asked.tests else config().pytest_add_cli_args_test_selection
    options = ["-q", "-p", "no:cacheprovider", *config().pytest_add_cli_args]
    options += ["-m", "not slow"] if asked.thorough else []
    os.chdir(MUTANTS)
    pytest.main([*options, *tests], [judge])
    os.chdir(ROOT)
    print("\n".join(table(rows(results))))
    return 0


def made() -> list[str]:
    """Every mutant's name, after mutmut has made those of what has changed."""
    set_mutant_under_test("mutant_generation")
    MUTANTS.mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(1)
    metas = [json.loads(meta.read_text()) for meta in sorted(MUTANTS.rglob("*.meta"))]
    return [name for meta in metas for name in meta["exit_code_by_key"]]


class Judge:
    """A pytest plugin that runs the tests once, then each mutant against those that reach it."""

    def __init__(
        self, mutants: list[str], results: dict[str, str], processes: int, seconds: float
    ) -> None:
        self.mutants, self.results = mutants, results
        self.processes, self.at_most_seconds = processes, seconds
        self.seconds: dict[pytest.Item, float] = {}
        self.reaching: dict[str, list[pytest.Item]] = defaultdict(list)
        self.kills: dict[str, Counter[pytest.Item]] = defaultdict(Counter)
        self.running: dict[int, tuple[list[str], int]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Examples are few, always the same, and not made smaller: that one fails will do."""
        from hypothesis import Phase, settings  # pytest has to rewrite its asserts first

        some = (Phase.explicit, Phase.generate)
        options = {"deadline": None, "database": None, "derandomize": True, "max_examples": 25}
        settings.register_profile("mutants", phases=some, **options)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of running the tests."""
        self.session, self.items = session, session.items
        self._learn()
        gc.freeze()
        waiting = [self.mutants[n : n + BATCH] for n in range(0, len(self.mutants), BATCH)]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            while waiting or self.running:
                while waiting and len(self.running) < self.processes:
                    self._begin(waiting.pop(0))
                if rest := self._end():
                    waiting.insert(0, rest)
                RESULTS.write_text(json.dumps(self.results, indent=1))
                say(str(dict(Counter(self.results.values()))))
        finally:
            for pid in self.running:
                os.killpg(pid, signal.SIGKILL)
        return True

    def _learn(self) -> None:
        """Which tests reach which functions, and how long they take."""
        set_mutant_under_test("stats")
        gc.unfreeze()
        cached = (
            each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)
        )
        self._caches = [each for each in cached if str(each.__module__).startswith("longtake")]
        items = self.items  # what lives as long as the session stays set up, made by no mutant
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            state()._stats.clear()
            self._forget()  # what is at hand already would not be reached
            start = time.process_time()
            reports = runtestprotocol(item, log=False, nextitem=following)
            self.seconds[item] = time.process_time() - start
            if any(report.failed for report in reports):
                say(f"fails without any mutant, and is left out: {item.nodeid}")
                continue
            for function in state()._stats:
                self.reaching[function].append(item)
        if not self.reaching:
            raise SystemExit("no test reaches any mutant: it is the code itself that was tested")
        say(f"{len(items)} tests, {sum(self.seconds.values()):.0f} s of the processor")

    def _forget(self) -> None:
        for cache in self._caches:
            cache.cache_clear()

    def _begin(self, mutants: list[str]) -> None:
        reading, writing = os.pipe()
        if (pid := os.fork()) == 0:
            os.setsid()
            self._be_each(mutants, writing)
        os.close(writing)
        self.running[pid] = (mutants, reading)

    def _be_each(self, mutants: list[str], writing: int) -> None:
        """In the fork: one mutant after the other, as long as none hangs."""
        status = 1
        try:
            for each in (signal.SIGPROF, signal.SIGTERM):
                signal.signal(each, signal.SIG_DFL)
            for mutant in mutants:
                function = mutant.partition("__mutmut_")[0]
                tests = self._first_ones(function)
                killer = self._killer(mutant, tests) if tests else None
                if killer is not None:
                    self.kills[function][killer] += 1
                result = "killed" if killer else "survived" if tests else "no test"
                number = self.items.index(killer) if killer else ""
                os.write(writing, f"{result}|{number}\n".encode())
            status = 0
        finally:
            os._exit(status)

    def _first_ones(self, function: str) -> list[pytest.Item]:
        """The tests that reach it, in the order in which they are tried."""
        kills, stem = self.kills[function], Path(file_of(function)).stem
        chosen: list[pytest.Item] = []
        seconds = 0.0
        for item in sorted(
            self.reaching.get(function, []),
            key=lambda each: (-kills[each], stem not in each.path.stem, self.seconds[each]),
        ):
            seconds += self.seconds[item]
            if chosen and seconds > self.at_most_seconds:
                break
            chosen.append(item)
        return chosen

    def _killer(self, mutant: str, tests: list[pytest.Item]) -> pytest.Item | None:
        """The first test that fails."""
        set_mutant_under_test(mutant)
        self._forget()
        self.session._setupstate.teardown_exact(tests[0])
        spare = next(each for each in self.items if each is not tests[-1])
        for item, following in zip(tests, [*tests[1:], spare], strict=True):
            signal.setitimer(signal.ITIMER_PROF, PATIENCE_SECONDS + 5 * self.seconds[item])
            if any(each.failed for each in runtestprotocol(item, log=False, nextitem=following)):
                return item
        return None

    def _end(self) -> list[str]:
        """Write down the results of a fork that ends; returns what it has not come to."""
        pid, status = self._waited()
        mutants, reading = self.running.pop(pid)
        with os.fdopen(reading) as said:
            results = [line.strip().split("|") for line in said]
        for mutant, (result, killer) in zip(mutants, results, strict=False):
            self.results[mutant] = result
            if killer:
                self.kills[mutant.partition("__mutmut_")[0]][self.items[int(killer)]] += 1
        rest = mutants[len(results) :]
        if rest:
            self.results[rest[0]] = "hung" if os.WIFSIGNALED(status) else "killed"
        return rest[1:]

    def _waited(self) -> tuple[int, int]:
        """The next fork that ends; one that sleeps for long is ended."""
        asleep: Counter[int] = Counter()
        delay = 0.005
        while True:
            for pid in self.running:
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    return pid, status
            time.sleep(delay)  # os.wait takes no time limit, and a fork may hang for ever
            delay = min(delay * 1.5, 0.5)
            for pid in self.running if delay == 0.5 else ():
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                asleep[pid] = asleep[pid] + 1 if state == "S" else 0
                if asleep[pid] == ASLEEP_LOOKS:
                    os.killpg(pid, signal.SIGKILL)


def say(what: str) -> None:
    """Past what pytest captures."""
    print(time.strftime("%H:%M:%S"), what, file=sys.__stderr__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
