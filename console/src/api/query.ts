/** Parameters behind a path, as the house reads them. */

/** What is empty is left out, since empty means any to the house, but not out of a list, which repeats its name. */
export function queryOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) search.append(name, String(one));
    else if (value !== null && value !== undefined && value !== "") search.append(name, String(value));
  }
  return search.toString();
}
