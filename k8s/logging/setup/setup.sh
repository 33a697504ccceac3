#!/bin/sh
# setup.sh index: retention and index templates, into ELASTICSEARCH, before anything is indexed there.
# setup.sh dashboards: the saved objects, into KIBANA. Both may run again.
set -eu
cd "$(dirname "$0")"

try() { # again and again while they start; what they refuse is an error, and is shown
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
    # Kibana answers 200 to what it could not import, too.
    case "$answer" in *'"success":true'*) ;; *) exit 1 ;; esac
    ;;
*)
    echo "usage: setup.sh index|dashboards" >&2
    exit 2
    ;;
esac
