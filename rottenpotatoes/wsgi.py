import os

from django.core.wsgi import get_wsgi_application

from observability import tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
tracing.start()
application = get_wsgi_application()

# A worker loads the model before its first request.
from mlmodel.serving.champion import holder  # noqa: E402
from mlmodel.serving.watcher import watch_for_champions  # noqa: E402
from status import heartbeat  # noqa: E402

holder.preload()
watch_for_champions()
heartbeat.start()
