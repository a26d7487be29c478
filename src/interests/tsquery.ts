/** A term of a tsquery: a lexeme, or how lexemes begin, in the fields of a weight label where there is one. */
export function quote(lexeme: string, begins: boolean, label: string): string {
  const flags = `${begins ? "*" : ""}${label}`;
  return `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'${flags ? `:${flags}` : ""}`;
}

/** Terms one behind the other. */
export function phrase(terms: string[]): string {
  return terms.length < 2 ? terms.join("") : `(${terms.join(" <-> ")})`;
}

/** Any of the parts; those that look for nothing are left out. */
export function either(parts: string[]): string {
  return join(parts, " | ");
}

/** All of the parts; those that look for nothing are left out. */
export function all(parts: string[]): string {
  return join(parts, " & ");
}

function join(parts: string[], operator: string): string {
  const unique = [...new Set(parts.filter(Boolean))];
  return unique.length < 2 ? unique.join("") : `(${unique.join(operator)})`;
}
