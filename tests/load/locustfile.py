"""Realistic visitors: most browse, some read, a few write, with pauses in between.

All of them come from one address, so raise PREDICT_RATE and REVIEW_RATE on the site. They post
reviews: never run this against a site whose reviews matter.
"""

import os
import random
import re

from locust import HttpUser, between, task

SENTENCES = (
    "A wonderful film, and I would see it again tomorrow.",
    "Two hours that I will not get back.",
    "The first half is slow, but the ending makes up for it.",
    "The actors do what they can with a script that gives them nothing.",
    "Funny, warm and a little too long.",
    "I left before the end, and so did others.",
)
THINKING_S = (float(os.environ.get("THINK_MIN_S", 1)), float(os.environ.get("THINK_MAX_S", 5)))
MOVIE = re.compile(r'href="(/movies/[-\w]+/)"')
REVIEW = re.compile(r'href="(/reviews/\d+/)"')
CSRF_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor(HttpUser):
    wait_time = between(*THINKING_S)

    def on_start(self) -> None:
        self.movies = ["/movies/"]
        self.browse()

    @task(8)
    def browse(self) -> None:
        self.client.get("/")
        page = self.client.get("/movies/", params={"sort": "reviewed"}, name="/movies/")
        self.movies = MOVIE.findall(page.text) or self.movies

    @task(8)
    def read(self) -> None:
        page = self.client.get(random.choice(self.movies), name="/movies/<slug>/")
        if reviews := REVIEW.findall(page.text):
            self.client.get(random.choice(reviews), name="/reviews/<id>/")

    @task(3)
    def predict(self) -> None:
        self.client.post("/api/v1/predict/", json={"text": text()}, name="/api/v1/predict/")

    @task(1)
    def write(self) -> None:
        address = f"{random.choice(self.movies)}review/"
        page = self.client.get(address, name="/movies/<slug>/review/")
        token = CSRF_TOKEN.search(page.text)
        if token is None:
            return
        self.client.post(
            address,
            {"text": text(), "guest_name": "Load test", "csrfmiddlewaretoken": token[1]},
            # Over HTTPS Django checks the origin of a form.
            headers={"Referer": f"{self.host}{address}"},
            name="/movies/<slug>/review/",
        )


def text() -> str:
    # The same text twice within a minute would be stored once.
    number = random.randrange(10**9)
    return f"{' '.join(random.sample(SENTENCES, k=3))} Seat {number}."
