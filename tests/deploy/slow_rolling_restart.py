"""Two instances behind nginx are replaced one by one under load."""

import logging
import threading
from collections import Counter

import pytest
import requests

from tests.deploy import local_site

logger = logging.getLogger(__name__)
N_VISITORS = 8
TEXTS = {"texts": ["A wonderful film.", "A waste of time."] * 20}


class Load:
    """Threads that send requests without a pause until the block ends."""

    def __init__(self, url: str) -> None:
        self.url, self.outcomes, self.stopped = url, Counter(), threading.Event()
        self.threads = [threading.Thread(target=self.visit) for _ in range(N_VISITORS)]

    def visit(self) -> None:
        while not self.stopped.is_set():
            for path, body in (("/movies/", None), ("/api/v1/predict/", TEXTS)):
                self.outcomes[self.ask(path, body)] += 1

    def ask(self, path: str, body: dict | None) -> object:
        method = "POST" if body else "GET"
        try:
            return requests.request(method, self.url + path, json=body, timeout=60).status_code
        except requests.RequestException as error:
            return repr(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with local_site.site(tmp_path_factory.mktemp("site"), n_instances=2) as running:
        yield running


def test_no_request_fails_while_every_instance_is_replaced(site):
    proxy, instances = site
    with Load(proxy.url) as load:
        for instance in instances:
            proxy.send_to([each for each in instances if each is not instance])
            assert instance.stop() == 0
            instance.start()
            proxy.send_to(instances)
    logger.info("%s", dict(load.outcomes))
    assert load.outcomes[200] > 100
    assert set(load.outcomes) == {200}
