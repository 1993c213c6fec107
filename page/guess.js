// What a file looks like before it is sent: which table it is for, and about how many rows it has.

const SAMPLE_BYTES = 64 * 1024;
const DELIMITERS = /[,;\t|]/;

// Return the name of the table, or "" where nothing says so, and the number of rows, or null.
export async function guess(file, tables) {
  const sample = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  const isGzip = sample[0] === 0x1f && sample[1] === 0x8b;
  const text = isGzip ? "" : new TextDecoder().decode(sample);
  const lines = text.split(/\r\n|\r|\n/).length - 1;
  return {
    table: byHeader(text, tables) || byName(file.name, tables) || byWidth(text, tables) || "",
    rows: lines > 0 ? Math.max(1, Math.round(lines * file.size / sample.length)) : null,
  };
}

function fields(text) {
  return text.split(/\r|\n/, 1)[0].split(DELIMITERS).map((field) => field.replace(/^["\s]+|["\s]+$/g, "").toLowerCase());
}

// The only table that has all the columns which the first line names.
function byHeader(text, tables) {
  const named = fields(text).filter((field) => !field.startsWith("_"));
  const fit = tables.filter((table) => {
    const columns = table.columns.map((column) => column.name.toLowerCase());
    return named.includes(columns[0]) && named.every((name) => columns.includes(name));
  });
  return fit.length === 1 ? fit[0].name : null;
}

// The table with the longest name that is in the file's name.
function byName(name, tables) {
  const stem = name.toLowerCase().replace(/[-\s]/g, "_");
  const fit = tables.filter((table) => stem.includes(table.name.toLowerCase()));
  return fit.sort((one, other) => other.name.length - one.name.length)[0]?.name;
}

// The only table with so many columns as the first line has fields.
function byWidth(text, tables) {
  const fit = tables.filter((table) => table.columns.length === fields(text).length);
  return fit.length === 1 ? fit[0].name : null;
}
