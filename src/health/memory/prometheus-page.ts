import { OptionChecks } from "../option-checks.ts";
import { type BoundedGet, boundedGet, readUrl } from "./bounded-http.ts";
import type { PrometheusSample } from "./parse-prometheus-line.ts";
import { PrometheusScanner, type ScanReport } from "./prometheus-scanner.ts";

/** How a page is asked for. */
export interface PageOptions {
  /** Sent with each request, for example `authorization`. A function is asked each time. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>) | undefined;
  /** Certificates to trust, as PEM. @default those of the system's Node.js */
  readonly ca?: string | Uint8Array | undefined;
}

export const PAGE_OPTIONS = ["headers", "ca"];

/** A page of metrics: the samples of the names that are wanted, and what was left out. */
export interface PrometheusPage {
  readonly samples: readonly PrometheusSample[];
  readonly report: ScanReport;
}

/** A page that can be read again and again. */
export class PageReader {
  readonly url: URL;
  readonly #options: PageOptions;

  /** @throws TypeError naming the caller's option that is wrong */
  constructor(caller: string, url: unknown, options: PageOptions) {
    const checks = new OptionChecks(caller);
    this.url = readUrl(caller, "the address", url);
    const { headers, ca } = options;
    if (headers !== undefined && typeof headers !== "function") {
      checks.record("headers", headers, "an object of header values by name, or a function");
    }
    if (ca !== undefined && typeof ca !== "string" && !(ca instanceof Uint8Array)) {
      throw checks.wrong("ca", "PEM text or its bytes", typeof ca);
    }
    this.#options = options;
  }

  async read(wanted: (name: string) => boolean, signal: AbortSignal): Promise<PrometheusPage> {
    const samples: PrometheusSample[] = [];
    const scanner = new PrometheusScanner(wanted, (sample) => samples.push(sample));
    const get: BoundedGet = {
      url: this.url,
      ...requestOf(this.#options),
      signal,
      onChunk: (chunk) => scanner.push(chunk),
    };
    await boundedGet(get);
    return { samples, report: scanner.end() };
  }
}

export function requestOf({ headers, ca }: PageOptions): Pick<BoundedGet, "headers" | "ca"> {
  return { headers: typeof headers === "function" ? headers() : headers, ca };
}
