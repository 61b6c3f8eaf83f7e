import type { IncomingMessage, ServerResponse } from "node:http";
import type { HealthCheck } from "../health-check-type.ts";
import { type HealthClock, systemHealthClock } from "../health-clock.ts";
import { reaches } from "../health-options.ts";
import type { HealthLevel, HealthReport } from "../health-report.ts";
import { OptionChecks } from "../option-checks.ts";
import { type HealthAnswer, toBareAnswer, toHealthAnswer } from "./health-json.ts";

export interface HealthHandlerOptions {
  /** In front of the paths: `/internal` answers `/internal/livez`. @default "" */
  readonly prefix?: string | undefined;
  /**
   * What `/livez` is about.
   *
   * - `server`: whether TensorFlow Serving answers. Right beside the server, where the probe restarts that server.
   * - `process`: whether this process answers. Right in a service that calls a server elsewhere: restarting the service
   *   heals no server, and all its replicas would restart at once.
   * @default "server"
   */
  readonly liveness?: "server" | "process" | undefined;
  /** How long a report is used again, in milliseconds, give or take a fifth so that replicas do not look in step. @default 1_000 */
  readonly cacheMs?: number | undefined;
  /**
   * When to answer at the latest, in milliseconds, with the last report if the new one takes longer: Kubernetes waits 1 s.
   * @default 900
   */
  readonly answerWithinMs?: number | undefined;
  /** How old such a last report may be, in milliseconds. @default 60_000 */
  readonly staleMs?: number | undefined;
}

/**
 * Answers probes. As it is for `node:http` and Express; `fetch` for Hono and what else speaks the web's types; `answer` for
 * all others.
 */
export interface HealthHandler {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
  fetch(request: Request): Promise<Response>;
  /** @returns `undefined` for a path that is none of the handler's */
  answer(path: string): Promise<HealthAnswer | undefined>;
}

interface Route {
  readonly level: HealthLevel;
  readonly details: boolean;
}

const ROUTES: Readonly<Record<string, Route>> = {
  "/livez": { level: "alive", details: false },
  "/startupz": { level: "loaded", details: false },
  "/readyz": { level: "predicts", details: false },
  "/healthz": { level: "predicts", details: true },
};

/** How much of `cacheMs` chance may add or take away. */
const JITTER = 0.2;

/**
 * Makes a handler for probes of a health check: `/livez` (level alive), `/startupz` (loaded), `/readyz` (predicts), each no deeper
 * than the check itself, and `/healthz`, the same as `/readyz` with all that was found. 200 for pass and warn, else 503.
 *
 * A prediction is sent at most every `minIntervalMs` of the check, whoever asks how often. Level `stable` is never
 * reached by a probe.
 *
 * @throws TypeError for an option that is unknown or wrong
 */
export function healthHandler(health: HealthCheck, options: HealthHandlerOptions = {}): HealthHandler {
  const checks = new OptionChecks("healthHandler");
  if (typeof health?.check !== "function")
    throw checks.wrong("the first argument", "made by createHealthCheck()", health);
  checks.known(options, ["prefix", "liveness", "cacheMs", "answerWithinMs", "staleMs"]);
  const { prefix = "", liveness = "server" } = options;
  if (typeof prefix !== "string" || (prefix !== "" && !prefix.startsWith("/")) || prefix.endsWith("/")) {
    throw checks.wrong("prefix", 'a path such as "/internal"', prefix);
  }
  if (liveness !== "server" && liveness !== "process")
    throw checks.wrong("liveness", '"server" or "process"', liveness);
  const probes = new Probes(
    health,
    {
      liveness,
      cacheMs: checks.milliseconds("cacheMs", options.cacheMs, 1_000, 0),
      answerWithinMs: checks.milliseconds("answerWithinMs", options.answerWithinMs, 900, 1),
      staleMs: checks.milliseconds("staleMs", options.staleMs, 60_000, 0),
    },
    systemHealthClock,
  );
  return handlerOf(prefix, probes);
}

function handlerOf(prefix: string, probes: Probes): HealthHandler {
  const routeOf = (path: string): Route | undefined => {
    const [plain = ""] = path.split(/[?#]/, 1);
    const name = plain.startsWith(prefix) ? plain.slice(prefix.length) : "";
    return Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  };

  const handle = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void => {
    const route = routeOf(request.url ?? "");
    if (route === undefined) {
      if (next) next();
      else response.writeHead(404).end();
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    void probes.answer(route).then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
    });
  };

  const fetch = async (request: Request): Promise<Response> => {
    const route = routeOf(new URL(request.url).pathname);
    if (route === undefined) return new Response(null, { status: 404 });
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    }
    const { status, headers, body } = await probes.answer(route);
    return new Response(request.method === "HEAD" ? null : body, { status, headers });
  };

  const answer = async (path: string): Promise<HealthAnswer | undefined> => {
    const route = routeOf(path);
    return route && probes.answer(route);
  };
  return Object.assign(handle, { fetch, answer });
}

interface ProbeSettings {
  readonly liveness: "server" | "process";
  readonly cacheMs: number;
  readonly answerWithinMs: number;
  readonly staleMs: number;
}

/** The last report of each level, and the look under way. */
export class Probes {
  readonly #health: HealthCheck;
  readonly #settings: ProbeSettings;
  readonly #clock: HealthClock;
  readonly #random: () => number;
  readonly #kept = new Map<
    HealthLevel,
    { readonly report: HealthReport; readonly at: number; readonly until: number }
  >();
  readonly #looking = new Map<HealthLevel, Promise<HealthReport>>();

  constructor(health: HealthCheck, settings: ProbeSettings, clock: HealthClock, random: () => number = Math.random) {
    this.#health = health;
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  async answer({ level, details }: Route): Promise<HealthAnswer> {
    if (level === "alive" && this.#settings.liveness === "process") return toBareAnswer("pass", "this process answers");
    const depth = reaches(this.#health.level, level) ? level : this.#health.level;
    const report = await this.#reportOf(depth);
    if (report !== undefined) return toHealthAnswer(report, this.#health.model, details);
    const waited = `${this.#settings.answerWithinMs} ms`;
    return toBareAnswer(
      "inconclusive",
      `the check is not done after ${waited}, and there is no young report; ask again`,
    );
  }

  async #reportOf(level: HealthLevel): Promise<HealthReport | undefined> {
    const kept = this.#kept.get(level);
    const now = this.#clock.now();
    if (kept !== undefined && now < kept.until) return aged(kept, now);
    const report = await this.#within(this.#look(level));
    if (report !== undefined) return report;
    const later = this.#clock.now();
    return kept !== undefined && later - kept.at <= this.#settings.staleMs ? aged(kept, later) : undefined;
  }

  #look(level: HealthLevel): Promise<HealthReport> {
    let looking = this.#looking.get(level);
    if (looking === undefined) {
      looking = this.#health
        .check({ level })
        .then((report) => {
          const at = this.#clock.now();
          const cacheMs = this.#settings.cacheMs * (1 + JITTER * (2 * this.#random() - 1));
          this.#kept.set(level, { report, at, until: at + cacheMs });
          return report;
        })
        .finally(() => this.#looking.delete(level));
      this.#looking.set(level, looking);
    }
    return looking;
  }

  #within(looking: Promise<HealthReport>): Promise<HealthReport | undefined> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(undefined), this.#settings.answerWithinMs);
      const end = (report?: HealthReport) => {
        this.#clock.clearTimeout(timer);
        resolve(report);
      };
      // A check of the caller's own may reject; one made here does not.
      looking.then(end, () => end());
    });
  }
}

function aged({ report, at }: { readonly report: HealthReport; readonly at: number }, now: number): HealthReport {
  return { ...report, ageMs: report.ageMs + Math.round(now - at) };
}
