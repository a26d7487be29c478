import { createHash } from "node:crypto";

/** `2606.30534v2`, `arXiv:2606.30534`, `oai:arXiv.org:hep-th/9901001` or an abs or pdf address, as id and version. */
export function parseArxivId(text: string): { id: string; version: number | undefined } | undefined {
  const bare = text
    .trim()
    .replace(/^https?:\/\/(www\.|export\.)?arxiv\.org\/(abs|pdf|html)\//i, "")
    .replace(/^(oai:arxiv\.org:|arxiv:)/i, "")
    .replace(/\.pdf$/i, "");
  const match = /^(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z]{2})?\/\d{7})(?:v(\d{1,4}))?$/.exec(bare);
  if (!match?.[1]) return undefined;
  return { id: match[1], version: match[2] ? Number(match[2]) : undefined };
}

/** Longer than any real one, and short enough for an index. */
const longestDoi = 500;

/** The first DOI in the text, in lower case (DOIs ignore case), or undefined. */
export function parseDoi(text: string): string | undefined {
  const doi = /\b10\.\d{4,9}\/[^\s"<>\p{C}]+/u.exec(text)?.[0].toLowerCase();
  return doi && doi.length <= longestDoi ? doi : undefined;
}

/** The same for titles that differ only in case, accents, spacing and punctuation: the identity of a work without an id. */
export function titleKey(title: string): string {
  const letters = title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
  return createHash("sha256")
    .update(letters || title)
    .digest("base64url")
    .slice(0, 22);
}
