// What can be told of a file before the service has seen it.

// So much of a file is sent to see how it would be read.
export const START_BYTES = 256 * 1024;

// The table with the longest name that is in the file's name.
export function tableIn(fileName, tables) {
  const stem = fileName.toLowerCase().replace(/[-\s]/g, "_");
  return tables.map((table) => table.name).filter((name) => stem.includes(name.toLowerCase()))
    .sort((one, other) => other.length - one.length)[0];
}

// About how many rows a file has, by the lines of its start; null where that is packed.
export async function rowsOf(file) {
  const start = new Uint8Array(await file.slice(0, START_BYTES).arrayBuffer());
  const isPacked = (start[0] === 0x1f && start[1] === 0x8b) || (start[0] === 0x50 && start[1] === 0x4b);
  const lines = start.reduce((sum, byte) => sum + (byte === 10), 0);
  return isPacked || !lines ? null : Math.max(1, Math.round(lines * file.size / start.length));
}
