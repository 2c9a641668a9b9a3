"""How well the search answers the 70 judged queries over the real inventory: `python -m tests.benchmarks.relevance`.

nDCG@10 is 1.0 when the ten best answers stand in the judges' order; recall@10 is how many of the useful answers (grade
2 or 3, ten at most) are among the ten. Each part of the search is judged with what it adds: words alone, with concepts,
with meaning. What must hold is in tests/contracts/test_relevance.py.
"""

import json
import math
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("VECTORS", "on")

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from core.search import analysis
from core.search.documents import index_document
from core.search.seam import Engine, Query
from core.search.services.vectors import compute_all
from core.search.vectors.records import meaning, with_known_vectors
from tests.contracts.test_search_inventory import document, lines, uuid_of
from tests.engines import ELASTICSEARCH_URL, index_address, opened_engine
from tests.nodes import ROOT

DEPTH = 10
USEFUL = 2

# Which answers count: in any language, in the query's, in others; those in the query's of queries that have their best
# ones there; and those of queries that have all in others.
VIEWS = ("any", "own", "own best", "others", "only others")
# Queries, from which on a pair of languages is shown.
PAIR_QUERIES = 5
PARTS: dict[str, dict[str, Any]] = {
    "words": {"concepts": False, "meaning": False},
    "+ concepts": {"concepts": True, "meaning": False},
    "+ meaning": {"concepts": True, "meaning": True},
}


@dataclass(frozen=True, slots=True)
class Judged:
    """`ndcg` and `recall` by view: a view that has no answers is not in them; `pairs` is nDCG by answers' language."""

    qid: str
    language: str
    features: tuple[str, ...]
    ndcg: dict[str, float]
    recall: dict[str, float]
    pairs: dict[str, float]


def gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def ndcg(found: list[UUID], judged: dict[UUID, int]) -> float:
    best = gain(sorted(judged.values(), reverse=True)[:DEPTH])
    return gain(judged.get(each, 0) for each in found[:DEPTH]) / best


def recall(found: list[UUID], judged: dict[UUID, int]) -> float:
    useful = {uuid for uuid, grade in judged.items() if grade >= USEFUL} or set(judged)
    return len(useful.intersection(found[:DEPTH])) / min(DEPTH, len(useful))


def fill(engine: Engine) -> None:
    """The real inventory, with vectors."""
    engine.name()
    documents = [prepared for row in lines("records.jsonl") if (prepared := index_document(document(row)))]
    compute_all(meaning(each) for each in documents)
    engine.index(with_known_vectors(documents)[0])
    engine.commit()


def judge(engine: Engine, **part: Any) -> list[Judged]:
    """Each query that something answers, asked by somebody who reads its language."""
    languages = {uuid_of(row["id"]): row["language"] for row in lines("records.jsonl")}
    scored = []
    for query in lines("queries.jsonl"):
        answers = {uuid_of(each["id"]): each["grade"] for each in query["relevant"] if each["grade"]}
        if not answers:
            continue
        asked = Query(query["query"], query["language"], limit=len(languages), facets=(), **part)
        found = [hit.uuid for hit in engine.search(asked).hits]
        own = {uuid for uuid, language in languages.items() if language == query["language"]}
        views = {"any": _view(found, answers, set(languages)), "own": _view(found, answers, own)}
        views["others"] = _view(found, answers, languages.keys() - own)
        if query["same_language_top_grade"]:
            views["own best"] = views["own"]
        if query["only_cross_language"]:
            views["only others"] = views["any"]
        scored.append(
            Judged(
                query["qid"],
                query["language"],
                tuple(query["features"]),
                {view: ndcg(*pair) for view, pair in views.items() if pair[1]},
                {view: recall(*pair) for view, pair in views.items() if pair[1]},
                {
                    other: ndcg(*_view(found, answers, {uuid for uuid in languages if languages[uuid] == other}))
                    for other in {languages[uuid] for uuid in answers}
                },
            )
        )
    return scored


def _view(found: list[UUID], answers: dict[UUID, int], kept: AbstractSet[UUID]) -> tuple[list[UUID], dict[UUID, int]]:
    return [uuid for uuid in found if uuid in kept], {uuid: answers[uuid] for uuid in answers.keys() & kept}


def means(judged: Iterable[Judged], what: str = "ndcg") -> dict[str, float]:
    """By view, over the queries that have one."""
    found: dict[str, list[float]] = defaultdict(list)
    for each in judged:
        for view, score in getattr(each, what).items():
            found[view].append(score)
    return {view: statistics.mean(found[view]) for view in VIEWS if found[view]}


@contextmanager
def engines() -> Iterator[dict[str, Engine]]:
    """Tantivy; and Elasticsearch, if ELASTICSEARCH_URL names a server."""
    names = ["tantivy", *(["elasticsearch"] if ELASTICSEARCH_URL else [])]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        addresses = {name: stack.enter_context(index_address(name, Path(folder))) for name in names}
        yield {name.capitalize(): opened_engine(address) for name, address in addresses.items()}


def _row(name: str, count: int, values: dict[str, float]) -> str:
    cells = [f"{values[view]:.3f}" if view in values else "" for view in VIEWS]
    return f"| {name:36} | {count:7} | " + " | ".join(f"{cell:>11}" for cell in cells) + " |"


def _table(title: str, rows: Iterable[tuple[str, int, dict[str, float]]]) -> str:
    head = f"| {title:36} | queries | " + " | ".join(f"{view:>11}" for view in VIEWS) + " |"
    line = "| " + " | ".join(["-" * 36, "-" * 7, *["-" * 11] * len(VIEWS)]) + " |"
    return "\n".join([head, line, *(_row(*row) for row in rows)])


def _pairs(judged: Iterable[Judged]) -> str:
    """nDCG by the query's language and the answers', where enough queries have such answers."""
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in judged:
        for other, score in each.pairs.items():
            scores[each.language, other].append(score)
    shown = {pair: some for pair, some in sorted(scores.items()) if len(some) >= PAIR_QUERIES}
    rows = [
        f"| {own} | {other} | {len(some):7} | {statistics.mean(some):7.3f} |" for (own, other), some in shown.items()
    ]
    return "\n".join(["| asked in | answers in | queries | nDCG@10 |", "| --- | --- | ------- | ------- |", *rows])


def main() -> None:
    for _ in analysis.prepare():
        pass
    report: dict[str, Any] = {}
    with engines() as opened:
        for name, engine in opened.items():
            fill(engine)
            parts = {part: judge(engine, **asked) for part, asked in PARTS.items()}
            whole = parts["+ meaning"]
            print(f"\n{name}\n")
            print(_table("nDCG@10", ((part, len(judged), means(judged)) for part, judged in parts.items())))
            print()
            recalls = ((part, len(judged), means(judged, "recall")) for part, judged in parts.items())
            print(_table("recall@10", recalls))
            print()
            groups: dict[str, list[Judged]] = defaultdict(list)
            for each in whole:
                for feature in each.features or ("none",):
                    groups[f"feature: {feature}"].append(each)
                groups[f"asked in {each.language}"].append(each)
            print(
                _table(
                    "nDCG@10, all parts", ((group, len(some), means(some)) for group, some in sorted(groups.items()))
                )
            )
            print()
            print(_pairs(whole))
            report[name] = {
                part: {"ndcg": means(judged), "recall": means(judged, "recall")} for part, judged in parts.items()
            } | {"queries": {each.qid: each.ndcg for each in whole}}
    target = ROOT / "var" / "bench" / "relevance.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
