import type { LayoutView } from "./layout.ts";

/** What `preferences-link.mjml` and `preferences-link.txt` show: the answer to a reader who asked for their link. */
export type PreferencesLinkView = LayoutView & {
  preferencesUrl: string;
  unsubscribeUrl: string;
};

export function subject(_view: PreferencesLinkView): string {
  return "The link to your Paper Round preferences";
}

export function preheader(_view: PreferencesLinkView): string {
  return "Change what you look for, and when it comes.";
}

export const examples: PreferencesLinkView[] = [
  {
    preferencesUrl: "http://localhost:3000/preferences/example",
    unsubscribeUrl: "http://localhost:3000/unsubscribe/example",
    baseUrl: "http://localhost:3000",
  },
];
