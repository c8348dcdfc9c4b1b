"""Feature tables that other processes make, put down in files on their way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from features.files import handed_over
from features.partitions.table_maker import TableMaker


@dataclass(frozen=True)
class TableFiles:
    """Puts the feature tables of one partition after the other into files of a folder, each whole or not there."""

    make: TableMaker
    folder: Path

    def __call__(self, number: int) -> Path:
        """The file of a partition; whoever made it before made the same."""
        path = self.folder / f"{number:05}.tables"
        with handed_over(path) as file, pa.ipc.new_file(file, self.make.schema) as writer:
            for table in self.make(number):
                writer.write_table(table)
        return path


def tables_in(files: Iterable[Path]) -> Iterator[pa.Table]:
    """The tables of one file after the other; a file is gone once it was read."""
    for path in files:
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(number)])
        path.unlink()
