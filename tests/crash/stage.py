"""stage - data roots to crash on, and drydock running on them under the shim."""
import concurrent.futures
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
BIN = os.environ.get("BIN", os.path.join(TESTS, "../build/default/drydock"))
SHIM = os.environ.get("SHIM") or os.path.join(os.path.dirname(BIN), "tests/crash/shim.so")
WORKERS = int(os.environ.get("CRASH_WORKERS", "2"))
WHOLE = bool(os.environ.get("CRASH_WHOLE"))  # the campaign; else the bounded part of it
TIMES = int(os.environ.get("CRASH_TIMES", "1"))
SEED = os.environ.get("CRASH_SEED", "1")
SHOWN = int(os.environ.get("CRASH_SHOWN", "6"))  # faults of one test
TIMEOUT = 120  # seconds for one drydock; it takes less than one


class Result:
    def __init__(self, status, words, said):
        self.status, self.words, self.said = status, words, said

    @property
    def is_killed(self):
        return self.status == -signal.SIGKILL

    def __str__(self):
        return f"exit status {self.status}: {self.words.strip()[-400:]}"


def drydock(root, *arguments, **shim):
    """Runs drydock on ROOT. What SHIM says (shim.c) is in lower case without its CRASH_."""
    environment = {key: value for key, value in os.environ.items() if key != "CRASH_SEED"}
    if shim:
        environment["LD_PRELOAD"] = SHIM
        environment |= {"CRASH_" + key.upper(): str(value) for key, value in shim.items()}
    done = subprocess.run([BIN, "--root", root, *arguments], env=environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
                          errors="replace", check=False)
    return Result(done.returncode, done.stderr, done.stdout)


def call(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def copy(source, target):
    """A copy in every fact; hard links, devices, holes, times and attributes included."""
    remove(target)
    call("cp", "-a", "--reflink=auto", source, target)


def remove(path):
    if os.path.lexists(path):
        call("rm", "-rf", "--one-file-system", path)


def fixture(name, target):
    call(os.path.join(TESTS, "fixture.sh"), name, target)


class Stage:
    """A directory in memory for roots; it goes away at the end."""

    def __enter__(self):
        places = (os.environ.get("CRASH_DIR"), os.environ.get("TMPDIR"), "/dev/shm")
        places = [place for place in places if place and os.access(place, os.W_OK)]
        self.path = tempfile.mkdtemp(prefix="drydock-crash.", dir=(places or [None])[0])
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def at(self, *parts):
        return os.path.join(self.path, *parts)


def spread(function, jobs):
    """FUNCTION of each of JOBS, on all WORKERS; results in order. FUNCTION must not raise."""
    worker[:] = [function]  # what it holds is large: workers inherit it
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        for i, result in enumerate(pool.map(work, jobs, chunksize=1), 1):
            if i % 500 == 0:
                print(f"{i} of {len(jobs)}", file=sys.stderr)
            yield result


worker = []


def work(job):
    return worker[0](job)


# ---- TAP

class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def check(self, words, faults):
        """One test: it passes when there are no FAULTS; some are shown, as soon as they come."""
        count = 0
        for count, fault in enumerate(faults, 1):
            if count <= SHOWN:
                print("#", str(fault).replace("\n", "\n# "))
                sys.stdout.flush()
        if count > SHOWN:
            print(f"# and {count - SHOWN} more")
        self.count += 1
        self.failed += count > 0
        print("not ok" if count else "ok", self.count, "-", words)
        sys.stdout.flush()

    def note(self, words):
        print("#", words)
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def need_root():
    if os.geteuid() != 0:
        skip_all("needs root: data roots hold devices, owners and trusted.* attributes")
