import type { LayoutView } from "./layout.ts";

/** What `goodbye.mjml` and `goodbye.txt` show: the last mail, to who has unsubscribed by the page with the button. */
export type GoodbyeView = LayoutView & {
  /** Where it can be taken back, and for how long ("an hour"), if it can. */
  undoUrl?: string | undefined;
  undoFor?: string | undefined;
  /** Where papers can be asked for again. */
  subscribeUrl: string;
};

export function subject(_view: GoodbyeView): string {
  return "You get no more papers from Paper Round";
}

export function preheader({ undoUrl }: GoodbyeView): string {
  return undoUrl ? "If it was not you, or you think again, you can take it back." : "Thank you for reading.";
}

const example: GoodbyeView = { subscribeUrl: "http://localhost:3000/subscribe", baseUrl: "http://localhost:3000" };

export const examples: GoodbyeView[] = [
  example,
  { ...example, undoUrl: "http://localhost:3000/resubscribe/example", undoFor: "an hour" },
];
