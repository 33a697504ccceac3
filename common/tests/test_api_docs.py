import re

import pytest
import yaml

pytestmark = pytest.mark.django_db


def test_docs_page_has_no_inline_script_or_style(client):
    html = client.get("/api/docs/").content.decode()
    assert "swagger-ui-bundle" in html
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html)


def test_docs_page_loads_a_script_from_this_site(client):
    html = client.get("/api/docs/").content.decode()
    [address] = re.findall(r'src="(/api/docs/[^"]*)"', html)
    script = client.get(address)
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()


def test_content_security_policy_allows_no_inline_script(client):
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_schema_contains_every_address(client):
    schema = yaml.safe_load(client.get("/api/schema/").content)
    assert {
        "/api/v1/movies/",
        "/api/v1/movies/{id}/",
        "/api/v1/movies/{id}/score/",
        "/api/v1/movies/{movie_id}/reviews/",
        "/api/v1/reviews/{id}/",
        "/api/v1/reviews/{id}/dispute/",
        "/api/v1/reviews/{id}/report/",
        "/api/v1/predict/",
        "/api/v1/model/",
    } == set(schema["paths"])


def test_schema_is_generated_without_warnings(capsys, db):
    from django.core.management import call_command

    call_command("spectacular", fail_on_warn=True, validate=True)
    assert "openapi" in capsys.readouterr().out
