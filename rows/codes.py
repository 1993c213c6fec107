"""The stable codes of what is wrong with a record or with a file, each with its meaning; docs/errors.md shows them."""

OF_RECORDS = {
    "wrong_field_count": "the record has more or fewer fields than are expected",
    "missing_value": "a field is empty that every row must have, or any field in a strict upload",
    "not_an_integer": "a field of an integer column is not one",
    "not_a_timestamp": "a field of a timestamp column is not one in the order that is read",
    "out_of_range": "an integer has more than 64 bits, or a timestamp is outside the years 1000 to 9999 in UTC",
    "ambiguous_time": "the clocks of `timezone` struck that time twice, or not at all",
    "too_long": "a text has more than 1,000 characters, or the record more than `RECORD_CHARS_MAX`",
    "nul_character": "a text has a NUL character",
    "bad_quoting": "a quote inside an unquoted field, text behind a closing quote, or a quote that does not close",
    "undecodable": "the record has bytes that are not valid in the file's encoding",
    "unknown_reference": "in a strict upload: an id that its table does not have",
    "repeated_header": "the record is the header once more, as where files were joined",
    "record_shortened": "a corrected `rejects.csv` has a record that was kept without its end (`REJECTS_BYTES_MAX`)",
    "conflict": "with `on_conflict=refuse`: another row is stored under that id",
}
"""Why a record was refused: the `code` of an entry in `rejects`."""

OF_FILES = {
    "no_records": "the file is empty, or has a header alone",
    "no_record_fits": "every record was refused",
    "atomic_refused": "an atomic upload had a refused record, so nothing is stored",
    "too_many_rejects": "more records were refused than `max_rejects` or `MAX_REJECTS` allows; what is stored stays",
    "delimiter_not_found": "two delimiters would do: say which by `delimiter`",
    "header_mismatch": "the first record is no header of the table, and no row of it either",
    "header_too_long": "the header has more characters than `HEADER_CHARS_MAX`",
    "header_crossed": "a header further down has the columns in another order; what is before it is stored",
    "encoding_not_given": "the file is UTF-16 without a byte order mark: say `encoding=utf-16`",
    "single_quotes": "most texts stand in single quotes, which CSV does not have",
    "not_csv": "the file is of another kind, such as a workbook, Parquet or JSON, or an archive of several files",
    "out_of_time": "an atomic upload or a dry run that a queue delivers takes longer than a Lambda function may run",
    "rows_lost": "a rule of the table's own, such as CHECK or UNIQUE, refused a row; the batches before it are stored",
}
"""Why a file was refused as a whole, or its load ended early: the `code` of a 422, and of an upload in the ledger."""
