import { html } from "hono/html";
import type { Sql } from "../db.ts";
import { excerpt } from "../interests/excerpt.ts";
import { markHits, type Piece } from "../interests/marks.ts";
import { compile } from "../interests/program.ts";
import type { PaperRow } from "../papers/search.ts";
import { counted, dayInWords, paperLinks } from "../papers/words.ts";
import { type Html, nothing } from "./page.ts";
import { readPaperText, showPieces, showText } from "./paper_text.ts";

/** Enough of an abstract to choose by. */
const beginning = { shortest: 140, longest: 300 };
/** Names that are shown before the others open. */
const namesShown = 3;
const mostNames = 100;

/** Papers in a list, with what hit marked where `tsquery` says what was looked for. */
export async function paperCards(sql: Sql, papers: PaperRow[], tsquery?: string): Promise<Html[]> {
  const program = tsquery ? compile(tsquery) : undefined;
  const texts = papers.flatMap((paper) => [readPaperText(paper.title), readPaperText(paper.abstract)]);
  const marked = program
    ? await markHits(
        sql,
        texts.map(({ text }, at) => ({ text, field: at % 2 === 0 ? "title" : "abstract", program })),
      )
    : texts.map(({ text }) => [{ text, hit: false }]);
  return papers.map((paper, at) =>
    paperCard(paper, showPieces(marked[at * 2] as Piece[], texts[at * 2]?.formulas ?? []), {
      pieces: marked[at * 2 + 1] as Piece[],
      formulas: texts[at * 2 + 1]?.formulas ?? [],
    }),
  );
}

/** A paper in a list. The abstract and the names open in place, without script. */
function paperCard(paper: PaperRow, title: Html, abstract: { pieces: Piece[]; formulas: Html[] }): Html {
  return html`<article class="paper">
<h2><a href="${paperAddress(paper)}">${title}</a></h2>
${paper.authors.length > 0 ? authorsOf(paper) : nothing}
${detailsOf(paper)}
${abstractOf(abstract)}
${linksOf(paper)}
</article>`;
}

/** Where a paper's own page is. */
export function paperAddress({ slug }: { slug: string }): string {
  return `/papers/${slug.split("/").map(encodeURIComponent).join("/")}`;
}

function abstractOf({ pieces, formulas }: { pieces: Piece[]; formulas: Html[] }): Html {
  const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
  if (length === 0) return nothing;
  const whole = inParagraphs(pieces).map((part) => html`<p>${showPieces(part, formulas)}</p>`);
  if (length <= beginning.longest) return html`<div class="abstract">${whole}</div>`;
  const hasHits = pieces.some((piece) => piece.hit);
  const start = hasHits
    ? pieces
    : [
        {
          text: pieces
            .map((piece) => piece.text)
            .join("")
            .slice(0, 2 * beginning.longest)
            .toWellFormed(),
          hit: false,
        },
      ];
  const cut = excerpt(start, beginning.shortest, beginning.longest);
  return html`<details class="abstract"><summary><span class="beginning">${showPieces(cut, formulas)} </span><span class="open"><span class="is-closed">Whole abstract</span><span class="is-open">Less</span></span></summary>${whole}</details>`;
}

function inParagraphs(pieces: Piece[]): Piece[][] {
  const paragraphs: Piece[][] = [[]];
  for (const { text, hit } of pieces)
    for (const [at, part] of text.split(/\n{2,}/).entries()) {
      if (at > 0) paragraphs.push([]);
      if (part) paragraphs.at(-1)?.push({ text: part, hit });
    }
  return paragraphs.filter((part) => part.length > 0);
}

/** The names, each with a search for what else its bearer wrote; many of them open on demand. */
export function authorsOf({ authors }: PaperRow): Html {
  const names = (some: string[]) =>
    html`${some.map((name, at) => html`${at > 0 ? ", " : ""}<a href="${search(`author:"${name.replaceAll('"', " ")}"`)}">${name}</a>`)}`;
  if (authors.length <= namesShown + 1) return html`<p class="details names">${names(authors)}</p>`;
  const further = authors.length - mostNames;
  return html`<details class="names details"><summary>${authors.slice(0, namesShown).join(", ")} … <span class="open">${counted(authors.length, "author")}</span></summary><p>${names(authors.slice(0, mostNames))}${further > 0 ? ` and ${further} more` : ""}</p></details>`;
}

/** Votes, comments, organisation, date and categories, in one line. */
export function detailsOf(paper: PaperRow): Html {
  const parts: (Html | string)[] = [];
  if (paper.upvotes) parts.push(html`<b>${counted(paper.upvotes, "vote")}</b>`);
  if (paper.comments) parts.push(counted(paper.comments, "comment"));
  if (paper.organization)
    parts.push(html`<a href="${search(`org:"${paper.organization.replaceAll('"', " ")}"`)}">${paper.organization}</a>`);
  parts.push(html`<time datetime="${paper.day.toString()}">${dayInWords(paper.day)}</time>`);
  const categories = paper.categories.slice(0, 5);
  if (categories.length > 0)
    parts.push(
      html`${categories.map((name, at) => html`${at > 0 ? " " : ""}<a href="${search(`cat:${name}`)}">${name}</a>`)}`,
    );
  return parts.length > 0
    ? html`<p class="details">${parts.map((part, at) => html`${at > 0 ? " · " : ""}${part}`)}</p>`
    : nothing;
}

function search(query: string): string {
  return `/papers?${new URLSearchParams({ q: query })}`;
}

export function linksOf(paper: PaperRow): Html {
  return html`<p class="links">${paperLinks(paper).map(({ label, url }) => html`<a href="${url}" rel="noopener">${label}</a>`)}</p>`;
}

/** The abstract in its paragraphs, with its mathematics. */
export function abstractInFull({ abstract }: { abstract: string }): Html {
  const { text, formulas } = readPaperText(abstract);
  return html`${inParagraphs([{ text, hit: false }]).map((part) => html`<p>${showPieces(part, formulas)}</p>`)}`;
}

export function titleOf({ title }: { title: string }): Html {
  return showText(readPaperText(title));
}
