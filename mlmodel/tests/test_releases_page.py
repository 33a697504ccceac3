import re

import pytest
from django.core.management import call_command

from mlmodel.models import Release
from mlmodel.pages.charts import MAX_NAMES, share_chart
from mlmodel.serving import champion

URL = "/model/releases/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def two(release) -> Release:
    """A second release, which was forced past the gate and is champion now."""
    line = {
        "name": "accuracy",
        "verdict": "refused",
        "why": "85.00 % is below the floor of 86.00 %",
        "challenger": 0.85,
        "champion": 0.9,
        "floor": 0.86,
    }
    made = Release.objects.create(
        version="two",
        algorithm="fixed",
        checksum="2" * 64,
        metrics={"accuracy": 0.85},
        gate={"passed": False, "against": release.version, "lines": [line]},
    )
    made.promote(by_name="ana", reason="the suite is wrong", forced=True)
    return made


def test_releases_page_shows_who_promoted_and_why(client, two):
    page = client.get(URL).content.decode()
    for fact in ("ana", "the suite is wrong", "despite the gate", "promoted two"):
        assert fact in page


def test_accuracy_chart_has_a_point_for_every_release(client, two):
    page = client.get(URL).content.decode()
    assert len(re.findall('<circle class="chart__point', page)) == 2
    assert "two: 85.0%" in page


def test_accuracy_chart_keeps_the_outer_names_on_narrow_screens(client, two):
    page = client.get(URL).content.decode()
    for end in ("first", "last"):
        assert len(re.findall(f"chart__name--{end}", page)) == 1


def test_accuracy_chart_is_the_same_in_every_language(client, two):
    page = client.get(URL, headers={"accept-language": "de"}).content.decode()
    assert not re.search(r'[xyr12]="\d+,\d', page)


def test_releases_page_marks_the_model_that_came_with_the_code(client, release, two):
    Release.objects.update(is_champion=False)
    page = client.get(URL).content.decode()
    assert "test-1 <b>in use</b>" in page
    assert page.count("releases__champion") == 1


def test_releases_page_works_without_promotions(client, db):
    assert "Nothing has been promoted yet" in client.get(URL).content.decode()


def test_releases_page_costs_the_same_with_many_releases(
    client, two, django_assert_max_num_queries
):
    for number in range(30):
        Release.objects.create(
            version=f"v{number}", algorithm="fixed", checksum=f"{number:064}"
        ).promote()
    with django_assert_max_num_queries(2):
        client.get(URL)


def test_model_page_shows_gate_and_promotion(client, fixed_scorer, two):
    with champion.override(champion.Served(fixed_scorer, two)):
        page = client.get("/model/").content.decode()
    for fact in ("below the floor", "90.0%", "by ana", "the suite is wrong", URL):
        assert fact in page


def test_model_page_shows_a_load_failure(client, fixed_scorer, two, monkeypatch):
    failure = champion.LoadFailure("two", "its checksum is another")
    monkeypatch.setattr(champion.holder._state, "failure", failure)
    assert "its checksum is another" in client.get("/model/").content.decode()


def test_models_command_lists_gate_and_promotion(two, capsys):
    call_command("models")
    line = capsys.readouterr().out.splitlines()[1]
    assert "rejected" in line
    assert line.endswith("by ana FORCED – the suite is wrong")


def test_share_chart_of_equal_values_is_a_flat_line():
    chart = share_chart([("1", 0.9), ("2", 0.9)])
    assert len({point.y for point in chart.points}) == 1
    assert len(chart.lines) == 3


def test_share_chart_does_not_label_every_point_of_many():
    chart = share_chart([(str(n), 0.8 + n / 1000) for n in range(90)])
    assert sum(point.shows_name for point in chart.points) <= MAX_NAMES


def test_share_chart_needs_values():
    assert share_chart([]) is None
