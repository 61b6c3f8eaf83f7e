import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** A page that is open, and what happened while it was. */
export interface OpenPage {
  readonly page: Page;
  /** Errors, warnings and refusals of its policy, and exceptions of its program. */
  readonly complaints: string[];
  /** Everything that was asked for but the page itself. */
  readonly requests: string[];
  readonly dialogs: string[];
}

export interface Browser {
  open(file: string, options?: BrowserContextOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Chromium that talks to nobody by itself, with an empty profile. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"];
  if (executablePath === undefined) throw new Error("CHROMIUM is not set: run this by `npm run test:browser`");
  const scratch = await mkdtemp(join(tmpdir(), "tfserving-browser-"));
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, HOME: scratch, XDG_CONFIG_HOME: scratch, XDG_CACHE_HOME: scratch },
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const contexts: BrowserContext[] = [];
  return {
    open: async (file, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1_000, height: 900 }, ...options });
      contexts.push(context);
      const page = await context.newPage();
      const open: OpenPage = { page, complaints: [], requests: [], dialogs: [] };
      page.on("console", (message) => {
        if (message.type() !== "log") open.complaints.push(message.text());
      });
      page.on("pageerror", (error) => open.complaints.push(error.message));
      page.on("dialog", (dialog) => {
        open.dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      const url = `file://${file}`;
      page.on("request", (request) => {
        if (request.url() !== url) open.requests.push(request.url());
      });
      await page.goto(url);
      if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-drawn]");
      return open;
    },
    close: async () => {
      for (const context of contexts) await context.close();
      await browser.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
