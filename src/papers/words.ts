/** "A. One, B. Two and 12 more": the first few authors, and how many follow. */
export function authorLine(authors: string[], shown = 3): string {
  if (authors.length <= shown + 1) return joinNames(authors);
  return `${authors.slice(0, shown).join(", ")} and ${authors.length - shown} more`;
}

/** "A, B and C". */
export function joinNames(names: string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

const months = Array.from({ length: 12 }, (_, index) =>
  Temporal.PlainDate.from({ year: 2026, month: index + 1, day: 1 }).toLocaleString("en-GB", { month: "long" }),
);
const days = Array.from({ length: 7 }, (_, index) =>
  Temporal.PlainDate.from({ year: 2026, month: 6, day: index + 1 }).toLocaleString("en-GB", { weekday: "long" }),
);
const numbers = new Intl.NumberFormat("en");

/** "20 November 2026". By hand, because to make a format takes longer than a paper's whole card. */
export function dayInWords(date: Temporal.PlainDate): string {
  return `${date.day} ${months[date.month - 1]} ${date.year}`;
}

/** "Friday, 20 November 2026". */
export function dateInWords(date: Temporal.PlainDate): string {
  return `${days[date.dayOfWeek - 1]}, ${dayInWords(date)}`;
}

/** "1 paper", "2 papers". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${numbers.format(count)} ${count === 1 ? one : many}`;
}

export type PaperPlaces = {
  arxiv_id: string | null;
  doi: string | null;
  on_huggingface: boolean;
  code_url: string | null;
  project_url: string | null;
};

/** Where a paper can be read and found, for links. */
export function paperLinks(paper: PaperPlaces): { label: string; url: string }[] {
  const links: { label: string; url: string }[] = [];
  if (paper.arxiv_id) {
    links.push({ label: "arXiv", url: `https://arxiv.org/abs/${paper.arxiv_id}` });
    links.push({ label: "PDF", url: `https://arxiv.org/pdf/${paper.arxiv_id}` });
    if (paper.on_huggingface)
      links.push({ label: "Hugging Face", url: `https://huggingface.co/papers/${paper.arxiv_id}` });
  } else if (paper.doi) links.push({ label: "Publisher", url: `https://doi.org/${encodeURI(paper.doi)}` });
  if (paper.code_url) links.push({ label: "Code", url: paper.code_url });
  if (paper.project_url) links.push({ label: "Project", url: paper.project_url });
  return links;
}

/** How many letters two words have in common from their beginning. */
export function lettersShared(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
