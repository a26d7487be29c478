const textWidth = 72;

/**
 * Folds lines at 72 columns between words, so never inside an address, and leaves one blank line where there are more. What is
 * right already is kept in one piece, as most of it is.
 */
export function wrap(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    if (end - start > textWidth) {
      pieces.push(text.slice(kept, start), fold(text.slice(start, end)));
      kept = end;
    } else if (end === start && text.startsWith("\n\n", start - 2)) {
      pieces.push(text.slice(kept, start));
      kept = end + 1;
    }
  }
  return pieces.join("") + text.slice(kept);
}

/** What continues a line stands under its beginning, and that of an item behind its star. */
function fold(line: string): string {
  const { length } = /^ *(?:\* )?/.exec(line)?.[0] ?? "";
  const indent = " ".repeat(length);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > textWidth) {
    const before = rest.lastIndexOf(" ", textWidth);
    const at = before > length ? before : rest.indexOf(" ", textWidth);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = indent + rest.slice(at + 1);
  }
  return [...lines, rest].join("\n");
}
