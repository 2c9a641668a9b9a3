"""How records lie in a Tantivy index: its fields, a record's document, and one term as a query.

Terms come ready made (`analysis.py`); this file decides how they are stored.
"""

from pathlib import Path

import orjson
import tantivy

from core.search.entries import index_entry
from core.search.seam import IndexDocument
from core.search.shown import Shown, as_json


def _schema() -> tantivy.Schema:
    """The fields of `entries.py`: `code` has a record's own codes, to filter; `counted.<facet>` what each counts.

    Each field that can be searched has a dictionary, which takes half a millisecond of every commit, however small: so
    the twelve facets are one.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("uuid", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("title", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("title_words", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("title_only", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("whole_title", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("code", tokenizer_name="raw", index_option="basic")
    builder.add_json_field("counted", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("title_order", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("published", fast=True)
    # Of `neighbours.py`; without one the record has no vector yet.
    builder.add_integer_field("row", indexed=True, fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


SCHEMA = _schema()


def term_query(field: str, value: str, weight: float = 1.0) -> tantivy.Query:
    term = tantivy.Query.term_query(SCHEMA, field, value, "freq" if field in ("text", "title") else "basic")
    return term if weight == 1.0 else tantivy.Query.boost_query(term, weight)


def shown_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Shown:
    return Shown.from_json(orjson.loads(bytes(searcher.doc(address)["shown"][0])))


def stored_document(document: IndexDocument, row: int | None) -> tantivy.Document:
    entry = index_entry(document)
    return tantivy.Document(
        uuid=document.uuid.hex,
        text=entry.text_terms,
        title=entry.title_terms,
        title_words=entry.title_words,
        title_only=entry.title_only,
        whole_title=entry.whole_titles,
        code=entry.codes,
        title_order=entry.title_order,
        published=int(document.published_at * 1e6),
        shown=orjson.dumps(as_json(document, entry)),
        counted=entry.counted,
        **({} if row is None else {"row": row}),
    )


def open_index(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
