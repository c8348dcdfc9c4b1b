"""Malformed order files, made from a good one: one seed, one file, in every format that is read.

Either cells, rows, columns or types are changed and the file is then written
as it should be, so that it is known how many rows it holds; or it is written
well and bytes of it are changed afterwards.
"""

import csv
import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

TEXTS = [
    *("", " ", "\t", "NULL", "nan", "None", "N/A", "-", "true", "0", "-0", "1e308", "1e999", "inf", "-Infinity"),
    *(
        "0x1F",
        "1_000",
        "1,5",
        "1 000,00",
        "€5",
        "(3)",
        "\uff11\uff12",
        "\u0663",
        "1970-01-01",
        "2262-04-12",
        "9999-12-31T23:59:60Z",
    ),
    *(
        "0000-00-00",
        "1997-02-29",
        "31/12/1997",
        "12/31/97",
        "1997-13-01 25:61",
        "19970101",
        "1997-01-01T00:00:00+25:00",
    ),
    *("1997-01-01 10:00:00 Europe/Zurich", "883612800", "../../x", "/etc/passwd", "=cmd|' /C calc'!A0", "@x", "+1"),
    *(
        "<script>alert(1)</script>",
        "'; DROP TABLE x; --",
        "a\x00b",
        "a\nb",
        "a\r\nb",
        'a"b',
        '"',
        ",",
        ";",
        "\ufeff",
    ),
    *("é", "e\u0301", "顾客", "\u202eabc", "\ud7ff", "\U0001f6d2" * 3, "x" * 10_000, "顾" * 10_000),
]
NUMBERS = [float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, -0.0, 0.0, -1.0, 2.0**63, 1e9 + 1]
TYPES = [
    *(pa.int8(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(), pa.decimal128(12, 2), pa.bool_()),
    *(pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string()), pa.null(), pa.date32()),
    *(pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("us", "Asia/Tokyo"), pa.time64("us"), pa.duration("ms")),
    *(pa.list_(pa.int64()), pa.struct([("a", pa.string())]), pa.map_(pa.string(), pa.int64())),
]
HOLDS = {"csv": ".csv", "csv.gz": ".csv.gz", "parquet": ".parquet"}
FORMATS = [*HOLDS, "folder of parquet", "glob of csv", "delta"]

Draw = random.Random


@dataclass(frozen=True)
class Malformed:
    """A file or folder to be read, what was done to it, and how many rows it holds, where that is known."""

    path: str
    words: str
    rows: int | None


def malformed(good: pd.DataFrame, seed: int, folder: Path) -> Malformed:
    """The malformed orders of a seed, written into a new folder."""
    draw, form = Draw(seed), FORMATS[seed % len(FORMATS)]
    if draw.random() < 0.6:
        table, words = changed(good, draw)
        return Malformed(write(table, form, folder), f"{seed}: {form}, {words}", table.num_rows)
    path = write(_table(good), form, folder)
    file = draw.choice(sorted(file for file in folder.rglob("*") if file.is_file()))
    damage = draw.choice(DAMAGES)
    file.write_bytes(damage(file.read_bytes(), draw))
    return Malformed(path, f"{seed}: {form}, {damage.__name__} in {file.name}", None)


def changed(good: pd.DataFrame, draw: Draw) -> tuple[pa.Table, str]:
    """The orders with one or two things wrong, and what."""
    table, words = _table(good), list[str]()
    for change in draw.choices([cells, rows, columns, types], weights=[4, 2, 2, 2], k=draw.choice([1, 1, 2])):
        table, said = change(table, draw)
        words.append(said)
    return table, "; ".join(words)


def _table(good: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(good, preserve_index=False).replace_schema_metadata(None)


# --- changes of a table


def cells(table: pa.Table, draw: Draw) -> tuple[pa.Table, str]:
    """Nonsense in a few cells of one column."""
    at = draw.randrange(table.num_columns)
    name, values = table.column_names[at], table.column(at).to_pylist()
    hit = draw.sample(range(len(values)), k=min(len(values), draw.choice([1, 2, 30, 10_000])))
    if pa.types.is_floating(table.column(at).type) and draw.random() < 0.5:
        junk: list[object] = [draw.choice([None, *NUMBERS]) for _ in hit]
    else:
        values = [None if value is None else str(value) for value in values]
        junk = [draw.choice([None, *TEXTS]) for _ in hit]
    for row, cell in zip(hit, junk, strict=True):
        values[row] = cell
    return table.set_column(at, name, [pa.array(values)]), f"{len(hit)} cells of {name}"


def rows(table: pa.Table, draw: Draw) -> tuple[pa.Table, str]:
    """None, one, all twice, in another order."""
    every = list(range(table.num_rows))
    kept = {
        "no rows": [],
        "one row": every[:1],
        "rows twice": every * 2,
        "rows backwards": every[::-1],
        "one row often": every[:1] * 500,
        "few rows": draw.sample(every, k=min(5, len(every))),
    }
    word = draw.choice(list(kept))
    return table.take(pa.array(kept[word], pa.int64())), word


def columns(table: pa.Table, draw: Draw) -> tuple[pa.Table, str]:
    """One missing, another name, one twice, a stranger, another order."""
    names = table.column_names
    name, other = draw.sample(names, k=2) if len(names) > 1 else (names[0], names[0])
    kind = draw.choice(["without", "renamed", "upper case", "shuffled", "swapped", "stranger"])
    if kind == "without" and len(names) > 1:
        return table.drop_columns([name]), f"without {name}"
    if kind == "shuffled":
        return table.select(draw.sample(names, k=len(names))), kind
    if kind == "stranger":
        return table.append_column(draw.choice(TEXTS[15:]) + "?", pa.array(["x"] * table.num_rows, pa.string())), kind
    new = {"renamed": {name: draw.choice(TEXTS) + "!"}, "upper case": {name: name.upper()}}
    new["swapped"] = {name: other, other: name}
    renamed = new.get(kind, {})
    return table.rename_columns([renamed.get(old, old) for old in names]), f"{kind} {name}"


def types(table: pa.Table, draw: Draw) -> tuple[pa.Table, str]:
    """One column in another type: its own values where they fit, nothing where they do not."""
    at = draw.randrange(table.num_columns)
    name, wanted = table.column_names[at], draw.choice(TYPES)
    try:
        column = table.column(at).cast(wanted, safe=False)
    except pa.ArrowException:
        column = pa.nulls(table.num_rows, wanted)
    return table.set_column(at, name, column), f"{name} as {wanted}"


# --- the formats


def write(table: pa.Table, form: str, folder: Path) -> str:
    """Write a table in a format; the path to be given to a command."""
    half = table.num_rows // 2
    if form == "delta":
        return _delta(table, folder)
    if form == "folder of parquet":
        for at, part in enumerate((table.slice(0, half), table.slice(half))):
            _parquet(part, folder / f"part-{at}.parquet")
        return str(folder)
    if form == "glob of csv":
        for at, part in enumerate((table.slice(0, half), table.slice(half))):
            (folder / f"part-{at}.csv").write_bytes(_csv(part))
        return f"{folder}/*.csv"
    path = folder / f"orders{HOLDS[form]}"
    if form == "parquet":
        _parquet(table, path)
    else:
        path.write_bytes(gzip.compress(_csv(table), 1) if form == "csv.gz" else _csv(table))
    return str(path)


def _delta(table: pa.Table, folder: Path) -> str:
    try:
        write_deltalake(folder / "table", table)
    except Exception:  # Delta Lake knows fewer types and stricter names than Parquet
        return write(table, "parquet", folder)
    return str(folder / "table")


def _parquet(table: pa.Table, path: Path) -> None:
    if any(pa.types.is_float16(column.type) for column in table.columns):
        table = table.cast(
            pa.schema([(f.name, pa.float32() if f.type == pa.float16() else f.type) for f in table.schema])
        )
    pq.write_table(table, path, row_group_size=100)


def _csv(table: pa.Table) -> bytes:
    lines = [",".join(_cell(name) for name in table.column_names)]
    parts = [column.to_pylist() for column in table.columns]
    lines += [",".join(_cell(value) for value in row) for row in zip(*parts, strict=True)]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',;"\r\n\t|') else text


# --- changes of bytes


def cut_short(data: bytes, draw: Draw) -> bytes:
    return data[: draw.randrange(len(data))]


def beginning_gone(data: bytes, draw: Draw) -> bytes:
    return data[draw.randrange(len(data)) :]


def bits_flipped(data: bytes, draw: Draw) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice([1, 3, 30])):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def tail_flipped(data: bytes, draw: Draw) -> bytes:
    """The footer of a Parquet file is where damage is most dangerous."""
    end = min(len(data), 600)
    return data[:-end] + bits_flipped(data[-end:], draw)


def piece_gone(data: bytes, draw: Draw) -> bytes:
    start = draw.randrange(len(data))
    return data[:start] + data[start + draw.choice([1, 7, 200]) :]


def piece_zeroed(data: bytes, draw: Draw) -> bytes:
    start, size = draw.randrange(len(data)), draw.choice([1, 16, 400])
    return data[:start] + bytes(len(data[start : start + size])) + data[start + size :]


def piece_twice(data: bytes, draw: Draw) -> bytes:
    start, size = draw.randrange(len(data)), draw.choice([1, 50, 400])
    return data[: start + size] + data[start:]


def noise_within(data: bytes, draw: Draw) -> bytes:
    start = draw.randrange(len(data))
    return data[:start] + draw.randbytes(draw.choice([1, 8, 200])) + data[start:]


def quote_within(data: bytes, draw: Draw) -> bytes:
    start = draw.randrange(len(data))
    return data[:start] + draw.choice([b'"', b"\n", b",", b";", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf"]) + data[start:]


def other_encoding(data: bytes, draw: Draw) -> bytes:
    return data.decode("latin-1").encode(draw.choice(["utf-16", "utf-32", "utf-8-sig", "utf-7"]))


def other_line_ends(data: bytes, draw: Draw) -> bytes:
    return data.replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b", b" "]))


def other_delimiter(data: bytes, draw: Draw) -> bytes:
    return data.replace(b",", draw.choice([b";", b"\t", b"|", b" ", b",,", b":"]))


def nothing(_: bytes, __: Draw) -> bytes:
    return b""


def all_noise(data: bytes, draw: Draw) -> bytes:
    return draw.randbytes(len(data))


DAMAGES: list[Callable[[bytes, Draw], bytes]] = [
    *(cut_short, beginning_gone, bits_flipped, tail_flipped, piece_gone, piece_zeroed, piece_twice, noise_within),
    *(quote_within, other_encoding, other_line_ends, other_delimiter, nothing, all_noise),
]


# --- an oracle


def rows_in(path: str) -> int | None:
    """How many rows a damaged file holds, counted by another reader; None where it cannot tell."""
    if path.endswith(".parquet"):
        return int(pq.read_metadata(path).num_rows)
    if path.endswith((".csv", ".csv.gz")) and "*" not in path:
        data = Path(path).read_bytes()
        text = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8-sig")
        return None if '"' in text else sum(bool(line) for line in csv.reader(text.splitlines())) - 1
    return None
