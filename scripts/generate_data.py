"""Generate the sample shop, or a shop of any size.

    python scripts/generate_data.py
        writes the sample as csv to seeds/shop: about 1,000 customers, 18 months,
        and every hard case of scripts/hard_cases.py
    python scripts/generate_data.py --customers 1000000 --out big
        writes users.parquet, orders.parquet, ... to the folder big: typed, in
        bounded memory, without hard cases

The same arguments give the same files, byte for byte for the csv files. Names and
order of the columns come from macros/inputs/input_contract.sql.
"""

import argparse
import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from hard_cases import hard_cases
from project import PROJECT, read_contract
from shop_model import LAST_DAY, Shop, make_shop

SAMPLE_FOLDER = PROJECT / "seeds" / "shop"
# Only hard cases have several accounts: what the sample shows can be followed by hand.
SAMPLE = Shop(customers=1_000, orders=5, logins=30, events=30, linked=0)

ARROW_TYPES = {
    "text": pa.string(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "date_or_timestamp": pa.date32(),
    "money": pa.decimal128(18, 2),
    "decimal": pa.decimal128(18, 2),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


def read_schemas():
    """The Arrow schema of every input, by the input contract."""
    return {
        input_name: pa.schema(
            [
                (name, ARROW_TYPES[rule["type"]])
                for name, rule in rules["columns"].items()
            ]
        )
        for input_name, rules in read_contract().items()
    }


def as_table(columns, schema):
    """The columns in the order and types of the schema; missing ones are null.

    Raises ValueError for a column the contract does not know.
    """
    unknown = sorted(columns.keys() - set(schema.names))
    if unknown:
        raise ValueError(f"the input contract has no column {', '.join(unknown)}")
    rows = len(next(iter(columns.values())))
    arrays = [
        pc.cast(columns.get(field.name, pa.nulls(rows)), field.type) for field in schema
    ]
    return pa.table(arrays, schema=schema)


def as_text(value):
    """A value as a csv cell: null is empty, booleans are true and false."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def write_sample(folder):
    """Write the sample and the hard cases as raw_<input>.csv. Returns rows by file."""
    schemas = read_schemas()
    rows = {}
    for input_name, columns in make_shop(SAMPLE):
        table = as_table(columns, schemas[input_name])
        texts = [[as_text(value) for value in column.to_pylist()] for column in table]
        rows.setdefault(input_name, []).extend(zip(*texts, strict=True))
    for input_name, record in hard_cases(LAST_DAY):
        unknown = sorted(record.keys() - set(schemas[input_name].names))
        if unknown:
            raise ValueError(f"the input contract has no {input_name}.{unknown[0]}")
        rows[input_name].append([record.get(n, "") for n in schemas[input_name].names])

    folder.mkdir(parents=True, exist_ok=True)
    for input_name, lines in rows.items():
        path = folder / f"raw_{input_name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(schemas[input_name].names)
            writer.writerows(lines)
    return {f"raw_{name}.csv": len(lines) for name, lines in rows.items()}


def write_parquet(shop, folder):
    """Write the shop as <input>.parquet, a row group per chunk of customers.

    Returns rows by file.
    """
    schemas = read_schemas()
    folder.mkdir(parents=True, exist_ok=True)
    writers, counts = {}, {}
    try:
        for input_name, columns in make_shop(shop):
            schema = schemas[input_name]
            file = f"{input_name}.parquet"
            if file not in writers:
                writers[file] = pq.ParquetWriter(folder / file, schema)
            table = as_table(columns, schema)
            writers[file].write_table(table)
            counts[file] = counts.get(file, 0) + table.num_rows
    finally:
        for writer in writers.values():
            writer.close()
    return counts


def number(kind, least, most):
    """A type for argparse: int or float from least to most."""

    def read(text):
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}")
        return value

    read.__name__ = kind.__name__
    return read


def folder_path(text):
    """A type for argparse: a folder, which may not exist yet."""
    if Path(text).exists() and not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return Path(text)


def parse_arguments(arguments):
    """Command line to (folder, shop), shop None for the sample.

    Ends the program with a message when the arguments make no sense together.
    """
    parser = argparse.ArgumentParser(
        description="Generate the sample shop as csv seeds, or a big shop as parquet.",
        epilog="Without arguments the sample is written to seeds/shop.",
    )
    count, ratio = number(int, 1, 100_000_000), number(float, 0, 10_000)
    add = parser.add_argument
    add("--sample", action="store_true", help="write the sample as csv (the default)")
    add("--out", type=folder_path, metavar="DIR", help="where to, made if missing")
    add("--customers", type=count, metavar="N", help="write a shop of N customers")
    add = parser.add_argument_group("only with --customers").add_argument
    months, seed = number(int, 1, 240), number(int, 0, 2**63)
    add("--months", type=months, metavar="M", help=f"months up to {LAST_DAY} (18)")
    add("--seed", type=seed, metavar="S", help="another seed, another shop (1)")
    add("--orders", type=ratio, metavar="X", help="orders per customer (10)")
    add("--logins", type=ratio, metavar="X", help="logins per customer (100)")
    add("--events", type=ratio, metavar="X", help="events per customer (20)")

    given = vars(parser.parse_args(arguments))
    given = {name: value for name, value in given.items() if value is not None}
    is_sample, folder = given.pop("sample"), given.pop("out", None)
    if "customers" not in given:
        if given:
            parser.error(f"--{min(given)} needs --customers: the sample is fixed")
        return folder or SAMPLE_FOLDER, None
    if is_sample:
        parser.error("choose one of --sample and --customers")
    if folder is None:
        parser.error("--customers needs --out: a big shop does not belong to seeds")
    return folder, Shop(**{"orders": 10, "logins": 100, "events": 20} | given)


def main(arguments=None):
    """Run the command line; prints the files and their rows."""
    folder, shop = parse_arguments(arguments)
    counts = write_parquet(shop, folder) if shop else write_sample(folder)
    for file, count in counts.items():
        print(f"{folder / file}: {count} rows")


if __name__ == "__main__":
    main()
