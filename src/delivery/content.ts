/** Whole lines, the last one ended, that are the same in many mails. */
export class Lines {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a part of a mail says: in one piece, or in several, of which each begins a line where one of them is `Lines`. */
export type Content = string | readonly (string | Lines)[];

export function piecesOf(content: Content): readonly (string | Lines)[] {
  return typeof content === "string" ? [content] : content;
}

export function textOf(content: Content): string {
  return piecesOf(content)
    .map((piece) => (typeof piece === "string" ? piece : piece.text))
    .join("");
}
