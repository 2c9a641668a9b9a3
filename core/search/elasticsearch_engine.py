"""The engine on a server: Elasticsearch 8 or 9, whose cluster several nodes may share. The only importer of its client.

    NAME-VERSION             an alias: the index that answers
    NAME-VERSION-first       that index, as whichever node came first made it
    NAME-VERSION-xxxxxxxx    that index, as a rebuild made it

Several nodes may write: a document's version is its record's revision, the newest wins, and what was removed stays as
an empty document with its version. Nodes whose software makes other terms of a text have another VERSION, so another
index. Readers wait a few seconds and no longer; once the server did not answer, nobody asks for as long again.
"""

import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from elasticsearch import (
    ApiError,
    BadRequestError,
    Elasticsearch,
    NotFoundError,
    OrjsonSerializer,
    SerializationError,
    TransportError,
    UnsupportedProductError,
)

from core.errors import Unavailable
from core.search import elasticsearch_requests as requests
from core.search.labels import label_suggestions
from core.search.plan import Plan, ordered_counts, plan, similar_plan, title_plan
from core.search.seam import NO_LANGUAGE, Health, Held, Hit, IndexDocument, Query, Results, Suggestion, Understood
from core.search.shown import Shown, reasons, signpost, suggestions, title_suggestion
from core.search.spelling import corrected, did_you_mean, neighbours
from core.search.understanding import understand
from core.search.vectors.embedder import Vector
from core.search.weighing import weighed

logger = logging.getLogger(__name__)

# How long a reader waits, and how long nobody asks after that. Searches take 0.05 s.
READ_SECONDS = 3
# A bulk of 8 MB on a server that is busy with other nodes'.
WRITE_SECONDS = 60.0
BULK_BYTES = 8_000_000
# Documents named at a time when everything is listed.
LIST_PAGE = 5_000
# An index that was being rebuilt for so long is nobody's any more.
ABANDONED_SECONDS = 24 * 3600

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_JSON = "application/vnd.elasticsearch+json"


def open_engine(url: str) -> "ElasticsearchEngine":
    """elasticsearch://[user:password@]host:port/name, elasticsearch+https://…"""
    parts = urlsplit(url)
    name = parts.path.strip("/")
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or not port or not _NAME.fullmatch(name):
        raise ImproperlyConfigured(
            "SEARCH_URL must look like elasticsearch://[user:password@]host:port/name, "
            f"with a name of a-z, 0-9, - and _, not {parts.scheme}://…{parts.path}"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    client = Elasticsearch(
        f"{'https' if parts.scheme.endswith('https') else 'http'}://{host}:{port}",
        basic_auth=(unquote(parts.username), unquote(parts.password or "")) if parts.username else None,
        request_timeout=READ_SECONDS,
        max_retries=0,
        serializers={_JSON: OrjsonSerializer()},
    )
    return ElasticsearchEngine(client, name)


class ElasticsearchEngine:
    """`rebuilding` names the index of a rebuild in progress; otherwise the one that answers is read and written."""

    shared = True

    def __init__(self, client: Elasticsearch, name: str, rebuilding: str | None = None) -> None:
        self._client = client
        self._name = name
        self._alias = f"{name}-{requests.VERSION}"
        self._rebuilding = rebuilding
        # Everything goes by way of an alias: a write to an index that is gone must not make it anew, without a mapping.
        self._target = _rebuild_alias(rebuilding) if rebuilding else self._alias
        self._resting_until = 0.0

    # Reading

    def search(self, query: Query) -> Results:
        understood = understand(query.text, query.language, query.concepts)
        asked = plan(query, understood)
        terms = tuple(dict.fromkeys([*understood.terms, *understood.concept_terms]))
        answers = self._search(_first(asked) | ({"held": requests.held_body(terms)} if terms else {}))
        if terms:
            held = _HeldTerms(self, terms, answers["held"])
            mended = weighed(corrected(understood, query, held), held)
            if mended != understood:
                before, asked = asked, plan(query, mended)
                reread = did_you_mean(query.text, mended) is not None
                understood = mended
                if reread or (asked.vector is None and asked != before):
                    answers = self._search(_first(asked))
        if "near" in answers:
            answers = self._search(_bodies(asked, answers))
        hits = _hits(asked, understood, answers, query.language)
        total = answers["counts"]["hits"]["total"]["value"]
        return Results(total, hits, _counts(asked, answers), understood, did_you_mean(query.text, understood))

    def suggest(self, text: str, language: str, limit: int = 8) -> list[Suggestion]:
        labels = label_suggestions(text, language, limit)
        asked = title_plan(text, language)
        # An index that is not there is said so, whatever was typed.
        body = requests.titles_body(asked, limit) if asked else {"size": 0, "track_total_hits": False}
        found = self._search({"titles": body})["titles"]["hits"]["hits"]
        return suggestions(labels, [title_suggestion(_shown(hit), language) for hit in found], limit)

    def similar(self, uuid: UUID, limit: int = 6, vector: Vector | None = None) -> tuple[Hit, ...]:
        found = self._search({"one": requests.one_body(uuid)})["one"]["hits"]["hits"]
        if not found:
            return ()
        asked = similar_plan(_shown(found[0]), limit, vector)
        answers = self._search(_first(asked))
        if "near" in answers:
            answers = self._search(_bodies(asked, answers))
        return _hits(asked, Understood(), answers)

    def held(self) -> Iterator[Held]:
        with self._answering(patient=True):
            moment = self._patient.open_point_in_time(index=self._target, keep_alive="2m")["id"]
        try:
            after = None
            while page := self._list_page(moment, after):
                for hit in page:
                    removed = "deleted" in hit.get("fields", {})
                    yield Held(UUID(hex=hit["_id"]), requests.revision_of(hit["_version"]), removed)
                after = page[-1]["sort"]
        finally:
            with self._answering(patient=True):
                self._patient.close_point_in_time(id=moment)

    def health(self) -> Health:
        try:
            with self._answering():
                name = self._identity()
                documents = self._client.count(index=self._target, query=requests.EVERYTHING)["count"]
            return Health(True, name, documents)
        except Unavailable as error:
            return Health(False, None, 0, str(error.message))

    def near(self, word: str) -> dict[str, int]:
        """The words one slip away that records hold, with how many do."""
        suggested = self._search({"near": requests.near_body(word)})["near"]["suggest"]
        possible = neighbours(word)
        found: dict[str, int] = {}
        # What texts hold is counted there alone.
        for field in ("title_words", "text"):
            options = [option for entry in suggested[field] for option in entry["options"]]
            found |= {option["text"]: option["freq"] for option in options if option["text"] in possible}
        return found

    def ask_held(self, terms: Sequence[str]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._search({"held": requests.held_body(terms)})["held"]
        return answer

    def _search(self, bodies: Mapping[str, requests.Json]) -> dict[str, Any]:
        """The server's answers to several searches asked at once."""
        lines: list[Any] = []
        for body in bodies.values():
            lines += [b'{"allow_partial_search_results":false}', orjson.dumps(body | {"timeout": f"{READ_SECONDS}s"})]
        with self._answering():
            found = self._client.msearch(index=self._target, searches=lines).body
        answers = dict(zip(bodies, found["responses"], strict=True))
        for answer in answers.values():
            if "error" in answer:
                raise _unavailable(answer["status"], answer["error"])
        return answers

    def _list_page(self, moment: str, after: Any) -> list[dict[str, Any]]:
        with self._answering(patient=True):
            found = self._patient.search(
                pit={"id": moment, "keep_alive": "2m"},
                size=LIST_PAGE,
                sort=[{"_shard_doc": "asc"}],
                search_after=after,
                version=True,
                source=False,
                docvalue_fields=[{"field": "deleted"}],
                track_total_hits=False,
            )
        page: list[dict[str, Any]] = found["hits"]["hits"]
        return page

    # Writing

    def name(self) -> str:
        with self._answering(patient=True):
            try:
                return self._identity()
            except NotFoundError:
                if self._rebuilding:
                    raise
            first = f"{self._alias}-first"
            try:
                self._create(first, self._alias)
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
                # Another node made it at the same moment, or somebody took its alias away.
                self._patient.indices.put_alias(index=first, name=self._alias)
            return self._identity()

    def index(self, documents: Iterable[IndexDocument]) -> None:
        self._write(
            (
                {
                    "_id": requests.document_id(document.uuid),
                    "version": requests.document_version(document),
                    "version_type": "external_gte",
                },
                requests.document_body(document),
            )
            for document in documents
        )

    def remove(self, removed: Iterable[tuple[UUID, int]]) -> None:
        self._write(
            (
                {
                    "_id": requests.document_id(uuid),
                    "version": requests.removal_version(revision),
                    "version_type": "external",
                },
                requests.REMOVED,
            )
            for uuid, revision in removed
        )

    def commit(self) -> None:
        with self._answering(patient=True):
            self._patient.indices.refresh(index=self._target)

    def rebuild_start(self) -> "ElasticsearchEngine":
        index = f"{self._alias}-{uuid4().hex[:8]}"
        with self._answering(patient=True):
            self._create(index, _rebuild_alias(index))
        return ElasticsearchEngine(self._client, self._name, rebuilding=index)

    def rebuild_finish(self, rebuilt: "ElasticsearchEngine") -> None:
        index = rebuilt._rebuilding
        if index is None:
            raise ValueError("not an index that was begun by rebuild_start")
        rebuilt.commit()
        with self._answering(patient=True):
            actions: list[dict[str, Any]] = [
                {"add": {"index": index, "alias": self._alias}},
                {"remove": {"index": index, "alias": _rebuild_alias(index)}},
            ]
            actions += [{"remove_index": {"index": old}} for old in self._behind(self._alias)]
            self._patient.indices.update_aliases(actions=actions)
            rebuilt._target = index
            self._remove_abandoned()

    @property
    def _patient(self) -> Elasticsearch:
        return self._client.options(request_timeout=WRITE_SECONDS)

    def _identity(self) -> str:
        """The index's name and the server's own number for it: one that was deleted and made anew is another."""
        settings = self._client.indices.get_settings(index=self._rebuilding or self._alias, name="index.uuid")
        (found,) = [f"{name}:{each['settings']['index']['uuid']}" for name, each in settings.items()]
        return found

    def _create(self, index: str, alias: str) -> None:
        self._patient.indices.put_index_template(name=self._alias, **requests.index_template(f"{self._alias}-*"))
        self._patient.indices.create(index=index, aliases={alias: {}})

    def _behind(self, alias: str) -> list[str]:
        try:
            return list(self._client.indices.get_alias(name=alias))
        except NotFoundError:
            return []

    def _remove_abandoned(self) -> None:
        """Indexes whose rebuild was killed."""
        for index in self._behind(_rebuild_alias(f"{self._alias}-*")):
            settings = self._client.indices.get_settings(index=index, name="index.creation_date")
            made = int(settings[index]["settings"]["index"]["creation_date"]) / 1000
            if time.time() - made > ABANDONED_SECONDS:
                self._patient.indices.delete(index=index)

    def _write(self, documents: Iterable[tuple[dict[str, Any], requests.Json]]) -> None:
        lines: list[bytes] = []
        size = 0
        for action, body in documents:
            lines += [orjson.dumps({"index": action}), orjson.dumps(body)]
            size += len(lines[-1])
            if size > BULK_BYTES:
                self._bulk(lines)
                lines, size = [], 0
        if lines:
            self._bulk(lines)

    def _bulk(self, lines: list[bytes]) -> None:
        with self._answering(patient=True):
            done = self._patient.bulk(
                index=self._target,
                operations=lines,  # type: ignore[arg-type]  # the client takes lines that are JSON already
                require_alias=True,
                filter_path=["errors", "items.*._id", "items.*.status", "items.*.error"],
            )
        for item in done.get("items", ()) if done["errors"] else ():
            (outcome,) = item.values()
            match outcome["status"]:
                case 409:
                    # Another node was there with the same revision or a newer one.
                    continue
                case 400:
                    logger.warning("%s cannot be indexed and is not found: %s", outcome["_id"], outcome["error"])
                case status if status >= 300:
                    raise _unavailable(status, outcome["error"])

    @contextmanager
    def _answering(self, *, patient: bool = False) -> Iterator[None]:
        """Whatever goes wrong with the server is Unavailable, and after silence not asked again for a while."""
        if not patient and time.monotonic() < self._resting_until:
            raise _unreachable()
        try:
            yield
        except UnsupportedProductError as error:
            raise _unsupported() from error
        except SerializationError as error:
            raise _unsupported() from error
        except TransportError as error:
            self._resting_until = time.monotonic() + READ_SECONDS
            raise _unreachable() from error
        except ApiError as error:
            details = error.body.get("error") if isinstance(error.body, dict) else None
            raise _unavailable(error.status_code, details) from error


class _HeldTerms:
    """For `spelling.py`: what the first answer told, and what one slip away is asked only for a word not held."""

    def __init__(self, engine: ElasticsearchEngine, terms: Sequence[str], answer: Mapping[str, Any]) -> None:
        self._engine = engine
        self.records = int(answer["hits"]["total"]["value"])
        self._counts = requests.held_counts(terms, answer)

    def count(self, term: str) -> int:
        return self._counts.get(term, 0)

    def look_up(self, terms: Iterable[str]) -> None:
        """Those that spelling came upon."""
        new = tuple(dict.fromkeys(term for term in terms if term not in self._counts))
        if new:
            self._counts |= requests.held_counts(new, self._engine.ask_held(new))

    def near(self, word: str) -> dict[str, int]:
        return self._engine.near(word)


def _rebuild_alias(index: str) -> str:
    return f"rebuilding-{index}"


def _first(asked: Plan) -> dict[str, requests.Json]:
    """What to ask first: which records are near, where the plan has a vector; all at once where not."""
    if asked.vector is None:
        return _bodies(asked, {})
    narrowed = {f"near, {facet} aside": requests.nearest_body(asked, facet) for facet in asked.narrowed_facets}
    return {"near": requests.nearest_body(asked)} | narrowed


def _bodies(asked: Plan, first: Mapping[str, Any]) -> dict[str, requests.Json]:
    """With what the first answers told of who is near."""
    near = {name: requests.nearest(answer) for name, answer in first.items() if name.startswith("near")}
    hits = asked.limit and asked.offset + asked.limit <= requests.DEEPEST
    bodies = {"hits": requests.hits_body(asked, near.get("near", ()))} if hits else {}
    bodies["counts"] = requests.counts_body(asked, near.get("near", ()))
    return bodies | {
        facet: requests.narrowed_body(asked, near.get(f"near, {facet} aside", ()), facet)
        for facet in asked.narrowed_facets
    }


def _hits(
    asked: Plan, understood: Understood, answers: Mapping[str, Any], language: str = NO_LANGUAGE
) -> tuple[Hit, ...]:
    hits, clauses = [], asked.clauses or ()
    for found in answers["hits"]["hits"]["hits"] if "hits" in answers else ():
        in_text = {clauses[int(number)].word for number in found.get("matched_queries", ())}
        shown = _shown(found)
        score = float(found["_score"]) if asked.order == "score" else 0.0
        why = reasons(shown, understood, in_text, asked.vector is not None)
        hits.append(Hit(shown.uuid, score, why, signpost(shown, language)))
    return tuple(hits)


def _counts(asked: Plan, answers: Mapping[str, Any]) -> dict[str, list[tuple[str, int]]]:
    return {
        facet: ordered_counts(
            requests.facet_counts(answers[facet if facet in asked.filters else "counts"]["aggregations"], facet),
            asked.chosen.get(facet, ()),
        )
        for facet in asked.facets
    }


def _shown(hit: Mapping[str, Any]) -> Shown:
    return Shown.from_json(hit["_source"]["shown"])


def _unavailable(status: int, error: Any) -> Unavailable:
    """What the server's refusal means for a reader; the server's own words are for the log."""
    logger.warning("Elasticsearch answered %s: %s", status, error)
    kind = error.get("type", "") if isinstance(error, dict) else str(error or "")
    if kind == "index_not_found_exception":
        return Unavailable(_("The search index of this node is not there yet; it is being built."), code="no_index")
    if kind == "cluster_block_exception":
        return Unavailable(
            _("The search index takes no changes at the moment: its server is full or set to read only."),
            remedy=_("It catches up by itself when the server takes changes again."),
            code="index_read_only",
        )
    if status == 429:
        return Unavailable(_("The search server has too much to do at the moment."), code="index_busy")
    if kind == "media_type_header_exception" or status in (406, 415):
        return _unsupported()
    if status in (401, 403):
        return Unavailable(
            _("The search server does not let this node in."),
            remedy=_("Tell the node's operator: SEARCH_URL needs a user who may read, write and manage its indexes."),
            code="index_denied",
        )
    return Unavailable(_("The search index of this node cannot be used at the moment."), code="index_broken")


def _unreachable() -> Unavailable:
    return Unavailable(_("The search server of this node does not answer."), code="index_unreachable")


def _unsupported() -> Unavailable:
    return Unavailable(
        _("What answers at the address of the search server is no Elasticsearch of version 8 or 9."),
        remedy=_("Tell the node's operator to check SEARCH_URL."),
        code="index_unsupported",
    )
