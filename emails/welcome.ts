import type { LayoutView } from "./layout.ts";

/** What `welcome.mjml` and `welcome.txt` show: the first mail to who has confirmed. */
export type WelcomeView = LayoutView & {
  /** The interests as typed; none: the trending papers. */
  interests: string[];
  /** When the first digest comes, and what if there is nothing for it. */
  first: string;
  /** "Every day at 8:00, Europe/Berlin time." */
  schedule: string;
  preferencesUrl: string;
  unsubscribeUrl: string;
};

export function subject(_view: WelcomeView): string {
  return "Welcome to Paper Round";
}

export function preheader(view: WelcomeView): string {
  return view.first;
}

const example: WelcomeView = {
  interests: ['"chain of thought" -survey', "diffusion models", "cat:cs.RO manipulation"],
  first:
    "Your first digest comes within minutes, with what matched in the last seven days. If nothing did, we look again on Saturday 21 November at 8:00.",
  schedule: "Every day at 8:00, Europe/Berlin time.",
  preferencesUrl: "http://localhost:3000/preferences/example",
  unsubscribeUrl: "http://localhost:3000/unsubscribe/example",
  baseUrl: "http://localhost:3000",
};

export const examples: WelcomeView[] = [
  example,
  { ...example, interests: [], first: "Your first digest comes within minutes, with what others read." },
];
