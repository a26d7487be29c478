/** What `digest.mjml` and `digest.txt` show. Everything is plain text; the templates escape it. */
export type DigestView = {
  /** The reader's own date, in words. */
  date: string;
  number: number;
  /** How the contents are counted under the masthead. */
  count: string;
  /** One sentence before the papers, where there is something to say. */
  introduction: string | undefined;
  papers: PaperView[];
  trending: PaperView[];
  hasTrending: boolean;
  /** How many more matched than there is room for, in words. */
  more: string | undefined;
  moreUrl: string;
  /** What was read to make it. */
  receipt: string;
  webUrl: string;
  preferencesUrl: string;
  unsubscribeUrl: string;
  baseUrl: string;
};

export type PaperView = {
  title: string;
  url: string;
  /** "A. One, B. Two and 12 more". */
  authors: string;
  /** Organisation, date, categories and votes, in one line. */
  details: string;
  /** The interest that brought it, as typed. */
  interest: string | undefined;
  /** The sentence that hit, in pieces. */
  excerpt: Piece[];
  /** The same in one piece, for the text. */
  excerptText: string;
  links: { label: string; url: string }[];
};

export type Piece = { text: string; hit: boolean };

export function subject(view: DigestView): string {
  const first = view.papers[0] ?? view.trending[0];
  const others = view.papers.length + view.trending.length - 1;
  const title = shorten(first?.title ?? "", others > 0 ? 46 : 58);
  return others > 0 ? `${title} +${others} more` : title;
}

/** The line that mail lists show behind the subject: what comes after the first paper. */
export function preheader(view: DigestView): string {
  return [...view.papers, ...view.trending]
    .slice(1, 4)
    .map((paper) => shorten(paper.title, 60))
    .join(" · ");
}

function shorten(text: string, longest: number): string {
  const letters = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].map((part) => part.segment);
  if (letters.length <= longest) return text;
  const cut = letters.slice(0, longest - 1).join("");
  const space = cut.lastIndexOf(" ");
  return `${(space > cut.length / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

const paper: PaperView = {
  title: "Sparse Attention Finds the O(n log n) Path through Long Proofs",
  url: "http://localhost:3000/papers/2611.90001",
  authors: "Ada Okafor, Linh Nguyễn and 12 more",
  details: "Northgate Institute · 19 November 2026 · cs.CL, cs.LG · 41 votes",
  interest: '"chain of thought" -survey',
  excerpt: [
    { text: "We show that ", hit: false },
    { text: "chain-of-thought", hit: true },
    { text: " traces can be pruned without loss.", hit: false },
  ],
  excerptText: "We show that chain-of-thought traces can be pruned without loss.",
  links: [
    { label: "Abstract", url: "https://arxiv.org/abs/2611.90001" },
    { label: "PDF", url: "https://arxiv.org/pdf/2611.90001" },
  ],
};

export const examples: DigestView[] = [
  {
    date: "Friday, 20 November 2026",
    number: 12,
    count: "2 papers, 1 trending",
    introduction: undefined,
    papers: [paper, { ...paper, title: "A <script> & a “quote” walk into a title", interest: "unlearning" }],
    trending: [{ ...paper, interest: undefined }],
    hasTrending: true,
    more: "37 more matched.",
    moreUrl: "http://localhost:3000/digests/example",
    receipt: "Read for this edition: Hugging Face 31 papers, arXiv cs.CL 239.",
    webUrl: "http://localhost:3000/digests/example",
    preferencesUrl: "http://localhost:3000/preferences/example",
    unsubscribeUrl: "http://localhost:3000/unsubscribe/example",
    baseUrl: "http://localhost:3000",
  },
];
