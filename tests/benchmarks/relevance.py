"""How well the search answers the 70 judged queries over the real inventory: `python -m tests.benchmarks.relevance`.

nDCG@10: 1.0 when the ten best answers stand in the judges' order, over records in any language, and again over those in
the query's own language alone, which is what is found before translations or sentence vectors help. By the query's
features, worst first. What must hold is in tests/contracts/test_search_inventory.py.
"""

import json
import math
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from core.search.documents import index_document
from core.search.seam import Query
from core.search.tantivy_engine import open_engine
from tests.contracts.test_search_inventory import document, lines, uuid_of
from tests.nodes import ROOT

DEPTH = 10
ALL = "all queries"


def gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def ndcg(found: list[Any], judged: dict[Any, int]) -> float:
    best = gain(sorted(judged.values(), reverse=True)[:DEPTH])
    return gain(judged.get(each, 0) for each in found[:DEPTH]) / best


def judge() -> dict[str, dict[str, Any]]:
    """By feature: how many queries have it, and the mean nDCG in any language and in the query's own."""
    languages = {uuid_of(row["id"]): row["language"] for row in lines("records.jsonl")}
    scores: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"tantivy://{folder}/index")
        engine.index([prepared for row in lines("records.jsonl") if (prepared := index_document(document(row)))])
        engine.commit()
        for query in lines("queries.jsonl"):
            found = [hit.uuid for hit in engine.search(Query(query["query"], query["language"], limit=100)).hits]
            judged = {uuid_of(each["id"]): each["grade"] for each in query["relevant"] if each["grade"]}
            if not judged:
                continue  # nothing in the inventory answers it
            own = {uuid: grade for uuid, grade in judged.items() if languages[uuid] == query["language"]}
            own_found = [uuid for uuid in found if languages[uuid] == query["language"]]
            score = ndcg(found, judged), ndcg(own_found, own) if own else None
            for name in (ALL, *query["features"]):
                scores[name].append(score)
    return {name: _means(each) for name, each in sorted(scores.items(), key=lambda item: _means(item[1])["any"])}


def _means(scores: list[tuple[float, float | None]]) -> dict[str, Any]:
    own = [score for _any, score in scores if score is not None]
    return {
        "queries": len(scores),
        "any": round(statistics.mean(score for score, _own in scores), 3),
        "own": round(statistics.mean(own), 3) if own else None,
    }


def main() -> None:
    found = judge()
    print(f"{'feature':28}{'queries':>8}{'nDCG@10':>10}{'own language':>14}")
    for name, means in found.items():
        print(f"{name:28}{means['queries']:>8}{means['any']:>10.3f}{means['own'] or float('nan'):>14.3f}")
    target = ROOT / "var" / "bench" / "relevance.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
