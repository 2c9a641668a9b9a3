from core.web.node_mark import COLOURS, PAIRS, PATTERNS, favicon_svg, flag_of, flag_svg, node_mark
from tests.core.web.test_contrast import contrast

DEMO = [
    f"{city}.havenlink.localhost"
    for city in ("antwerp", "rotterdam", "hamburg", "dunkirk", "liverpool", "gothenburg", "genoa")
]


def test_a_node_flies_the_same_flag_everywhere() -> None:
    assert flag_of("antwerp.havenlink.localhost") == (PATTERNS[10], COLOURS["red"], COLOURS["white"])
    assert flag_of(" Antwerp.Havenlink.Localhost ") == flag_of("antwerp.havenlink.localhost")


def test_nodes_of_the_demo_fly_different_figures() -> None:
    assert len({flag_of(node_id)[0] for node_id in DEMO}) == 7


def test_there_are_enough_flags_for_a_network() -> None:
    assert len(PATTERNS) == 16
    assert len({flag_of(f"city-{number}.example.org") for number in range(2000)}) == 256


def test_the_two_colours_of_a_flag_part_clearly() -> None:
    assert [pair for pair in PAIRS if contrast(COLOURS[pair[0]], COLOURS[pair[1]]) < 3] == []


def test_a_flag_is_hidden_from_screen_readers_and_has_no_inline_style() -> None:
    svg = flag_svg("hamburg.havenlink.localhost")
    assert 'aria-hidden="true"' in svg
    assert "style=" not in svg


def test_a_name_cannot_break_out_of_its_mark() -> None:
    assert "<b>" not in node_mark("x.example.org", "<b>")


def test_the_icon_is_a_document_of_its_own() -> None:
    assert favicon_svg("antwerp.havenlink.localhost").startswith('<svg xmlns="http://www.w3.org/2000/svg"')
