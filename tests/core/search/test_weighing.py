"""Which terms of a query are telling by themselves."""

from core.search.seam import Mention, Understood, Word
from core.search.weighing import weighed


class Held:
    """Of 1,023 records so many hold each term; what is looked up is written down."""

    records = 1023

    def __init__(self, **counts):
        self.counts = counts
        self.looked_up = set()

    def count(self, term):
        return self.counts.get(term, 0)

    def look_up(self, terms):
        self.looked_up.update(terms)

    def near(self, word):
        return {}


def words(*texts):
    return tuple(Word(text, ((text, 1.0),)) for text in texts)


def test_a_rare_word_is_telling_and_a_common_one_is_not():
    """A name says 10 bits, the others 1 each."""
    found = weighed(Understood(words("port", "xpert", "visit")), Held(port=1023, xpert=1, visit=1023))
    assert found.telling == {"xpert"}


def test_words_of_equal_weight_are_all_telling_up_to_six():
    held = Held(**dict.fromkeys("abcdefg", 10))
    assert weighed(Understood(words(*"abcdef")), held).telling == set("abcdef")
    assert weighed(Understood(words(*"abcdefg")), held).telling == set()


def test_a_concept_says_what_its_words_do():
    mention = Mention("glossary", "girls_day", "meidendag", "nl", (("girls_day|glossary", 1.0),))
    held = Held(port=1023, visit=1023, **{"girls_day|glossary": 7})
    found = weighed(Understood(words("port", "meidendag", "visit"), (mention,)), held)
    assert found.telling == {"girls_day|glossary"}
    assert [word.held for word in found.words] == [True, True, True]
    assert held.looked_up == {"port", "meidendag", "visit", "girls_day|glossary"}


def test_a_compounds_common_part_is_not_telling():
    compound = Word("havenbezoek", (("haven|nl", 0.72), ("havenbezoek", 1.0)))
    found = weighed(Understood((compound, *words("a", "b"))), Held(a=1, b=1, **{"haven|nl": 1023, "havenbezoek": 1}))
    assert found.telling == {"a", "b", "havenbezoek"}


def test_a_word_that_nothing_holds_is_known_to_be_so():
    found = weighed(Understood(words("port", "zzz", "visit")), Held(port=5, visit=5))
    assert [word.held for word in found.words] == [True, False, True]


def test_a_single_word_is_not_weighed():
    understood = Understood(words("port"))
    assert weighed(understood, Held(port=1)) is understood


def test_of_two_words_one_is_telling_that_says_three_tenths_of_both():
    """127 of 1,023 records hold one: it says 3.2 bits; a common one says 1, or 1.6 if 511 hold it."""
    assert weighed(Understood(words("port", "quay")), Held(port=1023, quay=127)).telling == {"quay"}
    assert weighed(Understood(words("port", "quay")), Held(port=511, quay=127)).telling == {"port", "quay"}
