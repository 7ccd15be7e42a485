"""Here or in other processes: the same answers, in the same order, taken no faster than they are worked on."""

import os
import signal
import subprocess
import sys
import time

import pytest

from guidance_atlas.errors import SettingsError, StageError
from guidance_atlas.executors import InProcess, ProcessPool, open_executor
from guidance_atlas.settings import RunSettings


def double(number):
    return 2 * number


def die(_number):
    os.kill(os.getpid(), signal.SIGKILL)


def fail(number):
    raise StageError(f"stage failed on part {number}")


def test_one_worker_means_this_process():
    assert isinstance(open_executor(RunSettings(workers=1)), InProcess)
    assert isinstance(open_executor(RunSettings(workers=2)), ProcessPool)


def test_ray_where_it_is_not_installed_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "guidance_atlas.adapters.ray", raising=False)

    with pytest.raises(SettingsError, match=r"pip install 'guidance-atlas\[ray\]'"):
        open_executor(RunSettings(executor="ray"))


@pytest.mark.parametrize("executor", [InProcess(), ProcessPool(2)])
def test_results_come_in_the_order_of_the_jobs(executor):
    assert list(executor.map(double, range(7))) == [0, 2, 4, 6, 8, 10, 12]


@pytest.mark.parametrize("executor", [InProcess(), ProcessPool(2)])
def test_a_stage_s_error_reaches_the_caller_as_it_is(executor):
    with pytest.raises(StageError, match="stage failed on part 1"):
        list(executor.map(fail, [1]))


def test_jobs_are_not_taken_faster_than_they_are_worked_on():
    taken = []

    def jobs():
        for number in range(50):
            taken.append(number)
            yield number

    results = ProcessPool(2).map(double, jobs())
    next(results)
    assert len(taken) <= 6
    results.close()


def test_a_killed_worker_is_one_clear_line():
    with pytest.raises(StageError, match="a worker process was killed, most often for memory"):
        list(ProcessPool(2).map(die, [1]))


PARENT = """
import sys, time
sys.path.insert(0, {tests!r})
from guidance_atlas.executors import ProcessPool
from test_executors import pid_then_sleep
if __name__ == "__main__":
    for pid in ProcessPool(2).map(pid_then_sleep, [0] * 20):
        print(pid, flush=True)
"""


def pid_then_sleep(_job):
    time.sleep(0.2)
    return os.getpid()


def test_when_the_parent_is_killed_nobody_works_on(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(tests=os.path.dirname(__file__)))
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(worker, 0)
            with open(f"/proc/{worker}/stat") as file:
                if file.read().split()[2] == "Z":
                    return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.1)
    pytest.fail("a worker outlived its parent")
