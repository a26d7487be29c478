import fc from "fast-check";
import { expect, test } from "vitest";
import { findDefinitions } from "../../src/interests/definitions.ts";

const read = (text: string) => findDefinitions(text).map(({ short, long }) => `${short} = ${long}`);

test.each([
  ["We prompt large language models (LLMs) every day.", "LLM = large language models"],
  ["A Large Language Model (LLM) writes it.", "LLM = Large Language Model"],
  ["It needs Chain-of-Thought (CoT) prompts.", "CoT = Chain-of-Thought"],
  ["with Retrieval-Augmented Generation (RAG)", "RAG = Retrieval-Augmented Generation"],
  ["tuned by Low-Rank Adaptation (LoRA)", "LoRA = Low-Rank Adaptation"],
  ["a sparse Mixture-of-Experts (MoE) layer", "MoE = Mixture-of-Experts"],
  ["Structured State Space Models (SSMs) are fast.", "SSM = State Space Models"],
  ["We train it with Proximal Policy Optimization (PPO).", "PPO = Proximal Policy Optimization"],
  ["Group Relative Policy Optimization(GRPO)", "GRPO = Group Relative Policy Optimization"],
  ["on the Abstraction and Reasoning Corpus (ARC)", "ARC = Abstraction and Reasoning Corpus"],
  ["classical autoregressive (AR) decoding", "AR = autoregressive"],
  ["signals of electroencephalography (EEG)", "EEG = electroencephalography"],
  ["in Alzheimer's disease (AD)", "AD = Alzheimer's disease"],
  ["the k-nearest neighbors (k-NN) of a point", "k-NN = k-nearest neighbors"],
  ["with the Segment Anything Model 3 (SAM 3)", "SAM 3 = Segment Anything Model 3"],
  ["by 3D Gaussian splatting (3DGS)", "3DGS = 3D Gaussian splatting"],
  ["text-to-image (T2I) models", "T2I = text-to-image"],
  ["vehicle-to-everything (V2X) radio", "V2X = vehicle-to-everything"],
  ["explainable AI (XAI) is asked for", "XAI = explainable AI"],
  ["learning from “human preference data” (HPD)", "HPD = human preference data"],
  ["Findable, Accessible, Interoperable, Reusable (FAIR) data", "FAIR = Findable, Accessible, Interoperable, Reusable"],
])("%s defines %s", (text, definition) => {
  expect(read(text)).toEqual([definition]);
});

test.each([
  ["We present MoLT (Mixture of Little Things), a method.", "MoLT = Mixture of Little Things"],
  ["LLMs (large language models) are large.", "LLM = large language models"],
  ["GRIT (the Graph Is a Tree; see below)", "GRIT = Graph Is a Tree"],
  ["an HHH (helpful, honest, and harmless) assistant", "HHH = helpful, honest, and harmless"],
  ["RAG (retrieval-augmented generation, of course)", "RAG = retrieval-augmented generation"],
  ["SLATE (Synthetic Large-scale API Toolkit for Everyone)", "SLATE = Synthetic Large-scale API Toolkit for Everyone"],
])("with the acronym first: %s defines %s", (text, definition) => {
  expect(read(text)).toEqual([definition]);
});

test.each([
  ["large language models (LLMs; e.g., GPT)", "LLM = large language models"],
  ["large language models (LLM, henceforth)", "LLM = large language models"],
  ['vision transformers ("ViTs")', "ViT = vision transformers"],
])("what follows the acronym in the bracket is no part of it: %s", (text, definition) => {
  expect(read(text)).toEqual([definition]);
});

test.each([
  ["multi-modal large language models (MLLMs)", "MLLM = multi-modal large language models"],
  ["Test-Time Prompt Tuning (TPT)", "TPT = Test-Time Prompt Tuning"],
  ["over-the-air computation (AirComp)", "AirComp = air computation"],
  ["a human-large language model (LLM) team", "LLM = large language model"],
])("%s: the long form begins behind a hyphen only if the word begins with another letter", (text, definition) => {
  expect(read(text)).toEqual([definition]);
});

test.each([
  ["\\textbf{L}arge \\emph{Language} Models (\\textbf{LLM}s)", "LLM = Large Language Models"],
  ["$k$-Nearest Neighbors ($k$-NN)", "k-NN = k-Nearest Neighbors"],
  ["{\\bf Deep} Learning~(DL)", "DL = Deep Learning"],
  ["**M**ixture **o**f **E**xperts (MoE)", "MoE = Mixture of Experts"],
  ["large\n  language   models (LLMs)", "LLM = large language models"],
])("%j is read without the marks and the line breaks", (text, definition) => {
  expect(read(text)).toEqual([definition]);
});

test.each([
  "In the year 2020 (2020) it rained.",
  "First (i) idle, then (a) asleep, at last (II) awake.",
  "improve the image, and (II) interpret it",
  "as the figure tells (Fig. 2)",
  "as Smith et al. (Smith et al.) say",
  "better by twelve per cent (12%)",
  "shown elsewhere (see below)",
  "optimal results (ours) or others (or)",
  "some tokens (e.g. the first)",
  "a great number (N=30) of people",
  "two distillation encoders (DINO, CLIP) and one more",
  "on four LLMs (Llama 3.1, Gemma 2 and Mistral) and three LLMs (LLaMA)",
  "a focus on low recognition of speech (ASR)",
  "mechanisms, with the largest gains under non-random missingness (MNAR)",
  "We like large LLM models (LLM).",
  "Large things end. Language models (LLM) begin.",
  "large (language) models (LLM)",
  "LLM (LLMs)",
  "(LLM)",
  "O(N2) and f(X1)",
])("%s defines nothing", (text) => {
  expect(read(text)).toEqual([]);
});

test("definitions come in their order, each pair once", () => {
  const text =
    "Reinforcement learning (RL) of language models (LMs) is reinforcement learning (RL); run length (RL) is not.";
  expect(read(text)).toEqual([
    "RL = Reinforcement learning",
    "LM = language models",
    "RL = reinforcement learning",
    "RL = run length",
  ]);
});

test("a short form has 2 to 10 characters and two words at most", () => {
  expect(read("Alpha (A), deep nets Beta (DNB), quite a tall hat (QA TA HA), ABCDEFGHIJ KLMNOP (ABCDEFGHIJK)")).toEqual(
    ["DNB = deep nets Beta"],
  );
});

const pieces = [
  "(",
  ")",
  " ",
  "-",
  ";",
  ", ",
  ". ",
  "'",
  "’",
  "s",
  "A",
  "b",
  "AB",
  "LLMs",
  "large ",
  "language ",
  "models ",
  "é",
  "İ",
  "ß",
  "2",
  "to ",
  "\n",
  "\ud800",
];

test("whatever the text, what is found stands in it, and is longer than what is short", () => {
  const texts = fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const marks = /\\[a-zA-Z]+\*?\s*(?=\{)|\\(it|bf|em|sc|tt|rm)\b|\*\*|[\\${}^]/g;
      const plain = text.replace(marks, "").replace(/[\s~]+/g, " ");
      for (const { short, long } of findDefinitions(text)) {
        expect(plain).toContain(long);
        expect(plain).toContain(short);
        expect(short.length).toBeGreaterThanOrEqual(2);
        expect(short.length).toBeLessThanOrEqual(10);
        expect(long.length).toBeGreaterThan(short.length);
        expect(long.split(" ").length).toBeLessThanOrEqual(Math.min(short.length + 5, 2 * short.length));
      }
    }),
    { numRuns: 5000 },
  );
});

test("a phrase and its initials in a bracket are a definition", () => {
  const word = fc.string({ unit: fc.constantFrom(..."bcdghklmnprst"), minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 6 }), fc.constantFrom(" ", "-"), (words, gap) => {
      const long = words.join(gap);
      const short = words.map((it) => it.charAt(0).toUpperCase()).join("");
      expect(read(`We use ${long} (${short}s).`)).toEqual([`${short} = ${long}`]);
    }),
  );
});

const million = 1_000_000;

test.each([
  ["opened brackets", "("],
  ["brackets of letters", "aa (AAA) "],
  ["brackets with nothing to find", "(AAAAAAAAA)"],
  ["hyphens before every bracket", `${"a-".repeat(100)} (AAAAAAAAAA) `],
  ["brackets that never close", "(AB ab "],
  ["acronyms before long brackets", `ABABABABAB (${"a-b ".repeat(50)}) `],
  ["one endless word", "a"],
  ["spaces", " "],
  ["commands", "\\a"],
  ["commands and spaces", "\\a      "],
  ["quotation marks in a bracket", `(${'"'.repeat(200)}) `],
])("a million characters of %s take linear time", (_, unit) => {
  const text = unit.repeat(Math.ceil(million / unit.length));
  const start = performance.now();
  findDefinitions(text);
  expect(performance.now() - start).toBeLessThan(5000);
});
