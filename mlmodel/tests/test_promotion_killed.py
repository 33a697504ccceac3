"""A kill -9 in a promotion leaves the old champion or the new one, with its history."""

import json
import signal
import sys

import pytest
from django.conf import settings

from mlmodel.lifecycle.releases import pretrained_name
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.tests.own_site import manage, site_with_champion
from tests.support import run

PROMOTE = """
import os, signal, django
os.environ["DJANGO_SETTINGS_MODULE"] = "rottenpotatoes.settings"
django.setup()
from mlmodel.lifecycle import promotions
from mlmodel.models import Promotion, Release

def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

{patch} = killed
promotions.promote("pretrained")
"""
STATE = """
import json
from mlmodel.models import Promotion, Release
print(json.dumps([
    list(Release.objects.filter(is_champion=True).values_list("version", flat=True)),
    Promotion.objects.newest_first().first().release.version,
]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, model_folders) -> dict[str, str]:
    """A site with the first model as champion, and the second one about to be promoted."""
    environment = site_with_champion(tmp_path_factory.mktemp("site"), model_folders[0])
    return environment | {"PRETRAINED_MODEL": str(model_folders[1])}


# In this order: the first two leave the old champion, the last one the new.
@pytest.mark.parametrize(
    ("patch", "champion"),
    [("Release.save", 0), ("Promotion.objects.create", 0), ("promotions.announce", 1)],
)
def test_killed_promotion_leaves_one_champion(site, model_folders, patch, champion):
    command = (sys.executable, "-c", PROMOTE.format(patch=patch))
    done = run(*command, check=False, cwd=settings.BASE_DIR, env=site)
    assert done.returncode == -signal.SIGKILL, done.stderr
    champions, newest = json.loads(manage(site, "shell", "-v0", "-c", STATE))
    assert champions == [newest]
    assert newest == pretrained_name(folder_checksum(model_folders[champion]))
