"""What Prometheus reads: protected, and right under several workers."""

import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.request import urlopen

import pytest
import yaml
from django.conf import settings as django_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from mlmodel.serving import champion
from observability import metrics, task_queue
from observability.event_queue import DiskQueue, MemoryQueue
from observability.logstash import Refused, Shipper
from observability.tests.served import TOKEN, serve
from status.gauges import FACTS
from tests.support import free_port, wait_until

PREFIX = "rottenpotatoes_"


def read(text):
    """Every sample, by name and labels."""
    return {
        (sample.name.removeprefix(PREFIX), *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def scrape(client, settings, db):
    settings.METRICS_TOKEN = TOKEN

    def ask():
        response = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        return read(response.content.decode())

    return ask


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer ", TOKEN])
def test_to_everybody_else_metrics_do_not_exist(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"authorization": given}).status_code == 404


def test_without_a_token_only_a_laptop_shows_metrics(client, settings, db):
    settings.METRICS_TOKEN, settings.DEBUG = "", False
    assert client.get("/metrics").status_code == 404
    settings.DEBUG = True
    assert client.get("/metrics").status_code == 200


def test_prometheus_may_ask_a_pod_by_its_address_and_nobody_else(client, settings, db):
    settings.METRICS_TOKEN, settings.ALLOWED_HOSTS = TOKEN, ["potatoes.example"]
    pod = {"host": "203.0.113.7:8000"}
    token = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=pod | token).status_code == 200
    assert client.get("/metrics", headers=pod).status_code in (400, 404)
    assert client.get("/", headers=pod | token).status_code == 400


def test_a_request_is_counted_by_route_method_and_status(client, scrape, movie):
    labels = (("method", "GET"), ("path", "movies:detail"), ("status", "200"))
    before = scrape().get(("requests_total", *labels), 0)
    client.get(movie.get_absolute_url())
    after = scrape()
    assert after["requests_total", *labels] == before + 1
    assert after["database_queries_total", ("path", "movies:detail")] > 0
    assert after["request_seconds_count", ("path", "movies:detail")] >= 1


def test_made_up_addresses_and_methods_make_no_new_series(client, scrape):
    for number in range(3):
        client.get(f"/made-up-{number}/")
        client.generic(f"ODD{number}", "/")
    samples = scrape()
    assert not [key for key in samples if "made-up" in str(key) or "ODD" in str(key)]


def test_predictions_are_counted_by_label_and_confidence(api, scrape):
    key = ("predictions_total", ("confidence", "0.9-1.0"), ("sentiment", "negative"))
    before = scrape().get(key, 0)
    api.post("/api/v1/predict/", {"text": "bad"})
    api.post("/api/v1/predict/", {"texts": ["bad", "bad", "good"]})
    assert scrape()[key] == before + 3


@pytest.mark.parametrize(
    ("confidence", "bucket"),
    [(0.5, "0.5-0.6"), (0.6, "0.6-0.7"), (0.7, "0.7-0.8"), (0.8999, "0.8-0.9"), (1.0, "0.9-1.0")],
)
def test_confidence_falls_into_its_bucket(confidence, bucket):
    assert metrics.bucket_of(confidence) == bucket


def test_unread_reviews_and_the_champion_are_shown(scrape, movie, make_review, release, no_model):
    make_review(movie)
    samples = scrape()
    assert samples["reviews_unread",] == 1
    assert samples["champions",] == 1
    assert samples["database_bytes",] > 0
    assert 0 < samples["disk_free_share",] < 1


def test_how_long_a_review_waits_counts_from_its_last_words(scrape, movie, make_review, no_model):
    review = make_review(movie)
    long_ago = timezone.now() - timedelta(days=9000)
    type(review).objects.filter(pk=review.pk).update(created_at=long_ago)
    assert 0 <= scrape()["reviews_unread_oldest_seconds",] < 3600


def test_a_model_that_cannot_be_loaded_is_counted(scrape):
    from mlmodel.monitoring import events as model_events

    before = scrape().get(("model_load_failures_total",), 0)
    model_events.refused("7", "its folder is gone")
    assert scrape()["model_load_failures_total",] == before + 1


def test_waiting_events_are_shown(scrape, monkeypatch):
    from observability import logstash

    class Full:
        def state(self):
            return {"waiting": 12, "dropped": 5}

    monkeypatch.setattr(logstash, "find_handler", Full)
    assert scrape()["event_queue",] == 12


@pytest.fixture
def n_dropped(scrape):
    before = scrape()["events_dropped_total",]
    return lambda: scrape()["events_dropped_total",] - before


@pytest.mark.parametrize("kind", [MemoryQueue, DiskQueue])
def test_an_event_without_room_is_counted_when_it_is_dropped(n_dropped, kind, tmp_path):
    queue = kind(2, str(tmp_path))
    for _ in range(5):
        queue.put(b"event")
    assert n_dropped() == queue.n_dropped == 3
    queue.close()


def test_an_event_that_is_refused_for_good_is_counted(n_dropped):
    class Picky:
        def send(self, events):
            raise Refused

    shipper = Shipper(Picky(), MemoryQueue(5))
    shipper.queue.put(b"event")
    shipper._ship()
    assert n_dropped() == 1


def test_work_that_the_background_cannot_hold_is_counted(n_dropped, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(task_queue, "_thread", object())
        full.setattr(task_queue, "LIMIT", 0)
        task_queue.defer(print)
    assert n_dropped() == 1


def test_a_process_without_its_model_is_shown(scrape, no_model, fixed_scorer):
    assert scrape()["model_refused",] == 1
    with champion.use(champion.Served(fixed_scorer, None)):
        assert scrape()["model_refused",] == 0


def test_a_process_that_refuses_the_champion_is_shown(scrape, release, monkeypatch):
    monkeypatch.setattr(champion, "_refused", champion.Refused("7", "its folder is gone"))
    assert scrape()["model_refused",] == 1


def test_queues_of_several_workers_are_added_up_and_no_drop_is_forgotten(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with serve(tmp_path, LOGSTASH_URL=url, LOGSTASH_QUEUE_LIMIT="50") as site:
        wait_until(lambda: sum(served(site).values()) == 3)
        ask = one_worker(site)  # which has to know of the others

        def are_full():
            with ThreadPoolExecutor(24) as pool:
                list(pool.map(site.get, ["/healthz"] * 200))
            return ask()["event_queue",] == 150

        wait_until(are_full)
        time.sleep(1)  # until all of it is counted
        told = ask()
        n_events = sum(value for key, value in told.items() if key[0] == "events_total")
        n_lines = told["event_queue",] + told["events_dropped_total",]
        assert n_events <= n_lines <= n_events + 30, console(tmp_path)  # lines that are no events
        assert {queues(site)[0] for _ in range(9)} == {150}  # whoever answers
        n_before = queues(site)[1]
        pids = re.findall(r"Booting worker with pid: (\d+)", console(tmp_path))
        subprocess.run(["kill", "-KILL", pids[0]], check=True)
        wait_until(lambda: queues(site)[0] < 150)  # what the killed one held is gone ...
        wait_until(lambda: sum(served(site).values()) == 3)
        n_waiting, n_dropped = queues(site)
        assert 100 <= n_waiting < 150  # the new one has little yet
        assert n_dropped >= n_before  # ... and what it had dropped stays counted


def one_worker(site):
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)

    def ask():
        line.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        return read(line.getresponse().read().decode())

    return ask


def queues(site):
    told = read(site.metrics())
    return told["event_queue",], told["events_dropped_total",]


def test_several_workers_count_together_and_keep_counting_when_one_dies(tmp_path):
    key = ("requests_total", ("method", "GET"), ("path", "healthz"), ("status", "200"))
    with serve(tmp_path) as site:
        wait_until(lambda: sum(served(site).values()) == 3)
        for _ in range(60):
            site.get("/healthz")
        wait_until(lambda: read(site.metrics()).get(key) == 60)
        assert {read(site.metrics())[key] for _ in range(6)} == {60}  # whoever answers
        pids = re.findall(r"Booting worker with pid: (\d+)", console(tmp_path))
        subprocess.run(["kill", "-KILL", pids[0]], check=True)
        wait_until(lambda: console(tmp_path).count("Booting worker") == 4)
        wait_until(lambda: sum(served(site).values()) == 3)
        site.get("/healthz")
        wait_until(lambda: read(site.metrics()).get(key) == 61)


def served(site):
    return {k: v for k, v in read(site.metrics()).items() if k[0] == "model_served"}


def console(folder):
    return (folder / "console.log").read_text()


needs_prometheus = pytest.mark.skipif(
    not (shutil.which("promtool") and shutil.which("prometheus")),
    reason="Debian's prometheus is not installed",
)
RULES = django_settings.BASE_DIR / "k8s" / "monitoring"


@needs_prometheus
def test_a_real_prometheus_scrapes_the_running_site(tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    with serve(tmp_path) as site, prometheus(tmp_path, site.port) as port:
        site.get("/healthz")
        found = 'rottenpotatoes_requests_total{path="healthz"}'
        wait_until(lambda: query(port, found))
        [series] = query(port, found)
        assert (series["metric"]["job"], series["value"][1]) == ("rottenpotatoes", "1")
        assert [series["value"][1] for series in query(port, "up")] == ["1"]
        rules = json.loads(ask(port, "rules"))["data"]["groups"]
        assert {rule["health"] for group in rules for rule in group["rules"]} <= {"ok", "unknown"}


def query(port, expression):
    from urllib.parse import quote

    try:
        return json.loads(ask(port, f"query?query={quote(expression)}"))["data"]["result"]
    except OSError:  # it is starting
        return []


def ask(port, what):
    with urlopen(f"http://127.0.0.1:{port}/api/v1/{what}", timeout=10) as answer:
        return answer.read()


class prometheus:  # noqa: N801
    def __init__(self, folder, site_port):
        self.port = free_port()
        config = (RULES / "prometheus.yml").read_text()
        pods = yaml.safe_load(config)["scrape_configs"][0]["dns_sd_configs"]
        assert [pod["port"] for pod in pods] == [8000]
        config = config[: config.index("    dns_sd_configs")]
        config += f"    static_configs: [{{targets: ['127.0.0.1:{site_port}']}}]\n"
        config = config.replace("/etc/prometheus/token", str(folder / "token"))
        config = config.replace("/etc/prometheus/rules.yml", str(RULES / "rules.yml"))
        config = config.replace("scrape_interval: 15s", "scrape_interval: 1s")
        (folder / "prometheus.yml").write_text(config)
        self.command = [
            *("prometheus", f"--config.file={folder / 'prometheus.yml'}"),
            *(
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ),
        ]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        return self.port

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait(10)


@needs_prometheus
def test_promtool_accepts_the_alert_rules_and_they_ring_when_they_should():
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]):
        done = subprocess.run(
            ["promtool", *command], cwd=RULES, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tried_both_ringing_and_silent():
    [group] = yaml.safe_load((RULES / "rules.yml").read_text())["groups"]
    alerts = {rule["alert"] for rule in group["rules"]}
    cases = yaml.safe_load((RULES / "rules.test.yml").read_text())["tests"]
    tried = [moment for case in cases for moment in case["alert_rule_test"]]
    assert {moment["alertname"] for moment in tried if moment.get("exp_alerts")} == alerts
    assert {moment["alertname"] for moment in tried if not moment.get("exp_alerts")} == alerts


def test_every_metric_of_an_alert_is_one_of_ours(scrape):
    rules = (RULES / "rules.yml").read_text()
    known = {f"{PREFIX}{key[0]}" for key in scrape()}
    known |= {
        f"{family.name}{suffix}"
        for family in metrics.REGISTRY.collect()
        for suffix in ("", "_total", "_bucket", "_count", "_sum")
    }
    known |= {f"{PREFIX}{name}" for name in FACTS}
    used = set(re.findall(r"\brottenpotatoes_\w+", rules))
    assert used <= known, used - known
