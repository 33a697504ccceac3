"""Events that wait, in memory and on a disk, which may be full."""

import os
import sqlite3

import pytest

from observability.event_queue import DiskQueue, MemoryQueue
from observability.logstash import Refused, Shipper


@pytest.mark.parametrize("kind", [MemoryQueue, DiskQueue])
def test_a_queue_is_bounded_and_counts_what_it_drops(kind, tmp_path):
    queue = kind(3, str(tmp_path))
    for number in range(5):
        queue.put(b"%d" % number)
    keys, lines = queue.first(10)
    assert (lines, queue.n_dropped, len(queue)) == ([b"0", b"1", b"2"], 2, 3)
    queue.remove(keys)
    assert (len(queue), queue.first(10)[1]) == (0, [])
    queue.close()


def test_a_queue_on_disk_belongs_to_one_process(tmp_path):
    first = DiskQueue(10, str(tmp_path))
    first.put(b"mine")
    second = DiskQueue(10, str(tmp_path))
    assert (len(first), len(second)) == (1, 0)
    first.close()
    third = DiskQueue(10, str(tmp_path))
    assert third.first(10)[1] == [b"mine"]
    second.close()
    third.close()


def test_when_the_disk_is_full_events_wait_in_memory_behind_those_on_it(tmp_path):
    queue = DiskQueue(4, str(tmp_path))
    queue.put(b"1")
    [(pages,)] = queue._rows.execute("PRAGMA page_count").fetchall()
    queue._rows.execute(f"PRAGMA max_page_count = {pages}")
    big = b"2" * 8000
    for line in (big, b"3", b"4", b"too many"):
        queue.put(line)
    assert (len(queue), queue.n_dropped, queue.problem) == (4, 1, "OperationalError")
    sent = []
    while batch := queue.first(2)[1]:
        sent.append(batch)
        queue.remove(queue.first(2)[0])
    assert sent == [[b"1"], [big, b"3"], [b"4"]]
    queue.put(b"5")
    assert queue.first(1) == ((1, 1), [b"5"])  # there is room on the disk again
    queue.close()


def test_a_queue_of_another_user_is_left_to_him(tmp_path):
    (tmp_path / "events-1-other.sqlite3").touch()
    (tmp_path / "events-1-other.lock").mkdir()  # cannot be opened, whoever runs this
    queue = DiskQueue(10, str(tmp_path))
    queue.put(b"mine")
    assert queue.first(10)[1] == [b"mine"]
    queue.close()


def test_a_child_leaves_the_queue_of_its_parent_alone(tmp_path):
    queue = DiskQueue(10, str(tmp_path))
    queue.put(b"1")
    if not (child := os.fork()):
        queue._rows.close()
        queue._claim.close()
        os._exit(0)
    os.waitpid(child, 0)
    other = DiskQueue(10, str(tmp_path))
    queue.put(b"2")
    assert (len(other), queue.first(10)[1]) == (0, [b"1", b"2"])
    other.close()
    queue.close()


def test_what_is_put_in_while_a_batch_is_on_its_way_stays():
    queue = MemoryQueue(10)
    queue.put(b"1")
    keys, _ = queue.first(10)
    queue.put(b"2")
    queue.remove(keys)
    assert queue.first(10)[1] == [b"2"]


class Picky:
    """Refuses for good what is bad, and the whole batch with it."""

    def __init__(self):
        self.taken = []

    def send(self, events):
        if b"bad" in events:
            raise Refused
        self.taken += events


def test_one_event_that_is_never_taken_does_not_keep_the_others():
    shipper = Shipper(Picky(), MemoryQueue(100))
    for line in (b"1", b"2", b"bad", b"3", b"4"):
        shipper.queue.put(line)
    shipper._ship()
    assert (shipper.transport.taken, shipper.n_refused) == ([b"1", b"2", b"3", b"4"], 1)
    assert len(shipper.queue) == 0


class FullDisk:
    """A connection that can read, and write nothing."""

    def __init__(self, rows):
        self.rows, self.n_deletes = rows, 0

    def execute(self, query, *values):
        self.n_deletes += query.startswith("DELETE")
        if query.startswith(("INSERT", "DELETE")):
            raise sqlite3.OperationalError("database or disk is full")
        return self.rows.execute(query, *values)

    def close(self):
        self.rows.close()


@pytest.fixture
def full(tmp_path):
    """A shipper with one event on its disk, which is full, and one behind it in memory."""
    queue = DiskQueue(10, str(tmp_path))
    queue.put(b"1")
    queue._rows = FullDisk(queue._rows)
    queue.put(b"2")
    return Shipper(Picky(), queue)


def test_when_the_disk_is_full_what_was_sent_is_not_sent_again(full, caplog):
    while full._ship():
        pass
    full.queue.put(b"3")
    full._ship()
    assert full.transport.taken == [b"1", b"2", b"3"]
    assert len(full.queue) == 0
    assert caplog.text == ""
    assert full.queue._rows.n_deletes == 1  # a full disk is not asked at every look


def test_when_there_is_room_again_what_was_sent_is_deleted(full, monkeypatch):
    full._ship()
    rows = full.queue._rows = full.queue._rows.rows
    full._ship()
    full.queue.put(b"3")  # on the disk, behind what is yet to be deleted
    monkeypatch.setattr(full.queue, "_delete_after", 0.0)
    full._ship()
    assert full.transport.taken == [b"1", b"2", b"3"]
    assert rows.execute("SELECT count(*) FROM event").fetchone() == (0,)
    full.queue.put(b"4")
    full._ship()
    assert full.transport.taken[-1] == b"4"


def test_a_process_that_ends_on_a_full_disk_leaves_nothing_to_send_again(full, tmp_path):
    while full._ship():
        pass
    assert full.queue.close() == 0
    assert not list(tmp_path.iterdir())
