# Two images: `--target web` for the site, `--target training` for trainings, MLflow's server and backups.
# Behind a mirror: --build-arg BASE_IMAGE=... --build-arg PIP_INDEX_URL=... --build-arg DEBIAN_MIRROR=...
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
ARG DEBIAN_MIRROR
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
        rm -f /etc/apt/sources.list.d/debian.sources \
        && echo "deb $DEBIAN_MIRROR bookworm main" > /etc/apt/sources.list; \
    fi

# --- packages of the site -----------------------------------------------------
FROM base AS packages
# Unset by default, so that pip uses its own index.
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
COPY requirements-serving.txt ./
RUN python3 -m venv /opt/venv \
    && pip install --no-cache-dir --no-compile --disable-pip-version-check -r requirements-serving.txt

# --- the site: code, one model and static files, compiled ------------------------
FROM packages AS site
ARG MODEL_DIR=mlmodel/pretrained
COPY . ./
COPY ${MODEL_DIR} /model
RUN rm -rf mlmodel/pretrained var scripts requirements*.txt .dvc dvc.yaml params.yaml data/*.dvc data/unlabelled \
        data/train.json data/short_reviews.csv \
    && SECRET_KEY=build STATIC_ROOT=/app/staticfiles VAR_DIR=/tmp/var PRETRAINED_MODEL=/model \
       python manage.py collectstatic --no-input --verbosity 0
# Remove what the site does not need: packages' tests (not django.test), compiler input, other languages, source maps,
# an unused API page, and files that collectstatic has copied. Compiled files are checked by hash, because copying
# between stages changes modification times.
RUN pip uninstall --quiet --yes pip setuptools \
    && find /opt/venv -type d -name tests -prune -exec rm -rf {} + \
    && find /opt/venv -name '*.po' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' | xargs rm -f \
    && find /opt/venv -name '*.mo' -not -path '*/locale/en/*' -not -path '*/locale/de/*' -delete \
    && find staticfiles -name '*.map*' -delete \
    && rm -rf staticfiles/drf_spectacular_sidecar/redoc \
       /opt/venv/lib/python3*/site-packages/drf_spectacular_sidecar/static/* \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv /app

# --- fonts of the preview images for links to a movie (seo/typesetting/fonts.py) ---------
FROM base AS fonts
# The packages have 200 MB, mostly of other weights.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
       fonts-dejavu-core fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && install -d /fonts \
    && cp /usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf \
       /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc /fonts \
    && for script in Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao \
       Malayalam Myanmar Oriya Sinhala Tamil Telugu Thai; do \
         cp "/usr/share/fonts/truetype/noto/NotoSans$script-Bold.ttf" /fonts || exit 1; \
       done

FROM base AS web
# Pillow loads FriBiDi, if it is there, to draw text that is read from right to left.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libfribidi0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent potatoes \
    && install -d -o potatoes -g potatoes /var/lib/rottenpotatoes
COPY --from=fonts /fonts /usr/share/fonts/truetype/rottenpotatoes
COPY --from=site /opt/venv /opt/venv
COPY --from=site /model /model
COPY --from=site /app /app
ARG GIT_COMMIT=unknown
ARG IMAGE_TAG=
ARG DATA_HASH=unknown
ARG RUN_ID=unknown
ARG MODEL_VERSION=unknown
LABEL org.opencontainers.image.title="Rotten Potatoes" \
      org.opencontainers.image.revision="${GIT_COMMIT}" \
      org.opencontainers.image.version="${IMAGE_TAG}" \
      rottenpotatoes.data-hash="${DATA_HASH}" \
      rottenpotatoes.run-id="${RUN_ID}" \
      rottenpotatoes.model-version="${MODEL_VERSION}"
ENV GIT_COMMIT=${GIT_COMMIT} \
    IMAGE_TAG=${IMAGE_TAG} \
    PRETRAINED_MODEL=/model \
    STATIC_ROOT=/app/staticfiles \
    VAR_DIR=/var/lib/rottenpotatoes
# Numeric, so that Kubernetes can verify that it is not root.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://localhost:' + (os.environ.get('PORT') or '8000') + '/healthz', timeout=2)"]
CMD ["gunicorn"]

# --- training, MLflow's server, backup ----------------------------------------------
FROM packages AS training-packages
COPY requirements.txt requirements-training.txt ./
RUN pip install --no-cache-dir --no-compile --disable-pip-version-check -r requirements.txt \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv

FROM base AS training
# git for the lineage and DVC, pg_dump for backups; scikit-learn's tree models need libgomp.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends git postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && useradd --system --uid 10001 --user-group --create-home potatoes \
    && install -d -o potatoes -g potatoes /var/lib/rottenpotatoes
COPY --from=training-packages /opt/venv /opt/venv
COPY . ./
ARG GIT_COMMIT=unknown
ARG IMAGE_TAG=
LABEL org.opencontainers.image.title="Rotten Potatoes, training" \
      org.opencontainers.image.revision="${GIT_COMMIT}" \
      org.opencontainers.image.version="${IMAGE_TAG}"
ENV GIT_COMMIT=${GIT_COMMIT} \
    IMAGE_TAG=${IMAGE_TAG} \
    VAR_DIR=/var/lib/rottenpotatoes \
    MPLCONFIGDIR=/tmp/matplotlib \
    DVC_SITE_CACHE_DIR=/tmp/dvc \
    DVC_NO_ANALYTICS=1 \
    DO_NOT_TRACK=1 \
    MLFLOW_DISABLE_TELEMETRY=true \
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
USER 10001:10001
CMD ["scripts/ops/train-from-remote"]
