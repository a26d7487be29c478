/** What `layout.mjml` and `layout.txt` show around every mail: masthead and foot. Everything is plain text; it is escaped. */
export type LayoutView = {
  baseUrl: string;
  /** The line under the name: "Friday, 20 November 2026", the number of the edition, and how its contents are counted. */
  date?: string | undefined;
  number?: number | undefined;
  count?: string | undefined;
  webUrl?: string | undefined;
  preferencesUrl?: string | undefined;
  /** Shown near the top and in the foot. A mail to who is not subscribed has none. */
  unsubscribeUrl?: string | undefined;
};
