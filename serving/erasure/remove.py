"""Take a customer out of a file that was kept; a file that cannot be cleared is left and told."""

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.files import growing_parquet, write_whole
from serving.erasure.trace import in_csv
from serving.erasure.who import Who
from serving.store.papers import without


def remove(path: Path, who: Who) -> None:
    """Rewrite or remove a file so that it names the customer no more, whole or not at all.

    Rows of Parquet and CSV files go, entries of JSON files too. A page of HTML
    goes as a whole: it can be made again. Other files stay as they are.

    Raises:
        OSError, ArrowException: the file cannot be read or written.
    """
    name = path.name.lower()
    if name.endswith(".parquet"):
        _from_parquet(path, who)
    elif name.endswith((".csv", ".csv.gz")):
        _from_csv(path, who)
    elif name.endswith((".html", ".htm", ".arrow")):
        path.unlink()
    elif name.endswith(".json"):
        _from_json(path, who)


def _from_parquet(path: Path, who: Who) -> None:
    """Row group by row group; texts are written anew, so that no dictionary keeps the word."""
    with pq.ParquetFile(path) as file, growing_parquet(path, file.schema_arrow, {}) as append:
        for number in range(file.num_row_groups):
            append(_without(file.read_row_group(number), who))


def _without(table: pa.Table, who: Who) -> pa.Table:
    keep = [not any(map(who.named, row)) for row in zip(*_cells(table, who), strict=True)]
    left = table.filter(pa.array(keep, pa.bool_())) if keep else table
    for at, field in enumerate(left.schema):
        if pa.types.is_dictionary(field.type):  # or the dictionary would go on naming whom no row names
            left = left.set_column(at, field, left.column(at).cast(field.type.value_type).dictionary_encode())
    return left


def _cells(table: pa.Table, who: Who) -> list[list[object]]:
    return [table.column(name).to_pylist() for name in who.columns(table.column_names)]


def _from_csv(path: Path, who: Who) -> None:
    packed = path.suffix.lower() == ".gz"
    data = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    text, left = data.decode("utf-8"), io.StringIO(newline="")
    gone = set(in_csv(text, who))
    rows = csv.reader(io.StringIO(text, newline=""))
    csv.writer(left).writerows(row for line, row in enumerate(rows) if line not in gone)
    content = left.getvalue().encode()
    write_whole(path, gzip.compress(content) if packed else content)


def _from_json(path: Path, who: Who) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    write_whole(path, json.dumps(without(document, who.names), indent=1).encode())
