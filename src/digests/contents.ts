/** What a digest shows, kept with it, so that the mail is the same whenever it is made. */
export type Contents = {
  /** Best first; those without an interest are there because they trend, and come behind; near misses come last. */
  papers: Entry[];
  /** Those that papers are there for; in an edition without papers, a note that says what was looked for, all of them. */
  interests?: Wanted[];
  /** News of papers that the reader has had, where they ask for it. */
  notes?: Note[];
};

/** An interest as the reader typed it then. `query` is 0 where it was not kept, in notes of long ago. */
export type Wanted = { query: number; typed: string };

export type Note = { paper: number; revision?: number; kind: "version" | "code" | "votes" };

export type Entry = {
  paper: number;
  /** The text as it was (see `paper_revisions`); 1 where it is not said. */
  revision?: number | undefined;
  /** Its place among the interests, from 0. */
  interest?: number | undefined;
  /** It only came near the query: a lexeme of the part that it lacks. */
  near?: string | undefined;
  upvotes?: number | undefined;
  comments?: number | undefined;
  /** How the reader's votes moved it, in words: "Higher because you liked papers on harbours". */
  taste?: string | undefined;
};
