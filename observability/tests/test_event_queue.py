"""Events that have not been delivered, in memory and on a disk that may be full."""

import os

import pytest

from observability import lost_events
from observability.event_queue import EventQueue
from observability.logstash import BatchRejected, Shipper


@pytest.fixture
def n_lost():
    before = lost_events.total()
    return lambda: lost_events.total() - before


def fill(queue, *events):
    for event in events:
        queue.put(event)


@pytest.mark.parametrize("on_disk", [False, True])
def test_full_queue_drops_and_counts_new_events(on_disk, tmp_path, n_lost):
    queue = EventQueue(3, str(tmp_path) if on_disk else "")
    fill(queue, b"0", b"1", b"2", b"3", b"4")
    assert (queue.first(10), n_lost()) == ([b"0", b"1", b"2"], 2)
    queue.remove(3)
    assert len(queue) == 0
    queue.close()


def test_child_process_does_not_release_the_file_of_its_parent(tmp_path):
    queue = EventQueue(10, str(tmp_path))
    fill(queue, b"1")
    if not (child := os.fork()):
        queue._file.close()
        os._exit(0)
    os.waitpid(child, 0)
    other = EventQueue(10, str(tmp_path))
    assert len(other) == 0
    other.close()
    queue.close()


def test_queue_ignores_an_incomplete_line_of_a_dead_process(tmp_path):
    (tmp_path / "events-1-dead.jsonl").write_bytes(b'{"event_id": "1"}\n{"event_id": "2')
    queue = EventQueue(10, str(tmp_path))
    assert queue.first(10) == [b'{"event_id": "1"}']
    queue.close()


def test_queue_ignores_a_file_that_it_cannot_open(tmp_path):
    (tmp_path / "events-1-other.jsonl").mkdir()  # root can open any file
    queue = EventQueue(10, str(tmp_path))
    assert (len(queue), queue.problem) == (0, "")
    queue.close()


class FullDisk:
    """A file that cannot grow."""

    def __init__(self, file):
        self.file = file

    def write(self, data):
        raise OSError(28, "No space left on device")

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.fixture
def full(tmp_path):
    """A queue with one event on disk, and one that found the disk full."""
    queue = EventQueue(3, str(tmp_path))
    fill(queue, b"1")
    queue._file = FullDisk(queue._file)
    fill(queue, b"2")
    return queue


def test_events_wait_in_memory_while_the_disk_is_full(full, n_lost):
    assert (full.first(10), full.problem, n_lost()) == ([b"1", b"2"], "OSError", 0)
    assert full.close() == 2


def test_all_events_are_written_at_the_end_if_the_disk_has_room_again(full, tmp_path):
    full._file = full._file.file
    assert full.close() == 0
    [path] = tmp_path.iterdir()
    assert path.read_bytes() == b"1\n2\n"


def test_file_of_a_queue_that_is_never_empty_does_not_grow_without_limit(tmp_path):
    queue = EventQueue(10, str(tmp_path))
    fill(queue, b"first")
    for _ in range(100):
        fill(queue, b"event")
        queue.remove(1)
    [path] = tmp_path.iterdir()
    assert path.read_bytes().count(b"\n") <= 21
    queue.close()


class PickyTransport:
    """Rejects every batch that contains a bad event."""

    def __init__(self):
        self.delivered = []

    def send(self, events):
        if b"bad" in events:
            raise BatchRejected
        self.delivered += events


def test_rejected_event_does_not_stop_the_other_events_of_its_batch(n_lost):
    shipper = Shipper(PickyTransport(), EventQueue(100))
    fill(shipper.queue, b"1", b"2", b"bad", b"3", b"4")
    shipper.ship_batch()
    assert shipper.transport.delivered == [b"1", b"2", b"3", b"4"]
    assert (len(shipper.queue), n_lost()) == (0, 1)
