"""What a query asks of an index, in fields, terms and weights."""

import pytest

from core.search.plan import Clause, ordered_counts, plan, title_plan
from core.search.seam import Mention, Query, Understood, Word

HAVEN = Understood(
    (Word("haven", (("haven", 1.0), ("haven|nl", 1.2))),),
    (Mention("activity", "workshop", "x", "nl", (("workshop|activity", 0.8),)),),
)


def test_words_score_in_text_and_title_codes_by_facet_and_the_whole_title_most():
    assert plan(Query("Haven"), HAVEN).clauses == (
        Clause("text", "haven", 1.0, word="haven", counts_for=("haven",)),
        Clause("title", "haven", 1.5, word="haven", counts_for=("haven",)),
        Clause("title_only", "haven", 1.5, word="haven", counts_for=("haven",)),
        Clause("text", "haven|nl", 1.2, word="haven", counts_for=("haven",)),
        Clause("title", "haven|nl", 1.2 * 1.5, word="haven", counts_for=("haven",)),
        Clause("title_only", "haven|nl", 1.2 * 1.5, word="haven", counts_for=("haven",)),
        Clause("text", "workshop|activity", 0.8 * 5.0, counts_for=("x",)),
        Clause("whole_title", "haven", 20.0),
    )


def test_a_word_that_is_like_nothing_may_differ_in_two_letters():
    understood = Understood((Word("hvenbedrjf", (("hvenbedrjf", 1.0),), ("",)),))
    assert Clause("text", "hvenbedrjf", 1.0, constant=True, slips=2) in plan(Query("hvenbedrjf"), understood).clauses


def test_no_words_match_everything_the_newest_first_and_near_nothing():
    made = plan(Query(""), Understood())
    assert (made.clauses, made.order, made.vector) == (None, "newest", None)
    assert plan(Query("haven"), HAVEN).order == "score"
    assert plan(Query("haven", sort="title"), HAVEN).order == "title"


def test_filters_hold_every_code_that_answers_and_age_is_one_of_them():
    made = plan(Query(filters={"country": ("BE",), "theme": ()}, age=14), Understood())
    assert made.filters == {"country": ("country:BE",), "age": ("age:14",)}
    assert made.chosen == {"country": ("BE",)}
    assert made.filters_without("country") == [("age:14",)]
    assert made.narrowed_facets == ["country"]
    assert "country" not in made.free_facets
    stages = plan(Query(filters={"stage": ("isced-3",)}), Understood()).filters["stage"]
    assert {"stage:isced-3", "stage:be-secondary-grade-3"} < set(stages)


def test_kinds_that_must_be_named_are_hidden_until_they_are():
    assert "kind:organisation" in plan(Query(), Understood()).hidden
    assert plan(Query(filters={"kind": ("organisation",)}), Understood()).hidden == ()


def test_counts_are_in_order_and_keep_a_choice_that_matches_nothing():
    assert ordered_counts([("b", 1), ("c", 2), ("a", 1)], ("z", "a")) == [("c", 2), ("a", 1), ("b", 1), ("z", 0)]


def test_titles_are_completed_from_two_letters_on():
    assert title_plan("h", "nl") is None
    made = title_plan("Port Xp", "nl-BE")
    assert (made.words, made.prefix, made.language) == (("port",), "xp", "language:nl")


def understood(text, *telling, held=()):
    words = [Word(each, ((each, 1.0),), held=each not in held) for each in text.split()]
    return Understood(tuple(words), telling=frozenset(telling))


@pytest.mark.parametrize(("text", "least"), [("a", 1), ("a b", 2), ("a b c", 2), ("a b c d e", 2), ("a b c d e f", 3)])
def test_two_words_and_more_than_a_third_of_them_are_asked_for(text, least):
    assert plan(Query(text), understood(text)).least == least


def test_words_that_nothing_holds_are_not_asked_for():
    assert plan(Query("a b c d"), understood("a b c d", held=("b", "c"))).least == 2
    assert plan(Query("a b"), understood("a b", held=("b",))).least == 1
    assert plan(Query("a b"), understood("a b", held=("a", "b"))).least == 1


def test_a_clause_counts_for_its_words_and_a_telling_one_is_enough():
    made = plan(Query("girls day lillo"), understood("girls day lillo", "lillo"))
    assert {word: [each.term for each in clauses] for word, clauses in made.by_word.items()} == {
        "girls": ["girls", "girls"],  # in the text, or in a title that alone has it
        "day": ["day", "day"],
    }
    assert [(each.field, each.term) for each in made.enough] == [
        ("text", "lillo"),
        ("title", "lillo"),
        ("title_only", "lillo"),
        ("whole_title", "girls day lillo"),
    ]


def test_what_two_words_make_together_counts_for_both():
    words = (Word("girls", (("girlsday", 1.0), ("girls", 1.0))), Word("day", (("day", 1.0),)))
    clauses = plan(Query("girls day"), Understood(words)).clauses
    assert {each.counts_for for each in clauses if each.term == "girlsday"} == {("girls", "day")}
