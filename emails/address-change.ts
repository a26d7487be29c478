import type { LayoutView } from "./layout.ts";

/** What `address-change.mjml` and `address-change.txt` show: the mail that asks the new address. */
export type AddressChangeView = LayoutView & {
  confirmUrl: string;
  /** Masked, as in "r…@example.org": the new address may be mistyped, and its owner a stranger. */
  oldAddress: string;
  /** How long the link works: "seven days". */
  validFor: string;
};

export function subject(_view: AddressChangeView): string {
  return "Shall Paper Round come to this address?";
}

export function preheader(view: AddressChangeView): string {
  return `It goes to ${view.oldAddress} now.`;
}

export const examples: AddressChangeView[] = [
  {
    confirmUrl: "http://localhost:3000/confirm/example",
    oldAddress: "a…@example.org",
    validFor: "seven days",
    baseUrl: "http://localhost:3000",
  },
];
