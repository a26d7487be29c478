import type { LayoutView } from "./layout.ts";

/** What `confirm.mjml` and `confirm.txt` show: the mail that asks the owner of an address whether they want what a form said. */
export type ConfirmView = LayoutView & {
  confirmUrl: string;
  /** The interests as typed; none: the trending papers. */
  interests: string[];
  /** "Every day at 8:00 in Europe/Berlin." */
  schedule: string;
  /** The reader is subscribed already: this would change what they get. */
  isChange: boolean;
};

export function subject(view: ConfirmView): string {
  return view.isChange ? "Change your Paper Round digest?" : "Confirm your Paper Round digest";
}

export function preheader(view: ConfirmView): string {
  return view.schedule;
}

const example: ConfirmView = {
  confirmUrl: "http://localhost:3000/confirm/example",
  interests: ['"chain of thought" -survey', "diffusion models", "cat:cs.RO manipulation"],
  schedule: "Every day at 8:00, Europe/Berlin time.",
  isChange: false,
  baseUrl: "http://localhost:3000",
};

export const examples: ConfirmView[] = [example, { ...example, isChange: true }, { ...example, interests: [] }];
