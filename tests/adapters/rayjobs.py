"""Work for Ray's actors in tests, in a module that is quickly imported by each of them."""

import os
import signal
import sys
import time

import ray

WORDS = "my sister tanya is ill"


def wait_for(happened, seconds):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def die_once(job):
    number, folder = job
    (folder / f"{os.getpid()}").touch()
    wait_for(lambda: len(list(folder.iterdir())) > 1, 100)  # so that one alone does not do it all
    if number == 2 and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.3 * (number % 2 == 0))
    return number


def say_and_fail(_job):
    print(WORDS, file=sys.stderr, flush=True)
    raise ValueError(WORDS)


def pid_then_sleep(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(30)


def node_of(_job):
    time.sleep(0.5)
    return ray.get_runtime_context().get_node_id()


def with_small_plan(job, *, work):
    from twostages import small_plan

    from guidance_atlas import remote

    remote.plan = small_plan
    return work(job)
