import { type Answer, Bm25, PlainSearch } from "./baselines.ts";
import { keywordQuestions, type Question, readDocuments, readJudgements } from "./collection.ts";
import { type Measures, mean, measure } from "./measures.ts";
import { PaperRound } from "./paper_round.ts";
import { printTable, withDatabase } from "./setup.ts";

type Options = { corpus: string | undefined; judgements: string | undefined; carriers: number | undefined };

/** Of keywords that fewer papers carry, the order says little. */
const fewestCarriers = 5;

/**
 * How well hits and their order agree with what people judged, beside PostgreSQL's own search and BM25. Without judgements the
 * keywords of the papers are asked for, and the papers that carry each are what should be found.
 */
export async function benchRanking({ corpus, judgements, carriers = fewestCarriers }: Options): Promise<void> {
  if (!corpus)
    return console.log("ranking: needs --corpus, a file or folder of papers with keywords, or one with --judgements\n");
  const documents = await readDocuments(corpus);
  const questions = judgements ? await readJudgements(judgements, documents) : keywordQuestions(documents, carriers);
  const asked = judgements ? `questions of ${judgements}` : `keywords, each carried by ${carriers} papers or more`;
  if (questions.length === 0) throw new Error(`${corpus}: there are no ${asked}`);
  console.log(`ranking: ${documents.length} papers of ${corpus}; ${questions.length} ${asked}\n`);
  await withDatabase(async (sql) => {
    const texts = questions.map((question) => question.text);
    const round = await PaperRound.index(sql, documents, texts);
    const plain = await PlainSearch.index(sql, documents);
    const bm25 = await Bm25.index(sql, documents, texts);
    const ways: [string, Answer[]][] = [
      ["Paper Round", texts.map((_, place) => round.answer(place))],
      ["Paper Round, with the nearest", await Promise.all(texts.map((_, place) => round.answerWithNearest(place)))],
      ["websearch_to_tsquery, ts_rank", await Promise.all(texts.map((text) => plain.answer(text)))],
      ["BM25", texts.map((text) => bm25.answer(text))],
    ];
    const measured = ways.map(([way, answers]) => ({ way, measures: measureAll(questions, answers) }));
    const names = [
      "questions",
      "way",
      "recall",
      "recall of the first 100",
      "precision at 10",
      "nDCG@10",
      "hits",
      "better",
      "worse",
    ];
    printTable([names, ...groupsOf(texts).flatMap(([group, places]) => rowsOf(group, places, measured))]);
  });
}

function measureAll(questions: Question[], answers: Answer[]): Measures[] {
  return questions.map(({ relevant }, place) => {
    const { found, best } = answers[place] as Answer;
    return measure(relevant, found, best);
  });
}

/** The questions by kind, and each second of them: what is better in one half only is chance. */
function groupsOf(texts: string[]): [string, number[]][] {
  const places = texts.map((_, place) => place);
  const groups: [string, (text: string, place: number) => boolean][] = [
    ["all", () => true],
    ["one word", (text) => !text.includes(" ") && !isAcronym(text)],
    ["several words", (text) => text.includes(" ")],
    ["acronyms", isAcronym],
    ["even", (_, place) => place % 2 === 0],
    ["odd", (_, place) => place % 2 === 1],
  ];
  return groups
    .map(([name, isIn]): [string, number[]] => [name, places.filter((place) => isIn(texts[place] as string, place))])
    .filter(([, members]) => members.length > 0);
}

/** `LLMs`, `LoRA`, `3DGS`, `k-NN`: one word with two capitals. */
function isAcronym(text: string): boolean {
  return /^\S+$/.test(text) && /\p{Lu}.*\p{Lu}/u.test(text);
}

/** A row for each way; of the others, how many questions Paper Round orders better than they do, and how many worse. */
function rowsOf(group: string, places: number[], measured: { way: string; measures: Measures[] }[]): string[][] {
  const pick = ({ measures }: { measures: Measures[] }) => places.map((place) => measures[place] as Measures);
  const ours = pick(measured[0] as { measures: Measures[] });
  return measured.map((it, at) => {
    const theirs = pick(it);
    const { recall, recallOfFirst, precision, gain, hits } = mean(theirs);
    const count = (sign: number) =>
      at === 0
        ? ""
        : String(ours.filter((own, place) => Math.sign(own.gain - (theirs[place] as Measures).gain) === sign).length);
    const figures = [recall, recallOfFirst, precision, gain].map((share) => share.toFixed(3));
    return [`${group} (${places.length})`, it.way, ...figures, hits.toFixed(1), count(1), count(-1)];
  });
}
