// The address keeps what is shown, so that a link opens the same again: #uploads/12 or #reports/data-quality?year=2021.

// Return the section, what of it is open, and its parameters.
export function shown() {
  const [path, query] = location.hash.slice(1).split("?");
  const [section, ...name] = path.split("/").map(decodeURIComponent);
  return { section, name: name.join("/"), parameters: Object.fromEntries(new URLSearchParams(query)) };
}

// Keep what is shown in the address; parameters without a value are left out.
export function keep(section, name = "", parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  history.replaceState(null, "", `#${section}${name === "" ? "" : `/${encodeURIComponent(name)}`}${query.size ? `?${query}` : ""}`);
}
