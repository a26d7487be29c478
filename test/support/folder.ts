import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whenFileEnds } from "./cleanup.ts";

const home = mkdtempSync(join(tmpdir(), "paper-round-test-"));
// Everybody may enter, the account of an embedded PostgreSQL too.
chmodSync(home, 0o755);
whenFileEnds(() => rmSync(home, { recursive: true, force: true }));
let made = 0;

/** A new folder, gone when the test file is done. */
export function temporaryFolder(): string {
  const folder = join(home, String(++made));
  mkdirSync(folder);
  return folder;
}
