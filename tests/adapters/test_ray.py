"""A Ray cluster of two nodes on this machine: same answers, losses made good, nobody left at work, no words told."""

import errno
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from guidance_atlas.contracts import Conversations
from guidance_atlas.errors import LeakError, SettingsError, StageError, StoreError
from guidance_atlas.remote import work_elsewhere
from guidance_atlas.runner import part_keys, run_part, to_do
from guidance_atlas.settings import SECRET_VARIABLE, load_settings
from guidance_atlas.stages.forgotten import NOBODY
from guidance_atlas.stages.ingest.sources import cut, find_sources
from guidance_atlas.store import Store

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'guidance-atlas[ray]'")
from ray.cluster_utils import Cluster  # noqa: E402
from rayjobs import WORDS, die_once, node_of, say_and_fail, wait_for, with_small_plan  # noqa: E402
from raymemory import found_in_ray  # noqa: E402
from twostages import small_plan  # noqa: E402

from guidance_atlas.adapters import ray as adapter  # noqa: E402
from guidance_atlas.adapters.ray import AHEAD, STARTS, RayActors, _Crew, _opened, _Worker  # noqa: E402

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}  # nothing of size goes through it

PASSED = b"bytes that do pass through Ray, "


@pytest.fixture(scope="module")
def cluster():
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}  # 15 otherwise, and everybody goes first
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])  # of workers
    os.environ[SECRET_VARIABLE] = SECRET.decode()  # as before ray start
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    cluster.add_node(**NODE)
    del os.environ[SECRET_VARIABLE]
    yield cluster
    cluster.shutdown()


def actors(cluster, workers=2):
    return RayActors(workers, address=cluster.address, worker_bytes=10**8)


class Actor:
    """An actor that Ray does not know: what it is asked is its own answer, None where it is lost."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.ready = self.work = self

    def remote(self, *_job):
        return self, self.answers.pop(0)


@pytest.fixture
def killed(monkeypatch):
    """Stands for Ray: whoever was asked first answers first."""
    killed = []
    monkeypatch.setattr(adapter.ray, "wait", lambda asked, timeout: (asked[:1], asked[1:]))
    monkeypatch.setattr(adapter.ray, "kill", killed.append)
    monkeypatch.setattr(adapter, "_answer", lambda reference: reference[1])
    return killed


def test_where_nothing_is_to_do_no_cluster_is_needed():
    assert list(RayActors(1, address="127.0.0.1:9", worker_bytes=1).map(node_of, [])) == []


@pytest.mark.parametrize("address", ["127.0.0.1:9", "127.0.0.1:99999", "no.such.host.invalid:6379"])
def test_without_a_cluster_it_is_one_clear_line(address):
    with pytest.raises(SettingsError, match=f"no Ray cluster of this version is to be had at {address}"):
        list(RayActors(1, address=address, worker_bytes=1).map(node_of, [1]))


def test_workers_that_never_start_end_the_run_with_what_to_do(killed):
    crew = _Crew(start=lambda: Actor(None))
    crew.add()

    with pytest.raises(StageError, match=r"workers do not start: install the same guidance-atlas\[ray\] on every"):
        for _ in range(10):
            crew.wait()
    assert len(killed) == STARTS


def test_a_cluster_without_room_ends_the_run_with_what_to_do(killed, monkeypatch):
    monkeypatch.setattr(adapter.ray, "wait", lambda asked, timeout: ([], asked))
    crew = _Crew(start=lambda: Actor(None))
    crew.add()

    with pytest.raises(
        StageError, match="Ray gave no worker within 300 seconds; look at ray status: each needs one CPU"
    ):
        crew.wait()


def test_after_a_loss_those_with_nothing_to_do_are_asked_whether_they_are_there(killed):
    lost, gone_too, new = Actor(True, None), Actor(True, None), Actor(True, True)
    crew = _Crew(start=iter([gone_too, lost, new, Actor(True)]).__next__)
    for _ in range(2):
        crew.add()
        crew.wait()
    crew.give(0, "job")

    assert crew.wait() == (0, None)
    assert crew.idle == []
    crew.wait()
    crew.wait()
    assert killed == [lost, gone_too]


class Full:
    def __call__(self, _job):
        raise OSError(errno.ENOSPC, "No space left on device")


def leak(_job):
    raise LeakError("scrub left something")


def exhaust(_job):
    raise MemoryError


@pytest.mark.parametrize(
    ("work", "error", "message"),
    [
        (leak, LeakError, "scrub left something"),
        (Full(), StoreError, "a worker cannot write: the disk is full; free space and run again"),
        (exhaust, StageError, "a worker has no memory left; raise run.ray_worker_gb or make parts smaller"),
    ],
)
def test_an_error_of_a_worker_comes_as_its_kind(work, error, message):
    worker = _Worker.__new__(_Worker)
    worker._work = work

    with pytest.raises(error, match=message):
        _opened(worker.work(1))


def test_results_come_in_order_and_no_job_early_and_none_is_lost_with_its_worker(cluster, tmp_path, capsys):
    taken, given, ahead = [], [], []

    def jobs():
        for number in range(12):
            taken.append(number)
            yield number, tmp_path

    for number in actors(cluster).map(die_once, jobs()):
        given.append(number)
        ahead.append(len(taken) - len(given))

    assert (tmp_path / "died").exists()
    assert given == list(range(12))
    assert 1 < max(ahead) < AHEAD * 2
    assert capsys.readouterr().out == ""  # Ray's own news of the worker must not stand among answers


def test_neither_an_error_nor_ray_repeats_words_that_a_worker_raised_or_printed(cluster):
    job = PASSED * 10_000
    with pytest.raises(StageError, match=r"a worker failed: ValueError at ray.py:\d+; finished parts are kept"):
        list(actors(cluster, 1).map(say_and_fail, [job]))

    assert found_in_ray(WORDS.encode()) == []
    assert found_in_ray(PASSED) != []  # the search would have seen them: it sees what does go through Ray


DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from guidance_atlas.adapters.ray import RayActors
from rayjobs import pid_then_sleep
for _ in RayActors(1, address={address!r}, worker_bytes=10**8).map(pid_then_sleep, [Path({folder!r})] * 100):
    pass
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_when_the_run_is_interrupted_or_killed_nobody_works_on(cluster, tmp_path, end):
    code = DRIVER.format(tests=str(Path(__file__).parent), address=cluster.address, folder=str(tmp_path))
    driver = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    wait_for(lambda: any(tmp_path.iterdir()), 240)
    driver.send_signal(end)
    driver.wait(60)

    wait_for(lambda: not any(is_at_work(int(path.name)) for path in tmp_path.iterdir()), 25)


def is_at_work(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


RAW = b"a raw word that no stage reads, "
SECRET = b"the secret of this test's run root"


@pytest.fixture
def parts(tmp_path):
    """Six parts of two files, far too large to travel inside a message of Ray's."""
    record = {"messages": [{"role": "user", "content": "Should I move to another town?"}], "notes": RAW.decode() * 400}
    for name in ("a", "b"):
        lines = [json.dumps(record | {"id": f"{name}{n}"}) for n in range(90)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    sources = find_sources([str(tmp_path / "*.jsonl")])
    return [part for source in sources for part in cut(source, max_record_bytes=2**20, max_records=30)]


class OnActors:
    """Ray's actors, which take the small plan for the plan."""

    def __init__(self, cluster):
        self.actors = actors(cluster)

    def map(self, work, jobs):
        return self.actors.map(partial(with_small_plan, work=work), jobs)


def stored(root):
    return {path.relative_to(root): path.read_bytes() for path in (root / "vault").rglob("*.parquet")}


def test_a_run_goes_on_under_ray_with_the_same_tables_and_ray_holds_no_raw_word_and_no_secret(cluster, parts, tmp_path):
    stages = small_plan(None, SECRET)
    here, begun = Store(tmp_path / "here" / "vault"), Store(tmp_path / "begun" / "vault")
    for part in parts:
        run_part(part, stages=stages, store=here)
    run_part(parts[0], stages=stages, store=begun)
    half = part_keys(stages, parts[1].digest)[Conversations]
    begun.write(Conversations, half, here.read(Conversations, half))

    rest = to_do(iter(parts), stages=stages, store=begun, seen=[])
    how = {"root": tmp_path / "begun", "settings": load_settings(), "stages": stages, "forgotten": NOBODY}
    done = list(work_elsewhere(OnActors(cluster), rest, **how))

    assert len(done) == len(parts) - 1
    assert stored(tmp_path / "begun") == stored(tmp_path / "here")
    assert list(to_do(iter(parts), stages=stages, store=begun, seen=[])) == []  # nothing is left for a local run
    assert found_in_ray(RAW, SECRET) == []


def test_a_node_that_goes_takes_no_part_with_it(cluster):  # the last test: it leaves one node
    head, other = cluster.list_all_nodes()
    at = []
    for node in actors(cluster).map(node_of, range(16)):
        at.append(node)
        if node == other.node_id and len(cluster.list_all_nodes()) == 2:
            cluster.remove_node(other, allow_graceful=False)

    assert len(at) == 16
    assert set(at) == {head.node_id, other.node_id}
    assert at[-4:] == [head.node_id] * 4
