"""What the Elasticsearch engine says to its server: mapping, documents and searches as JSON. No client here.

Only what every server has is used: Elastic's minimal one, the full one, hosted ones. Terms come ready made, so the only
analyzers are `whitespace` (terms parted by spaces) and `keyword` (a whole value is one term).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.search.entries import TERMS_VERSION, index_entry
from core.search.plan import (
    MAX_CODES,
    MAX_COMPLETIONS,
    MIN_COSINE,
    NEAREST,
    OWN_LANGUAGE,
    Clause,
    Plan,
    TitlePlan,
    near_weight,
)
from core.search.seam import FACETS, IndexDocument
from core.search.shown import as_json
from core.search.vectors.embedder import DIMENSIONS

# Part of the index's name. Raise the first number with the mapping, or with what `shown` holds.
VERSION = f"s3-{TERMS_VERSION}"

# The deepest page and its 20 hits; the server keeps so many in order to find it.
DEEPEST = 200_000

# Longer codes are none of ours, and the server refuses a document with a term beyond 32,766 bytes.
MAX_CODE = 500

# Vectors that the server looks at to find the nearest: more find more of them, and take longer.
LOOKED_AT = 4 * NEAREST
OVERSAMPLE = 2.0

# Words two slips away that are looked for.
MAX_FAR = 100
# Words one slip away that the server names; `spelling.py` takes three.
MAX_NEAR = 50

Json = dict[str, Any]
# Ids of records with what their nearness adds to their score.
Near = Sequence[tuple[str, float]]


def index_template(pattern: str) -> Json:
    """For the indexes of one alias, whoever makes them. Refreshed by commits alone: readers see whole batches."""
    settings = {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "-1",
        "max_result_window": DEEPEST,
    }
    return {
        "index_patterns": [pattern],
        "priority": 500,
        "template": {"settings": {"index": settings}, "mappings": mappings()},
    }


def mappings() -> Json:
    """The fields of `entries.py`. `shown` is all that can be read back; the rest is there to be found."""
    docs, keyword = {"index_options": "docs"}, {"type": "keyword", "ignore_above": MAX_CODE}
    terms = {"type": "text", "analyzer": "whitespace"}
    value = {"type": "text", "analyzer": "keyword", **docs}
    properties: Json = {
        "text": {**terms, "index_options": "freqs"},
        "title": {**terms, "index_options": "freqs"},
        "title_words": {**terms, **docs},
        "title_only": {**terms, **docs},
        "whole_title": value,
        "code": value,
        **{f"facet_{facet}": {**keyword, "index": False} for facet in FACETS},
        "title_order": {**keyword, "index": False},
        "published": {"type": "long", "index": False},
        "deleted": {"type": "boolean"},
        "vector": {
            "type": "dense_vector",
            "dims": DIMENSIONS,
            "similarity": "cosine",
            "index_options": {"type": "int8_hnsw"},
        },
        "shown": {"type": "object", "enabled": False},
    }
    return {"dynamic": False, "_source": {"includes": ["shown"]}, "properties": properties}


# Documents


def document_body(document: IndexDocument) -> Json:
    entry = index_entry(document)
    body: Json = {
        "text": entry.text_terms,
        "title": entry.title_terms,
        "title_words": entry.title_words,
        "title_only": entry.title_only,
        "whole_title": entry.whole_titles,
        "code": _short(entry.codes),
        "title_order": entry.title_order,
        "published": int(document.published_at * 1e6),
        "shown": as_json(document, entry),
        **{f"facet_{facet}": _short(codes) for facet, codes in entry.counted.items()},
    }
    if document.vector is not None:
        body["vector"] = [float(each) for each in document.vector]
    return body


def document_version(document: IndexDocument) -> int:
    """Newer revisions win; of one revision, the document with a vector over one without."""
    return 2 * document.revision + (document.vector is not None)


def removal_version(revision: int) -> int:
    """A withdrawal is a revision of its own. It yields to a document of the same revision: somebody could read that."""
    return 2 * revision


def revision_of(version: int) -> int:
    return version // 2


# What is left of a removed record: its version keeps a late older revision from coming back.
REMOVED: Json = {"deleted": True}


def _short(codes: Sequence[str]) -> list[str]:
    return [code for code in codes if len(code) <= MAX_CODE]


# Searches

EVERYTHING: Json = {"bool": {"must_not": [{"term": {"deleted": True}}]}}

_SORTS: dict[str, list[Json] | None] = {
    "score": None,
    "newest": [{"published": "desc"}],
    "title": [{"title_order": {"order": "asc", "missing": "_last"}}],
}


def nearest_body(plan: Plan, without: str | None = None) -> Json:
    """The records nearest to the plan's vector that its filters let pass."""
    passing = {name: clauses for name, clauses in _passing(plan, without).items() if clauses}
    knn = {
        "field": "vector",
        "query_vector": [float(each) for each in plan.vector] if plan.vector is not None else [],
        "k": NEAREST,
        "num_candidates": LOOKED_AT,
        "similarity": MIN_COSINE,
        # By the numbers as they were given: those that the graph is searched by are rounded.
        "rescore_vector": {"oversample": OVERSAMPLE},
        "filter": {"bool": passing} if passing else [],
    }
    return {"knn": knn, "size": NEAREST, "track_total_hits": False, "_source": False}


def nearest(answer: Mapping[str, Any]) -> Near:
    """The server's score is (1 + cosine) / 2."""
    return [(hit["_id"], near_weight(2 * hit["_score"] - 1)) for hit in answer["hits"]["hits"]]


def hits_body(plan: Plan, near: Near) -> Json:
    """The page of hits alone: the server may skip what cannot reach it. `matched_queries` are numbers of clauses."""
    body = _matching(plan, near, named=True) | {
        "from": plan.offset,
        "size": plan.limit,
        "track_total_hits": False,
        "_source": ["shown"],
    }
    if sort := _SORTS[plan.order]:
        body["sort"] = sort
    elif plan.boosts:
        boosts = [_clause(each, "") for each in plan.boosts]
        body["query"] = {"bool": {"must": [body["query"]], "should": boosts}}
    return body


def counts_body(plan: Plan, near: Near) -> Json:
    """How many match, and the facets that nothing is chosen of. The server remembers it until the index changes."""
    return _matching(plan, near) | {"size": 0, "track_total_hits": True} | _facets(plan.free_facets)


def narrowed_body(plan: Plan, near: Near, facet: str) -> Json:
    """A facet that something is chosen of, counted without that choice."""
    return _matching(plan, near, without=facet) | {"size": 0, "track_total_hits": False} | _facets([facet])


def one_body(uuid: UUID) -> Json:
    """One record, unless it was removed."""
    query = {"bool": {"filter": [{"ids": {"values": [document_id(uuid)]}}], **EVERYTHING["bool"]}}
    return {"query": query, "size": 1, "track_total_hits": False, "_source": ["shown"]}


def titles_body(plan: TitlePlan, limit: int) -> Json:
    must: list[Json] = [{"term": {"title_words": word}} for word in plan.words]
    rewrite = f"top_terms_{MAX_COMPLETIONS}"
    must.append({"prefix": {"title_words": {"value": plan.prefix, "rewrite": rewrite}}})
    matching = {
        "must": must,
        "should": [{"term": {"code": {"value": plan.language, "boost": OWN_LANGUAGE}}}],
        "must_not": [{"terms": {"code": list(plan.hidden)}}],
    }
    return {"query": {"bool": matching}, "size": limit, "track_total_hits": False, "_source": ["shown"]}


def held_body(terms: Sequence[str]) -> Json:
    """How many records hold each term: `text:…` in their text, `title_words:…` in a title, by the term's number.

    The total is how many records there are.
    """
    filters = {f"text:{number}": {"term": {"text": term}} for number, term in enumerate(terms)}
    filters |= {
        f"title_words:{number}": {"term": {"title_words": term}}
        for number, term in enumerate(terms)
        if "|" not in term  # titles hold no lemmas and no concepts there
    }
    return {
        "query": EVERYTHING,
        "size": 0,
        "track_total_hits": True,
        "aggs": {"held": {"filters": {"filters": filters}}},
    }


def held_counts(terms: Sequence[str], answer: Mapping[str, Any]) -> dict[str, int]:
    """In the text, else in titles."""
    counts = {name: bucket["doc_count"] for name, bucket in answer["aggregations"]["held"]["buckets"].items()}
    return {
        term: counts[f"text:{number}"] or counts.get(f"title_words:{number}", 0) for number, term in enumerate(terms)
    }


def near_body(word: str) -> Json:
    """The words one slip away, the most frequent first, of texts and of titles."""
    options = {
        "suggest_mode": "always",
        "max_edits": 1,
        "prefix_length": 0,
        "min_word_length": 1,
        "size": MAX_NEAR,
        "shard_size": MAX_NEAR,
        "sort": "frequency",
    }
    suggest = {field: {"text": word, "term": {"field": field, **options}} for field in ("text", "title_words")}
    return {"size": 0, "track_total_hits": False, "suggest": suggest}


def _matching(plan: Plan, near: Near, without: str | None = None, *, named: bool = False) -> Json:
    query: Json = _passing(plan, without)
    if plan.clauses is not None:
        query["should"] = [_clause(each, str(number) if named else "") for number, each in enumerate(plan.clauses)]
        query["should"] += [
            {"constant_score": {"filter": {"ids": {"values": [record]}}, "boost": weight}} for record, weight in near
        ]
        if plan.least > 1:
            query["filter"].append(_needed(plan, near))
        query["minimum_should_match"] = 1
        if not query["should"]:
            query["must"] = [{"match_none": {}}]
    return {"query": {"bool": query}}


def _needed(plan: Plan, near: Near) -> Json:
    """Enough of the words, or what is enough by itself."""
    words = [{"bool": {"should": [_clause(each, "") for each in some]}} for some in plan.by_word.values()]
    enough: list[Json] = [{"bool": {"should": words, "minimum_should_match": plan.least}}]
    enough += [_clause(each, "") for each in plan.enough]
    enough.append({"ids": {"values": [record for record, _weight in near]}})
    return {"bool": {"should": enough}}


def _passing(plan: Plan, without: str | None = None) -> Json:
    """What filters, hidden kinds and removals ask, in clauses that add nothing to the score."""
    not_these: list[Json] = [{"term": {"deleted": True}}] if plan.clauses is None else []
    if plan.hidden:
        not_these.append({"terms": {"code": list(plan.hidden)}})
    if plan.excluded:
        not_these.append({"ids": {"values": [document_id(plan.excluded)]}})
    filters = [{"terms": {"code": list(terms)}} for terms in plan.filters_without(without)]
    return {"filter": filters, "must_not": not_these}


def document_id(uuid: UUID) -> str:
    return uuid.hex


def _clause(clause: Clause, name: str) -> Json:
    """Named if it tells that a word stands in the text."""
    named = {"_name": name} if name and clause.word and clause.field == "text" else {}
    if clause.slips:
        far = {"value": clause.term, "fuzziness": clause.slips, "max_expansions": MAX_FAR}
        return {"constant_score": {"filter": {"fuzzy": {clause.field: far}}, "boost": clause.weight, **named}}
    if clause.constant:
        return {"constant_score": {"filter": {"term": {clause.field: clause.term}}, "boost": clause.weight, **named}}
    return {"term": {clause.field: {"value": clause.term, "boost": clause.weight, **named}}}


def _facets(facets: Sequence[str]) -> Json:
    if not facets:
        return {}
    return {"aggs": {facet: {"terms": {"field": f"facet_{facet}", "size": MAX_CODES}} for facet in facets}}


def facet_counts(aggregations: Mapping[str, Any], facet: str) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in aggregations[facet]["buckets"]]
