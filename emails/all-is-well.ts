import type { Note } from "./digest.ts";
import type { LayoutView } from "./layout.ts";

/** What `all-is-well.mjml` and `all-is-well.txt` show: the note, to who asked for it, that nothing matched. */
export type AllIsWellView = LayoutView & {
  date: string;
  number: number;
  /** The interests as typed; none: the trending papers. */
  interests: string[];
  /** News of papers that the reader has had. */
  notes?: Note[] | undefined;
  /** What was read. */
  receipt: string;
  /** What failed or is late, each a sentence. */
  problems?: string[] | undefined;
  preferencesUrl: string;
  unsubscribeUrl: string;
};

export function subject(view: AllIsWellView): string {
  return view.problems?.length ? "Nothing new for you, but not all could be read" : "Nothing new for you; all is well";
}

export function preheader(view: AllIsWellView): string {
  return view.problems?.[0] ?? view.receipt;
}

const example: AllIsWellView = {
  date: "Saturday, 21 November 2026",
  number: 13,
  interests: ['"chain of thought" -survey', "diffusion models", "cat:cs.RO manipulation"],
  receipt: "Read last: Hugging Face 31 papers, arXiv cs.CL 239 papers.",
  preferencesUrl: "http://localhost:3000/preferences/example",
  unsubscribeUrl: "http://localhost:3000/unsubscribe/example",
  baseUrl: "http://localhost:3000",
};

export const examples: AllIsWellView[] = [
  example,
  {
    ...example,
    interests: [],
    receipt: "Read last: Hugging Face 0 papers.",
    notes: [
      {
        text: "A paper you had has a new version:",
        title: "Diffusion without Diffusion",
        url: "http://localhost:3000/papers/2610.90007",
      },
    ],
    problems: ["arXiv cs.CL could not be read; what it has comes with a later edition."],
  },
];
