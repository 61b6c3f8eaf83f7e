import { seededRandom } from "../../../src/internal/seeded-random.ts";
import type { Arrivals } from "./arrivals.ts";
import { AbortedByTest } from "./find-breaches.ts";
import { freePort } from "./free-port.ts";
import type { Http1Server } from "./http1-server.ts";
import type { Http2Server } from "./http2-server.ts";
import type { Laboratory } from "./laboratory.ts";
import type { Outcome } from "./ledger.ts";
import { Scenario } from "./scenario.ts";

export interface ChurnOptions {
  /** At least so many. */
  readonly calls: number;
  /** At least so many of them have to be answered: on a slow machine it takes more calls. @default 0 */
  readonly answers?: number;
  readonly seed: number;
  /** Calls under way at a time. @default 32 */
  readonly concurrency?: number;
  /** Share of the requests that the server fails. @default 0.25 */
  readonly faults?: number;
  /**
   * The server ends with all its connections and comes back, after this many answers each time: what fails at once
   * while it is away does not count, or it would be gone again before anybody had found it. @default 250
   */
  readonly restartEvery?: number;
}

export interface ChurnResult {
  readonly begun: number;
  readonly settled: number;
  readonly answered: number;
  /** Latest settlement after a deadline, in milliseconds. */
  readonly latestMs: number;
  readonly attempts: number;
  /** Requests that the servers took on. */
  readonly arrived: number;
  readonly restarts: number;
  readonly kinds: ReadonlyMap<string, number>;
  readonly struck: ReadonlyMap<string, number>;
}

/**
 * Many calls through a server that fails in every way it knows, and now and then goes away with all its connections.
 * Deadlines, aborts and faults come from the seed, so that a run that breaks the law can be had again.
 */
export async function churn(lab: Laboratory, options: ChurnOptions): Promise<ChurnResult> {
  const { calls, answers = 0, seed, concurrency = 32, faults = 0.25, restartEvery = 250 } = options;
  const random = seededRandom(seed);
  const scenario = new Scenario(seededRandom(seed + 1), faults);
  const servers: (Http1Server | Http2Server)[] = [];
  const start = async (port?: number) => {
    const server = await lab.server(scenario.scripts, port);
    servers.push(server);
    return server;
  };
  let server = await start(await freePort());
  const { address, port } = server;
  const client = lab.client(address, { connectTimeoutMs: 500 });
  let begun = 0;
  let answered = 0;
  let restarting: Promise<void> | undefined;

  const restart = async () => {
    await server.close();
    server = await start(port);
    restarting = undefined;
  };
  const count = ({ value }: Outcome) => {
    if (value === undefined) return;
    // A server that is down for a moment is one fault more; no call waits for it.
    if (++answered % restartEvery === 0) restarting ??= restart();
  };
  const worker = async () => {
    while (begun < calls || answered < answers) {
      begun++;
      // Most deadlines cut something off; some leave the time for an answer on any machine.
      const timeoutMs = random() < 0.4 ? 2_000 : 40 + Math.floor(random() * 200);
      if (random() < 0.05) {
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort(new AbortedByTest()), random() * 20);
        count(await lab.ask(client, { timeoutMs, signal: controller.signal }));
        clearTimeout(timer);
      } else {
        count(await lab.ask(client, { timeoutMs }));
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await restarting;

  const { outcomes } = lab.ledger;
  const arrivals = servers.flatMap((each: { readonly arrivals: Arrivals }) => each.arrivals.all);
  const kinds = new Map<string, number>();
  for (const { error, rejection, value } of outcomes) {
    const kind =
      value !== undefined ? "answered" : (error?.kind ?? (rejection instanceof AbortedByTest ? "aborted" : "?"));
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return {
    begun,
    settled: outcomes.length,
    answered,
    latestMs: Math.max(...outcomes.map(({ lateMs }) => lateMs)),
    attempts: outcomes.reduce((sum, { attempts }) => sum + attempts.length, 0),
    arrived: arrivals.filter(({ processed, call }) => processed && call !== undefined).length,
    restarts: servers.length - 1,
    kinds,
    struck: scenario.struck,
  };
}
