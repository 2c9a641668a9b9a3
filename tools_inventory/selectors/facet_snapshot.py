"""The kept count: how a `Counted` is written down, and what is there to begin with."""

from typing import Any

import zstandard

from tools_inventory.models import FacetSnapshot
from tools_inventory.selectors.facet_counting import Counted, known_codes

# Most sets are sparse: 6 MB become 1.5 at 100,000 records.
LEVEL = 1


def snapshot_counted() -> Counted | None:
    """What was last kept, if this version can count with it. One query."""
    found = FacetSnapshot.objects.filter(id=1, codes=known_codes()).first()
    if found is None:
        return None
    uuids, bits = bytes(found.uuids), zstandard.ZstdDecompressor().decompress(bytes(found.bits))
    width = _width(uuids)
    return Counted(
        positions={int(log): (size, bytes.fromhex(root)) for log, (size, root) in found.positions.items()},
        uuids=uuids,
        sets={
            (facet, value): int.from_bytes(bits[number * width : (number + 1) * width], "little")
            for number, (facet, value) in enumerate(found.sets)
        },
    )


def snapshot_fields(counted: Counted) -> dict[str, Any]:
    """The columns of a row."""
    width = _width(counted.uuids)
    bits = b"".join(one.to_bytes(width, "little") for one in counted.sets.values())
    return {
        "codes": known_codes(),
        "positions": {str(log): [size, root.hex()] for log, (size, root) in counted.positions.items()},
        "sets": [list(code) for code in counted.sets],
        "uuids": counted.uuids,
        "bits": zstandard.ZstdCompressor(level=LEVEL).compress(bits),
    }


def _width(uuids: bytes) -> int:
    """Bytes of a set: a bit for each record."""
    return len(uuids) // 16 // 8 + 1
