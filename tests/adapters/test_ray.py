"""A Ray cluster of two nodes on this machine: same answers, losses made good, nobody left at work, no words told."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guidance_atlas.errors import LeakError, SettingsError, StageError

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'guidance-atlas[ray]'")
from ray.cluster_utils import Cluster  # noqa: E402
from raymemory import found_in_ray  # noqa: E402

from guidance_atlas.adapters.ray import AHEAD, TRIES, RayActors  # noqa: E402

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}  # nothing of size goes through it
WORDS = b"my sister tanya is ill"


@pytest.fixture(scope="module")
def cluster():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])  # of workers
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    cluster.add_node(**NODE)
    yield cluster
    cluster.shutdown()


def actors(cluster, workers=2):
    return RayActors(workers, address=cluster.address, worker_bytes=10**8)


def late_if_even(number):
    time.sleep(0.3 * (number % 2 == 0))
    return number


def test_results_come_in_the_order_of_jobs_that_are_not_taken_faster_than_they_are_worked_on(cluster):
    taken = []

    def jobs():
        for number in range(12):
            taken.append(number)
            yield number

    given, ahead = [], []
    for number in actors(cluster).map(late_if_even, jobs()):
        given.append(number)
        ahead.append(len(taken) - len(given))

    assert given == list(range(12))
    assert 1 < max(ahead) < AHEAD * 2


def fail(kind):
    print(WORDS.decode(), file=sys.stderr, flush=True)
    if kind == "leak":
        raise LeakError("scrub left something")
    raise ValueError(WORDS.decode())


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [("leak", LeakError, "scrub left something"), ("other", StageError, r"a worker failed: ValueError at [\w .:]+;")],
)
def test_an_error_comes_as_its_kind_and_neither_it_nor_ray_repeats_words(cluster, kind, error, message):
    with pytest.raises(error, match=message) as caught:
        list(actors(cluster, 1).map(fail, [kind]))

    assert WORDS.decode() not in str(caught.value)
    assert found_in_ray(WORDS) == []


def die_once(job):
    number, folder = job
    if number == 2 and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_what_a_killed_worker_had_in_hand_is_done_by_another(cluster, tmp_path):
    assert list(actors(cluster).map(die_once, [(number, tmp_path) for number in range(6)])) == list(range(6))
    assert (tmp_path / "died").exists()


def die(folder):
    (folder / f"{os.getpid()}").touch()
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_part_that_kills_every_worker_ends_the_run_with_what_to_do(cluster, tmp_path):
    with pytest.raises(StageError, match="3 workers were lost over the same part, most often for memory; raise run.ray"):
        list(actors(cluster).map(die, [tmp_path]))

    assert len(list(tmp_path.iterdir())) == TRIES


def where(job):
    number, folder = job
    node = ray.get_runtime_context().get_node_id()
    (folder / f"{number}-{node}").touch()
    time.sleep(0.4)
    return number, node


def test_a_node_that_goes_takes_no_part_with_it(cluster, tmp_path):
    gone = cluster.add_node(**NODE)
    results = actors(cluster, 3).map(where, ((number, tmp_path) for number in range(30)))
    done = []
    for number, _node in results:
        done.append(number)
        if gone is not None and any(gone.node_id in path.name for path in tmp_path.iterdir()):
            cluster.remove_node(gone, allow_graceful=False)
            gone = None

    assert gone is None
    assert done == list(range(30))


def test_without_a_cluster_it_is_one_clear_line():
    with pytest.raises(SettingsError, match="no Ray cluster of this version is to be had at 127.0.0.1:9"):
        list(RayActors(1, address="127.0.0.1:9", worker_bytes=1).map(late_if_even, [1]))


DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from guidance_atlas.adapters.ray import RayActors
from test_ray import pid_then_sleep
for _ in RayActors(2, address={address!r}, worker_bytes=10**8).map(pid_then_sleep, [Path({folder!r})] * 100):
    pass
"""


def pid_then_sleep(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(30)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_when_the_run_is_interrupted_or_killed_nobody_works_on(cluster, tmp_path, end):
    code = DRIVER.format(tests=str(Path(__file__).parent), address=cluster.address, folder=str(tmp_path))
    driver = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2, 120)
    driver.send_signal(end)
    driver.wait(60)

    wait_for(lambda: not any(is_at_work(int(path.name)) for path in tmp_path.iterdir()), 25)


def wait_for(happened, seconds):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def is_at_work(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
