/**
 * The style and the program of the HTML reports as one TypeScript module, the chart library in it: what the command line
 * writes into a page, and needs neither a file beside it nor a network for. Part of `npm run generate`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = "uplot";

/** Writes `report/page.ts` into a folder. */
export async function writeReportPage(folder) {
  const page = (name) => join(root, "src", "cli", "report", "page", name);
  const library = join(root, "node_modules", PACKAGE);
  const program = await bundle({ entryPoints: [page("program.js")], format: "iife", target: "es2022" });
  const style = await bundle({
    stdin: {
      contents: `@import "uplot/dist/uPlot.min.css";\n@import "./style.css";`,
      loader: "css",
      resolveDir: page(""),
    },
  });
  const { version } = JSON.parse(readFileSync(join(library, "package.json"), "utf8"));
  // Whoever has a report has a copy of the library, and is to find its licence there too.
  const notice = `/*! ${PACKAGE} ${version}\n${readFileSync(join(library, "LICENSE"), "utf8").trim()} */\n`;
  const text = [
    "// Made by `npm run generate` (scripts/report-page.mjs) from src/cli/report/page/. Do not edit.",
    `// Holds code of: ${PACKAGE}`,
    "",
    "/** The style of a report. */",
    `export const STYLE = ${literal(style)};`,
    "",
    "/** The program of a report: draws its charts. */",
    `export const PROGRAM = ${literal(notice + program)};`,
    "",
  ].join("\n");
  mkdirSync(join(folder, "report"), { recursive: true });
  writeFileSync(join(folder, "report", "page.ts"), text);
}

async function bundle(options) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return outputFiles[0].text.trim();
}

/** A string that cannot end the element that it will stand in. */
function literal(text) {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error("the page's code would end its own element");
  return JSON.stringify(text);
}
