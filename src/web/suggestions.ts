import { html } from "hono/html";
import { asRead } from "../interests/language.ts";
import { recentSubjects } from "../papers/subjects.ts";
import type { Html, Web } from "./page.ts";

const shown = 4;
const keptFor = { minutes: 30 };

/** What the newest papers are about, read now and then. */
export class Subjects {
  private known: { subjects: Promise<string[]>; until: Temporal.Instant } | undefined;

  read({ sql, clock }: Web): Promise<string[]> {
    const now = clock();
    if (!this.known || Temporal.Instant.compare(this.known.until, now) <= 0) {
      const subjects = recentSubjects(sql, now);
      // Who comes next tries again.
      subjects.catch(() => {
        this.known = undefined;
      });
      this.known = { subjects, until: now.add(keptFor) };
    }
    return this.known.subjects;
  }
}

/** Interests that go on with the line that is being typed, or else that are not there yet. A tap takes one over. */
export function suggestions(subjects: string[], interests: string, line: number | undefined, action: string): Html {
  const lines = interests.split(/\r\n|\r|\n/).map((it) => it.trim());
  const typed = lines[line ?? lines.length - 1] ?? "";
  const bare = typed.replace(/"/g, "").toLowerCase();
  const others = subjects.filter((subject) => !lines.some((it) => it.toLowerCase().includes(subject)));
  const last = bare.split(/\s+/).at(-1) ?? "";
  const going = others.filter((it) => it.startsWith(bare) || it.split(" ").some((word) => word.startsWith(last)));
  const offered = last.length > 1 && going.length > 0 ? going : others;
  return html`${offered.slice(0, shown).map((subject) => {
    const replaces = bare !== "" && subject.startsWith(bare);
    return changeButton(action, replaces ? typed : "", `"${subject}"`, html`+ ${subject}`);
  })}`;
}

/**
 * A button of the form that puts one interest in the place of another, or adds it. It works without
 * script: `action` shows the form with the change.
 */
export function changeButton(action: string, from: string, to: string, words: Html): Html {
  return html`<button class="chip" type="submit" form="subscribing" formaction="${action}" formnovalidate name="change" value="${JSON.stringify([from, to])}">${words}</button>`;
}

/** The interests with the change that such a button asks for. */
export function applyChange(interests: string, change: string): string {
  const [from, to] = readChange(change);
  if (!to) return interests;
  const lines = interests.split(/\r\n|\r|\n/);
  const at = from ? lines.findIndex((line) => asRead(line) === from) : -1;
  if (at >= 0) return lines.with(at, to).join("\n");
  return [...lines.filter((line) => line.trim()), to].join("\n");
}

function readChange(change: string): [from: string, to: string] {
  try {
    const [from, to] = JSON.parse(change);
    if (typeof from === "string" && typeof to === "string") return [from.trim(), to.trim()];
  } catch {
    // Not one of our buttons.
  }
  return ["", ""];
}
