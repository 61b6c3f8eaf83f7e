import { seededRandom } from "../../../src/internal/seeded-random.ts";
import { startHttp1Server } from "../lab/http1-server.ts";
import { startHttp2Server } from "../lab/http2-server.ts";
import { Scenario } from "../lab/scenario.ts";

/** Both raw servers in a process of their own, so that the client's memory is the client's alone. Ends with its parent. */
const [seed = "1", share = "0.05"] = process.argv.slice(2);
const { scripts } = new Scenario(seededRandom(Number(seed)), Number(share));
const grpc = await startHttp2Server(scripts.grpc, { keepArrivals: false });
const rest = await startHttp1Server(scripts.rest, { keepArrivals: false });
process.send?.({ grpc: grpc.address, rest: rest.address });
process.on("disconnect", () => process.exit(0));
