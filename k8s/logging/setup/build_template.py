"""Write index-template.json from the catalogue of events: run from the project's folder."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from observability.events import FIELDS

# Long values of a keyword are kept and not indexed.
TYPES = {"keyword": {"type": "keyword", "ignore_above": 512}}
TAGS = {"tags": {"type": "keyword"}}  # Logstash's, where something was odd


def template() -> dict:
    properties = {name: TYPES.get(f.kind, {"type": f.kind}) for name, f in FIELDS.items()}
    return {
        "index_patterns": ["rotten_potatoes_logs-*"],
        "template": {
            "settings": {
                "number_of_shards": 1,
                "number_of_replicas": 0,
                "index.lifecycle.name": "rotten_potatoes_logs",
                "index.mapping.total_fields.limit": 200,
            },
            # What the catalogue does not know is kept, and makes no field of its own.
            "mappings": {"dynamic": False, "properties": properties | TAGS},
        },
    }


if __name__ == "__main__":
    print(json.dumps(template(), indent=2))  # noqa: T201
