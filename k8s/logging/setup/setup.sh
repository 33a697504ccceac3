#!/bin/sh
# setup.sh index: write retention and index templates to ELASTICSEARCH, before anything is indexed.
# setup.sh dashboards: import the saved objects into KIBANA. Both can be repeated.
set -eu
cd "$(dirname "$0")"

try() { # retry until the server is up; print an error response and fail
    curl --silent --show-error --fail-with-body --max-time 30 \
        --retry "${RETRIES:-60}" --retry-delay "${DELAY:-5}" --retry-all-errors "$@"
    echo
}

put() { try --request PUT "$ELASTICSEARCH/$1" --header 'Content-Type: application/json' --data-binary "@$2"; }

case "${1:-}" in
index)
    put _ilm/policy/rotten_potatoes_logs retention.json
    put _index_template/rotten_potatoes_logs index-template.json
    put _index_template/rotten_potatoes_rejected rejected-template.json
    ;;
dashboards)
    answer=$(try --request POST "$KIBANA/api/saved_objects/_import?overwrite=true" \
        --header 'kbn-xsrf: setup' --form 'file=@objects.ndjson;type=application/ndjson')
    echo "$answer"
    # Kibana answers 200 even if an import failed.
    case "$answer" in *'"success":true'*) ;; *) exit 1 ;; esac
    ;;
*)
    echo "usage: setup.sh index|dashboards" >&2
    exit 2
    ;;
esac
