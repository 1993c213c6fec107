// CSV as the service writes it: RFC 4180, with a header.

const FIELD = '("(?:[^"]|"")*"|[^"\\r\\n]*?)(\\r\\n|$|DELIMITER)';

// Yield the records of a text; the last one only where a line end stands behind it.
export function* records(text, delimiter = ",") {
  const pattern = new RegExp(FIELD.replace("DELIMITER", delimiter.replace("|", "\\|")), "gy");
  let record = [];
  for (const [, field, end] of text.replace(/^\ufeff/, "").matchAll(pattern)) {
    record.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === delimiter) continue;
    if (end) yield record;
    record = [];
  }
}

// Split a record at the delimiters that stand outside of quotes; the quotes stay.
export function split(record, delimiter) {
  const fields = [""];
  let quoted = false;
  for (const letter of record) {
    if (letter === '"') quoted = !quoted;
    if (letter === delimiter && !quoted) fields.push("");
    else fields[fields.length - 1] += letter;
  }
  return fields;
}
