"""Metrics are protected, and right with several workers."""

import ast
import os
import re
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
import yaml
from django.conf import settings as django_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from mlmodel import events as model_events
from mlmodel.metrics import bucket_of
from mlmodel.serving import champion
from observability import lost_events, metrics
from observability.tests.live_server import TOKEN, serve
from tests.support import free_port, run, wait_until

PREFIX = "rottenpotatoes_"


def read(text):
    """Return the value of each sample by name and labels."""
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


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer ", TOKEN])
def test_metrics_are_not_found_without_the_token(client, settings, header):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"authorization": header}).status_code == 404


def test_metrics_need_debug_if_no_token_is_set(client, settings, db):
    settings.METRICS_TOKEN, settings.DEBUG = "", False
    assert client.get("/metrics").status_code == 404
    settings.DEBUG = True
    assert client.get("/metrics").status_code == 200


def test_only_metrics_accept_the_address_of_a_pod_as_host(client, settings, db):
    settings.METRICS_TOKEN, settings.ALLOWED_HOSTS = TOKEN, ["potatoes.example"]
    pod = {"host": "203.0.113.7:8000"}
    token = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=pod | token).status_code == 200
    assert client.get("/metrics", headers=pod).status_code in (400, 404)
    assert client.get("/", headers=pod | token).status_code == 400


def test_request_is_counted_by_route_method_and_status(client, scrape, movie):
    labels = (("method", "GET"), ("path", "movies:detail"), ("status", "200"))
    before = scrape().get(("requests_total", *labels), 0)
    client.get(movie.get_absolute_url())
    after = scrape()
    assert after["requests_total", *labels] == before + 1
    assert after["database_queries_total", ("path", "movies:detail")] > 0
    assert after["request_seconds_count", ("path", "movies:detail")] >= 1


def test_invalid_addresses_and_methods_add_no_series(client, scrape):
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
def test_confidence_is_counted_in_its_bucket(confidence, bucket):
    assert bucket_of(confidence) == bucket


def test_metrics_have_unread_reviews_and_champions(scrape, movie, make_review, release, no_model):
    make_review(movie)
    samples = scrape()
    assert samples["reviews_unread",] == 1
    assert samples["champions",] == 1
    assert samples["database_bytes",] > 0
    assert 0 < samples["disk_free_share",] < 1


def test_waiting_time_of_a_review_starts_at_its_last_edit(scrape, movie, make_review, no_model):
    review = make_review(movie)
    long_ago = timezone.now() - timedelta(days=9000)
    type(review).objects.filter(pk=review.pk).update(created_at=long_ago)
    assert 0 <= scrape()["reviews_unread_oldest_seconds",] < 3600


def test_model_that_cannot_be_loaded_is_counted(scrape):
    before = scrape().get(("model_load_failures_total",), 0)
    model_events.load_failed("7", "its folder is gone")
    assert scrape()["model_load_failures_total",] == before + 1


def test_lost_events_are_counted_by_reason(scrape):
    key = ("events_dropped_total", ("reason", "queue_full"))
    before = scrape()[key]
    lost_events.count("queue_full", 3)
    assert scrape()[key] == before + 3


def test_request_is_answered_although_it_cannot_be_counted(client, monkeypatch, caplog):
    def fail(*args):
        raise FileNotFoundError("the folder of the metrics is gone")

    before = lost_events.total()
    monkeypatch.setattr(metrics, "_reported", set())
    monkeypatch.setattr(metrics.EVENTS, "labels", fail)
    assert [client.get("/healthz").status_code for _ in range(2)] == [200, 200]
    assert lost_events.total() == before + 2
    assert caplog.text.count("Cannot update metrics: FileNotFoundError") == 1


def test_scrape_does_not_wait_for_a_query_of_another_one(scrape, monkeypatch):
    monkeypatch.setattr(metrics, "LOCK_TIMEOUT_S", 0.01)
    with metrics._database:
        samples = scrape()
    assert ("champions",) not in samples
    assert ("disk_free_share",) in samples


def test_process_without_a_model_is_counted(scrape, no_model, fixed_scorer):
    assert scrape()["model_refused",] == 1
    with champion.override(champion.Served(fixed_scorer, None)):
        assert scrape()["model_refused",] == 0


def test_process_that_cannot_load_the_champion_is_counted(scrape, release, monkeypatch):
    failure = champion.LoadFailure("7", "its folder is gone")
    monkeypatch.setattr(champion.holder._state, "failure", failure)
    assert scrape()["model_refused",] == 1


def test_queues_of_several_workers_are_summed_and_lost_events_stay_counted(tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    with serve(tmp_path, LOGSTASH_URL=url, LOGSTASH_QUEUE_LIMIT="50") as site:
        wait_until(lambda: sum(served(site).values()) == 3)
        scrape_worker = one_worker(site)

        def are_full():
            with ThreadPoolExecutor(24) as pool:
                list(pool.map(site.get, ["/healthz"] * 200))
            return scrape_worker()["event_queue",] == 150

        wait_until(are_full)
        assert {n_waiting(read(site.metrics())) for _ in range(9)} == {150}  # of any worker
        n_lost_before = n_lost(read(site.metrics()))
        assert n_lost_before > 0
        kill_a_worker(site)
        wait_until(lambda: n_waiting(read(site.metrics())) < 150)
        wait_until(lambda: sum(served(site).values()) == 3)
        assert n_lost(read(site.metrics())) >= n_lost_before


def one_worker(site):
    """Return a function that scrapes the same worker each time, by one connection."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    return lambda: read(session.get(f"http://127.0.0.1:{site.port}/metrics", timeout=30).text)


def n_waiting(samples):
    return samples["event_queue",]


def n_lost(samples):
    return sum(value for key, value in samples.items() if key[0] == "events_dropped_total")


def kill_a_worker(site):
    pids = re.findall(r"Booting worker with pid: (\d+)", site.console())
    os.kill(int(pids[0]), signal.SIGKILL)


def test_requests_of_several_workers_are_summed_and_stay_counted_if_one_dies(tmp_path):
    key = ("requests_total", ("method", "GET"), ("path", "healthz"), ("status", "200"))
    with serve(tmp_path) as site:
        wait_until(lambda: sum(served(site).values()) == 3)
        for _ in range(60):
            site.get("/healthz")
        assert {read(site.metrics())[key] for _ in range(6)} == {60}  # of any worker
        kill_a_worker(site)
        wait_until(lambda: site.console().count("Booting worker") == 4)
        wait_until(lambda: sum(served(site).values()) == 3)
        site.get("/healthz")
        assert read(site.metrics())[key] == 61


def test_site_serves_without_the_folder_of_the_metrics(tmp_path):
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "metrics")
    with serve(tmp_path, WEB_CONCURRENCY="1", PROMETHEUS_MULTIPROC_DIR=folder) as site:
        assert "ok" in site.get("/healthz")
        assert "rottenpotatoes_requests_total" in site.metrics()
        assert "Cannot use PROMETHEUS_MULTIPROC_DIR (NotADirectoryError)" in site.console()


def test_site_serves_although_the_folder_of_the_metrics_disappears(tmp_path):
    folder = tmp_path / "metrics"
    with serve(tmp_path, WEB_CONCURRENCY="1", PROMETHEUS_MULTIPROC_DIR=str(folder)) as site:
        site.get("/healthz")
        shutil.rmtree(folder)
        kill_a_worker(site)
        wait_until(lambda: "Cannot update metrics: FileNotFoundError" in site.console())
        assert "ok" in site.get("/healthz")


def test_import_of_the_site_creates_no_files_of_metrics(tmp_path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DEBUG": "true"}
    environment["DJANGO_SETTINGS_MODULE"] = "rottenpotatoes.settings"
    code = "import django; django.setup(); import rottenpotatoes.urls"
    run(sys.executable, "-c", code, env=environment, cwd=django_settings.BASE_DIR)
    assert not list(tmp_path.iterdir())


OUR_THREADS = {"champion-watch", "event-shipper", "heartbeat"}
PRINT_THREADS = """
import threading, time
import rottenpotatoes.wsgi
from observability import events
events.emit("LOGIN_FAILED", path="login")
print(sorted(thread.name for thread in threading.enumerate()))
"""


def test_web_worker_has_three_threads_of_ours(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "PYTHONPATH": str(django_settings.BASE_DIR),
        "LOGSTASH_URL": f"http://127.0.0.1:{free_port()}",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
    }
    done = run(sys.executable, "-c", PRINT_THREADS, env=environment)
    assert set(ast.literal_eval(done.stdout)) == {"MainThread"} | OUR_THREADS


def served(site):
    return {k: v for k, v in read(site.metrics()).items() if k[0] == "model_served"}


RULES = django_settings.BASE_DIR / "k8s" / "monitoring"


@pytest.mark.skipif(not shutil.which("promtool"), reason="Debian's prometheus is not installed")
def test_configuration_and_alert_rules_pass_the_tests_of_promtool():
    run("promtool", "check", "config", "--syntax-only", "prometheus.yml", cwd=RULES)
    run("promtool", "check", "rules", "rules.yml", cwd=RULES)
    run("promtool", "test", "rules", "rules.test.yml", cwd=RULES)


def test_each_alert_has_a_test_case_that_fires_and_one_that_does_not():
    [group] = yaml.safe_load((RULES / "rules.yml").read_text())["groups"]
    alerts = {rule["alert"] for rule in group["rules"]}
    cases = yaml.safe_load((RULES / "rules.test.yml").read_text())["tests"]
    tried = [moment for case in cases for moment in case["alert_rule_test"]]
    assert {moment["alertname"] for moment in tried if moment.get("exp_alerts")} == alerts
    assert {moment["alertname"] for moment in tried if not moment.get("exp_alerts")} == alerts


def test_every_metric_of_an_alert_is_exported(scrape):
    rules = (RULES / "rules.yml").read_text()
    exported = {f"{PREFIX}{key[0]}" for key in scrape()}
    exported |= {
        f"{family.name}{suffix}"
        for family in metrics.REGISTRY.collect()
        for suffix in ("", "_total", "_bucket", "_count", "_sum")
    }
    exported |= {f"{PREFIX}{name}" for name in metrics._site_gauges}
    used = set(re.findall(r"\brottenpotatoes_\w+", rules))
    assert used <= exported, used - exported
