"""The page that explains freshness, and the sentence on a movie's page."""

import re

import pytest

from movies.models import Movie, Verdict
from movies.verdict_rules import verdict_rules

pytestmark = pytest.mark.django_db

JARGON = re.compile(
    r"log-odds|calibrat|likelihood|probabilit|interval|estimat|maximisation|statistic",
    re.IGNORECASE,
)


def explanation(client, movie):
    page = client.get(movie.get_absolute_url()).content.decode()
    return re.search(r'data-testid="freshness-explained">(.*?)</p>', page, re.DOTALL)[1]


@pytest.mark.parametrize("verdict", ["none", "mixed", "hot"])
def test_movie_page_explains_the_freshness_and_links_to_more(client, movie, verdict):
    Movie.objects.filter(pk=movie.pk).update(verdict=verdict, freshness=0.7)
    text = explanation(client, movie)
    assert 'href="/freshness/"' in text
    assert not JARGON.search(text)


def test_movie_page_says_what_half_baked_means(client, make_movies):
    mixed, hot = make_movies(1, verdict="mixed") + make_movies(1, verdict="hot")
    assert "<b>" in explanation(client, mixed)
    assert "<b>" not in explanation(client, hot)


def test_every_verdict_has_a_rule_in_words():
    assert {rule.verdict for rule in verdict_rules()} == set(Verdict)
    assert not [rule for rule in verdict_rules() if JARGON.search(rule.meaning)]


def test_rules_show_the_thresholds_of_the_site(client, settings):
    settings.VERDICT_HOT, settings.VERDICT_CERTIFIED, settings.VERDICT_MIN_REVIEWS = 0.55, 0.81, 7
    page = client.get("/freshness/").content.decode()
    assert [text in page for text in ("55%", "81% fresh", "Fewer than 7 reviews")] == [True] * 3


def test_jargon_is_only_below_the_numbers(client):
    page = client.get("/freshness/").content.decode()
    before, _, numbers = page.partition('id="numbers"')
    assert not JARGON.search(re.sub(r"<[^>]*>", " ", before.partition("<main")[2]))
    assert JARGON.search(numbers)
