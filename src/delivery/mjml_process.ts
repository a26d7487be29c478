import { once } from "node:events";
import mjml from "mjml";
import type { Rendered } from "./mjml.ts";

// The process of `renderPages`. It ends with its channel.
const [sources] = (await once(process, "message")) as [string[]];
const rendered = sources.map(async (source): Promise<Rendered> => {
  const { html, errors } = await mjml(source, { validationLevel: "strict", keepComments: false, fonts: {} });
  return { html, errors: errors.map((it) => it.formattedMessage) };
});
process.send?.(await Promise.all(rendered), () => process.disconnect?.());
