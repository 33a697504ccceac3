import os

from django.core.wsgi import get_wsgi_application

from rottenpotatoes import tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
tracing.start()
site = get_wsgi_application()

# A worker reads the model before its first request, not in it.
from mlmodel.serving import warm_up  # noqa: E402
from mlmodel.short_way import ShortWay  # noqa: E402
from mlmodel.watching import watch_for_champions  # noqa: E402
from rottenpotatoes import background, heartbeat  # noqa: E402

background.start()
warm_up()
watch_for_champions()
heartbeat.start()
application = ShortWay(site)
