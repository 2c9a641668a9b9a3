"""Reads how labels of target groups, as people wrote them, are coded. The table is data: `data/stage_codings.yaml`."""

from collections.abc import Container, Mapping
from pathlib import Path

from i18n.vocabularies.concept import Ages
from i18n.vocabularies.loading import VocabularyError, parse_ages, read_yaml

Coding = tuple[tuple[str, ...], tuple[str, ...], Ages | None]


def load_codings(path: Path, *, stages: Container[str], audiences: Container[str]) -> dict[str, Coding]:
    """Label -> (stages, audiences, ages). Raises VocabularyError, naming the label."""
    content = read_yaml(path)
    if not isinstance(content, Mapping):
        raise VocabularyError(f"{path.name}: expected labels, each with `stages`, `audiences` or `ages`")
    codings: dict[str, Coding] = {}
    for label, stated in content.items():
        where = f"{path.name}: {label}"
        if not isinstance(label, str) or not isinstance(stated, Mapping) or not stated:
            raise VocabularyError(f"{where}: expected `stages`, `audiences` or `ages`")
        if unknown := set(stated) - {"stages", "audiences", "ages"}:
            raise VocabularyError(f"{where}: unknown {', '.join(sorted(map(str, unknown)))}")
        codings[label] = (
            _codes(stated.get("stages", []), stages, f"{where}: stages"),
            _codes(stated.get("audiences", []), audiences, f"{where}: audiences"),
            parse_ages(stated["ages"], where) if "ages" in stated else None,
        )
    return codings


def _codes(value: object, known: Container[str], where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise VocabularyError(f"{where}: expected a list of codes")
    for code in value:
        if code not in known:
            raise VocabularyError(f"{where}: there is no code {code!r}")
    return tuple(value)
