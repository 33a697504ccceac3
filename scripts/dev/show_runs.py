"""Print where MLflow shows the training runs, and serve that page if the site has no MLflow server.

python -m scripts.dev.show_runs --port 5000
"""

import argparse
import os
import sys

# MLflow 3 opens on pages about language models, and an experiment too, unless the address names the
# other workflow.
RUNS = "{site}/#/experiments/{experiment}/runs?workflowType=machine_learning"


def address(site: str) -> str:
    """Return the address of the runs of this site's trainings; also opens and checks the store."""
    from django.conf import settings

    from mlmodel.lifecycle import mlflow_registry

    mlflow = mlflow_registry.connect()
    experiment = mlflow.MlflowClient().get_experiment_by_name(settings.MLFLOW_MODEL_NAME)
    if experiment is None:
        return f"{site} (none yet: `make train` logs the first)"
    return RUNS.format(site=site.rstrip("/"), experiment=experiment.experiment_id)


def show_runs(port: int) -> None:
    from django.conf import settings

    from common.sqlite_files import sqlite_url
    from mlmodel.lifecycle.mlflow_store import site_store

    store, uri = site_store(), settings.MLFLOW_TRACKING_URI
    if store is None and uri.startswith("http"):
        print(f"Training runs: {address(uri)}")
        return
    print(f"Training runs: {address(f'http://localhost:{port}')}", flush=True)
    options = {
        "--backend-store-uri": sqlite_url(store.absolute()) if store else uri,
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": "1",
    }
    words = [word for pair in options.items() for word in pair]
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "ui", *words])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=5000)
    port = parser.parse_args().port
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    django.setup()
    from mlmodel.sentiment.errors import SentimentError

    try:
        show_runs(port)
    except SentimentError as error:
        sys.exit(f"Cannot show the training runs: {error}")


if __name__ == "__main__":
    main()
