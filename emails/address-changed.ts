import type { LayoutView } from "./layout.ts";

/** What `address-changed.mjml` and `address-changed.txt` show: what the old address is told, after the new one has confirmed. */
export type AddressChangedView = LayoutView & {
  /** Masked, as in "r…@example.org". */
  newAddress: string;
  /** Where the change can be taken back, if it can. */
  undoUrl?: string | undefined;
};

export function subject(_view: AddressChangedView): string {
  return "Your Paper Round goes to another address now";
}

export function preheader(_view: AddressChangedView): string {
  return "What to do if that was not you.";
}

const example: AddressChangedView = { newAddress: "o…@example.net", baseUrl: "http://localhost:3000" };

export const examples: AddressChangedView[] = [
  example,
  { ...example, undoUrl: "http://localhost:3000/address/example" },
];
