import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { soakPage } from "../../src/cli/report/soak-page.ts";
import { watchPage } from "../../src/cli/report/watch-page.ts";
import { RUNS_AWAY, watchSample } from "../unit/cli/live/samples.ts";
import { leakReport } from "../unit/cli/soak/reports.ts";
import { leastContrast, look, pointsOfLine, tryToGetOut, widths } from "./in-page.mjs";
import { type Browser, type OpenPage, openBrowser } from "./open-browser.ts";

const CONTEXT = {
  options: [["--version", "47"]] as const,
  date: new Date("2026-01-02T03:04:05Z"),
  madeBy: "tfserving 0.1.0 with Node.js v24.0.0",
};
const PLACE = { endpoint: "grpc://127.0.0.1:8500", memory: "process 4711" };
const WINDOWS = [{ fromSecondsAgo: 250, toSecondsAgo: 0, startBytes: 8.2e9, endBytes: 18e9 }];

/** Names that would run a program wherever they were taken for more than text. */
const EVIL = [
  "<script>alert(1)</script>",
  "</script><script>alert(2)</script>",
  "</style><img src=x onerror=alert(3)>",
  `"><svg onload=alert(4)>`,
  "javascript:alert(5)",
].join(" ");

const PAGES = {
  soak: soakPage(leakReport({ limitBytes: 16e9 }), { ...CONTEXT, ...PLACE }),
  watch: watchPage(
    Array.from({ length: 300 }, (_, second) => ({
      ...watchSample({ elapsedMs: second * 1_000 }),
      memory: { ...RUNS_AWAY, bytes: 8e9 + 33e6 * second, windows: WINDOWS },
    })),
    CONTEXT,
  ),
  evil: soakPage(leakReport({ model: EVIL, output: EVIL }), {
    ...CONTEXT,
    endpoint: EVIL,
    memory: EVIL,
    options: [[EVIL, EVIL]],
    madeBy: EVIL,
  }),
};

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await openBrowser();
  folder = await mkdtemp(join(tmpdir(), "tfserving-pages-"));
  for (const [name, page] of Object.entries(PAGES)) await writeFile(join(folder, `${name}.html`), page);
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

const open = (name: keyof typeof PAGES, options?: Parameters<Browser["open"]>[1]): Promise<OpenPage> =>
  browser.open(join(folder, `${name}.html`), options);

describe("an HTML report in a browser", () => {
  it.each([
    ["soak", "Leak"],
    ["watch", "Suspected of a leak"],
  ] as const)(
    "of a %s says its verdict, draws its charts, complains of nothing and asks for nothing",
    async (name, verdict) => {
      const opened = await open(name);
      const said = opened.page.locator(".verdict strong");
      expect(await said.isVisible()).toBe(true);
      expect(await said.textContent()).toBe(verdict);
      expect(await opened.page.locator("canvas").count()).toBe(3);
      for (const points of await opened.page.evaluate(pointsOfLine)) expect(points).toBeGreaterThan(200);
      expect([opened.complaints, opened.requests, opened.dialogs]).toEqual([[], [], []]);
    },
  );

  it("runs nothing that a server has put into its names, and shows them as they are", async () => {
    const opened = await open("evil");
    expect(await opened.page.locator(".verdict p").textContent()).toBe(EVIL);
    expect(await opened.page.locator("script").count()).toBe(2);
    expect(await opened.page.locator("img, svg[onload]").count()).toBe(0);
    expect([opened.complaints, opened.requests, opened.dialogs]).toEqual([[], [], []]);
  });

  it("would not run a foreign program nor reach anybody, even if one got in", async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const opened = await open("soak");
    const refused = await opened.page.evaluate(tryToGetOut, `http://127.0.0.1:${port}`);
    server.close();
    expect(refused).toEqual({
      fetched: "refused",
      violations: ["connect-src", "img-src", "script-src-elem"],
      title: "Soak of ranker: Leak",
    });
    expect(asked).toEqual([]);
  });

  it("shows the values under the pointer", async () => {
    const { page } = await open("soak");
    const legend = page.locator("#memory .legend");
    expect(await legend.textContent()).not.toContain("GB");
    await page.locator("#memory .u-over").hover();
    expect(await legend.textContent()).toMatch(/memory\s*10\.5 GB[\s\S]*at 50 predictions/);
  });

  it.each(["light", "dark"] as const)(
    "can be read in %s: every text has a contrast of 4.5 or more",
    async (colorScheme) => {
      const { page } = await open("soak", { colorScheme });
      expect(await page.evaluate(leastContrast)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it("takes the colours of the moment: dark, light, and light on paper", async () => {
    const { page } = await open("soak", { colorScheme: "dark" });
    const now = () => page.evaluate(look);
    const pictureOf = async () =>
      createHash("sha256")
        .update((await now()).picture)
        .digest("hex");
    const [dark, darkPicture] = [await now(), await pictureOf()];
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(pictureOf, { timeout: 30_000 }).not.toBe(darkPicture);
    const light = await now();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(pictureOf, { timeout: 30_000 }).toBe(darkPicture);
    await page.emulateMedia({ colorScheme: "dark", media: "print" });
    await expect.poll(pictureOf, { timeout: 30_000 }).not.toBe(darkPicture);
    expect((await now()).line).toBe(light.line);
    expect(light.line).not.toBe(dark.line);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it.each([320, 375, 1_600])("fits a window of %i pixels", async (width) => {
    const { page } = await open("soak", { viewport: { width, height: 800 } });
    const { page: wide, charts } = await page.evaluate(widths);
    expect(wide).toBeLessThanOrEqual(width);
    for (const chart of charts) expect(chart).toBeGreaterThan(250);
  });

  it("has everything but the charts without a program", async () => {
    const { page } = await open("soak", { javaScriptEnabled: false });
    expect(await page.locator(".verdict strong").textContent()).toBe("Leak");
    expect(await page.locator("body").textContent()).toContain("The charts need JavaScript");
  });
});
