import type { LayoutView } from "./layout.ts";

/** What `digest.mjml` and `digest.txt` show. Everything is plain text; the templates escape it. */
export type DigestView = LayoutView & {
  /** The reader's own date, in words. */
  date: string;
  number: number;
  /** How the contents are counted under the masthead. */
  count: string;
  /** One sentence before the papers, where there is something to say. */
  introduction: string | undefined;
  papers: EntryView[];
  trending: EntryView[];
  /** Papers that all but matched. */
  nearMisses?: NearMiss[] | undefined;
  /** News of papers that the reader has had. */
  notes?: Note[] | undefined;
  /** How many more matched than there is room for, in words: "37 more papers matched." */
  more: string | undefined;
  moreUrl: string;
  /** What was read to make it. */
  receipt: string;
  /** What failed or is late, each a sentence in plain words. */
  problems?: string[] | undefined;
  webUrl: string;
  preferencesUrl: string;
  unsubscribeUrl: string;
};

/** A paper in a reader's digest. */
export type EntryView = {
  /** The same object for all who are shown the same: what is filled in from it is filled once. It never changes. */
  paper: PaperView;
  /** How the reader's votes moved it: "Higher because you liked papers on harbours". */
  taste?: string | undefined;
  moreLikeUrl?: string | undefined;
  lessLikeUrl?: string | undefined;
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
  /** What else the interest stands for, in words: "also: large language models". */
  also?: string | undefined;
  /** The sentence that hit, in pieces. */
  excerpt: Piece[];
  /** The same in one piece, for the text. */
  excerptText: string;
  links: { label: string; url: string }[];
};

export type Piece = { text: string; hit: boolean };

/** `why` is one line: 'All of "robots manipulation" but "manipulation"'. */
export type NearMiss = { title: string; url: string; why: string };

/** A line that ends in a linked title: `text` is "A paper you had has a new version:". */
export type Note = { text: string; title: string; url: string };

const subjectLength = 60;

/** The first paper's title, cut to fit, and how many others there are. */
export function subject(view: DigestView): string {
  const first = view.papers[0] ?? view.trending[0];
  if (!first) return `Paper Round, ${view.date}`;
  const others = view.papers.length + view.trending.length - 1;
  const rest = others > 0 ? ` +${others} more` : "";
  return shortTitle(first.paper.title, subjectLength - rest.length) + rest;
}

/** The line that mail lists show behind the subject: what comes after the first paper, or else why that one is there. */
export function preheader(view: DigestView): string {
  const [first, ...others] = [...view.papers, ...view.trending];
  if (others.length > 0) {
    const titles = others.slice(0, 3).map(({ paper }) => shortTitle(paper.title, 60));
    return `Also: ${titles.join(" · ")}`;
  }
  return [first?.paper.interest && `Matches ${first.paper.interest}.`, first?.paper.authors].filter(Boolean).join(" ");
}

/** A title in at most `longest` letters: whole, or what stands before its colon if that says enough, or cut between words. */
function shortTitle(title: string, longest: number): string {
  const text = title.replace(/\s+/g, " ").trim();
  const most = unitsOf(text, longest);
  if (most === text.length) return text;
  const [name = ""] = text.slice(0, most + 2).split(/: | — | – /);
  if (name.length <= most && name.split(" ").length >= 3) return name;
  const room = unitsOf(text, longest - 1);
  const space = text.lastIndexOf(" ", room);
  const cut = text.slice(0, space > room / 2 ? space : room);
  // Words and signs that would point at what is cut away go too. A sign at a time: two ways to read a row of them would be 2^n.
  const end = cut.replace(/(?:[\s,;:–—-](?:an?|the|of|for|in|on|at|to|by|via|from|with|and|or|is|are|as)?)+$/i, "");
  return `${end || cut}…`;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** How many units of a text its first `letters` letters take. Counting them is slow, so it is left out where each takes one. */
function unitsOf(text: string, letters: number): number {
  if (text.length <= letters) return text.length;
  if (/^[ -\u02ff\u2010-\u2027]*$/.test(text)) return letters;
  let count = 0;
  for (const { index } of graphemes.segment(text)) if (count++ === letters) return index;
  return text.length;
}

const site = "http://localhost:3000";

const paper: PaperView = {
  title: "Sparse Attention Finds the O(n log n) Path through Long Proofs",
  url: `${site}/papers/2611.90001`,
  authors: "Ada Okafor, Linh Nguyễn and 12 more",
  details: "Northgate Institute · 19 November 2026 · cs.CL, cs.LG · 41 votes",
  interest: '"chain of thought" -survey',
  excerpt: [
    { text: "We show that ", hit: false },
    { text: "chain-of-thought", hit: true },
    {
      text: " traces can be pruned to a sparse tree without loss, and that the tree is found in time O(n log n). On four benchmarks of long proofs it halves the memory.",
      hit: false,
    },
  ],
  excerptText:
    "We show that chain-of-thought traces can be pruned to a sparse tree without loss, and that the tree is found in time O(n log n). On four benchmarks of long proofs it halves the memory.",
  links: [
    { label: "Abstract", url: "https://arxiv.org/abs/2611.90001" },
    { label: "PDF", url: "https://arxiv.org/pdf/2611.90001" },
    { label: "Code", url: "https://example.org/sparse" },
  ],
};

const votes = {
  moreLikeUrl: `${site}/more/dGhpcyBpcyBhIHRva2VuIG9mIDMyIHNp/1`,
  lessLikeUrl: `${site}/less/dGhpcyBpcyBhIHRva2VuIG9mIDMyIHNp/1`,
};

const robots: PaperView = {
  ...paper,
  title: "Laundry at Last: Robots that Fold What They Have Never Seen",
  url: `${site}/papers/2611.90002`,
  authors: "Tomás Ibarra, Mei-Ling Cho and Jürgen Weiß",
  details: "20 November 2026 · cs.RO",
  interest: "cat:cs.RO manipulation",
  excerpt: [
    { text: "Dexterous ", hit: false },
    { text: "manipulation", hit: true },
    { text: " of cloth has resisted imitation.", hit: false },
  ],
  excerptText: "Dexterous manipulation of cloth has resisted imitation.",
  links: paper.links.slice(0, 2),
};

const models: PaperView = {
  ...paper,
  title: "A <script> & a “quote” walk into a title",
  url: `${site}/papers/2611.90003`,
  interest: "LLM unlearning",
  also: "also: large language models",
};

const taste = "Higher because you liked papers on machine unlearning and by Ada Okafor";

const trending: PaperView = {
  ...paper,
  title: "What a Year of Public Votes Tells about What We Read",
  url: `${site}/papers/2611.90004`,
  interest: undefined,
  excerpt: [{ text: "We follow 31,000 papers and their readers for a year.", hit: false }],
  excerptText: "We follow 31,000 papers and their readers for a year.",
};

const whole: DigestView = {
  date: "Friday, 20 November 2026",
  number: 12,
  count: "3 papers, 1 trending",
  introduction: undefined,
  papers: [
    { paper, ...votes },
    { paper: robots, ...votes },
    { paper: models, ...votes, taste },
  ],
  nearMisses: [
    {
      title: "Robots in the Wild: A Survey of Surveys",
      url: `${site}/papers/2611.90005`,
      why: "All of “robots manipulation survey” but “manipulation”",
    },
    { title: "Thoughts on Chains", url: `${site}/papers/2611.90006`, why: "Most of “chain thought robots”" },
  ],
  trending: [{ paper: trending, ...votes }],
  notes: [
    {
      text: "A paper you had has a new version:",
      title: "Diffusion without Diffusion",
      url: `${site}/papers/2610.90007`,
    },
  ],
  more: "37 more papers matched.",
  moreUrl: `${site}/digests/example#more`,
  receipt: "Read last: Hugging Face 31 papers, arXiv cs.CL 239 papers.",
  problems: ["arXiv cs.RO has not announced its papers yet; they come with the next edition."],
  webUrl: `${site}/digests/example`,
  preferencesUrl: `${site}/preferences/example`,
  unsubscribeUrl: `${site}/unsubscribe/example`,
  baseUrl: site,
};

const bare = { nearMisses: undefined, notes: undefined, problems: undefined, more: undefined, moreUrl: whole.webUrl };

/** A full edition, one of a single paper, and a first one of trending papers alone. */
export const examples: DigestView[] = [
  whole,
  { ...whole, ...bare, number: 13, count: "1 paper", papers: [{ paper: robots, ...votes }], trending: [] },
  {
    ...whole,
    ...bare,
    number: 1,
    count: "1 trending paper",
    introduction:
      "Your first edition: here is what others read. What matches an interest of yours comes as it appears.",
    papers: [],
    trending: [{ paper: trending, ...votes }],
  },
];
