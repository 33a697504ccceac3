from collections.abc import Iterator

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from mlmodel.lifecycle.promotions import promote
from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Promotion, Release
from mlmodel.serving import champion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lab")]
ROLLBACK = "/admin/mlmodel/release/rollback/"


@pytest.fixture
def one(model_folders) -> Release:
    adopt(model_folders[0], version="model-one")
    return promote("model-one")


@pytest.fixture
def two(one, model_folders) -> Release:
    return adopt(model_folders[1], version="model-two")


def url_of(release) -> str:
    return f"/admin/mlmodel/release/{release.pk}/promote/"


@pytest.fixture
def staff(client, user):
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


@pytest.fixture
def promoter(staff, user):
    permissions = Permission.objects.filter(codename__in=["promote_release", "view_release"])
    user.user_permissions.set(permissions)
    return staff


def test_promotion_page_shows_a_preview(promoter, two, make_review, movie):
    for _ in range(6):
        make_review(movie, "An awful, boring, clumsy, tedious, dull film.")
    page = promoter.get(url_of(two)).content.decode()
    assert "1 movie would get a different verdict." in page
    assert Release.objects.champion().version == "model-one"


def test_promotion_is_recorded_with_name_and_reason(promoter, one, two, user, settings):
    settings.IMAGE_TAG = "site:7"
    promoter.post(url_of(two), {"reason": "reads irony", "instead_of": "model-one"})
    newest = Promotion.objects.newest_first().first()
    assert (newest.release, newest.previous, newest.by, newest.by_name) == (two, one, user, "ana")
    assert (newest.reason, newest.image_tag, newest.kind) == ("reads irony", "site:7", "promote")
    assert LogEntry.objects.get().change_message == "Promoted. reads irony"


def test_rollback_works_in_the_admin(promoter, one, two):
    promote("model-two")
    assert "Roll back to version model-one?" in promoter.get(ROLLBACK).content.decode()
    promoter.post(ROLLBACK, {"instead_of": "model-two"})
    assert Release.objects.champion() == one
    assert Promotion.objects.newest_first().first().kind == "rollback"


@pytest.mark.parametrize("method", ["get", "post"])
def test_promotion_page_requires_a_login(client, two, method):
    for url in (url_of(two), ROLLBACK):
        answer = getattr(client, method)(url, {"instead_of": "model-one"})
        assert (answer.status_code, "login" in answer["Location"]) == (302, True)
    assert Release.objects.champion().version == "model-one"


@pytest.mark.parametrize("method", ["get", "post"])
def test_promotion_requires_the_permission(staff, two, method):
    for url in (url_of(two), ROLLBACK):
        assert getattr(staff, method)(url, {"instead_of": "model-one"}).status_code == 403
    assert Release.objects.champion().version == "model-one"


def test_promotion_page_changes_nothing_on_get(promoter, one, two):
    promoter.get(url_of(two), {"reason": "x", "instead_of": "model-one"})
    assert Promotion.objects.count() == 1


def test_promotion_page_is_shown_again_if_the_champion_changed(promoter, two):
    page = promoter.post(url_of(two), {"instead_of": "model-zero"})
    assert "champion has changed" in page.content.decode()
    assert Release.objects.champion().version == "model-one"


@pytest.fixture
def refused(two) -> Release:
    line = {"name": "accuracy", "verdict": "refused", "why": "low"}
    figures = {"challenger": 0.5, "champion": None, "floor": 0.86}
    two.gate = {"passed": False, "lines": [line | figures]}
    two.save()
    return two


@pytest.mark.parametrize("given", [{}, {"force": "on"}, {"reason": "because"}])
def test_rejected_release_needs_force_and_a_reason(promoter, refused, given):
    promoter.post(url_of(refused), {"instead_of": "model-one"} | given)
    assert Release.objects.champion().version == "model-one"


def test_forced_promotion_is_recorded(promoter, refused):
    given = {"instead_of": "model-one", "force": "on", "reason": "the floor is wrong"}
    promoter.post(url_of(refused), given)
    assert Promotion.objects.newest_first().first().forced


def test_release_list_leads_to_the_promotion_page(promoter, two):
    given = {"action": "promote", "_selected_action": [two.pk]}
    answer = promoter.post("/admin/mlmodel/release/", given)
    assert answer["Location"] == url_of(two)


@pytest.fixture
def shipped(one, fixed_scorer) -> Iterator[Release]:
    """A release that serves without a promotion."""
    Release.objects.update(is_champion=False)
    one.refresh_from_db()
    with champion.override(champion.Served(fixed_scorer, one)):
        yield one


def test_release_list_shows_the_model_that_came_with_the_code_as_serving(promoter, shipped, two):
    page = promoter.get("/admin/mlmodel/release/").content.decode()
    assert page.count("serving, came with the code") == 1


def test_promotion_page_names_the_model_that_came_with_the_code(promoter, shipped, two):
    page = promoter.get(url_of(two)).content.decode()
    assert "Version model-one serves now; it came with the code." in page


def test_release_list_shows_a_champion_that_another_model_replaces(promoter, one):
    assert "champion, not loaded" in promoter.get("/admin/mlmodel/release/").content.decode()


def test_rollback_page_needs_an_earlier_champion(promoter, one):
    answer = promoter.get(ROLLBACK, follow=True)
    assert "no earlier champion" in answer.content.decode()


def test_promotion_can_be_confirmed_after_the_second_preview(promoter, two):
    form = promoter.post(url_of(two), {"instead_of": "model-zero", "reason": "why"}).context["form"]
    assert (form["instead_of"].value(), form["reason"].value()) == ("model-one", "why")


@pytest.mark.parametrize("model", [Release, Promotion])
def test_history_cannot_be_edited_in_the_admin(admin_client, one, model):
    url = f"/admin/mlmodel/{model._meta.model_name}/"
    page = f"{url}{model.objects.get().pk}/"
    assert admin_client.get(url).status_code == 200
    assert admin_client.get(f"{page}change/").status_code == 200
    assert admin_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
