"""The script that people write instead: pandas and SQLAlchemy, 1000 rows at a time, stored ids left out.

Usage: pandas_load.py FILE DATABASE. Prints the seconds that it took, without those for importing pandas.
"""

import sys
import time

import pandas
from sqlalchemy import bindparam, create_engine, text

STORED = text("SELECT id FROM hired_employees WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


def main(file: str, database: str) -> None:
    start = time.perf_counter()
    engine = create_engine(f"sqlite:///{database}")
    for chunk in pandas.read_csv(file, chunksize=1000):
        with engine.begin() as connection:
            stored = connection.execute(STORED, {"ids": chunk["id"].tolist()}).scalars().all()
            new = chunk[~chunk["id"].isin(stored)]
            new.to_sql("hired_employees", connection, if_exists="append", index=False)
    print(time.perf_counter() - start)


main(*sys.argv[1:])
