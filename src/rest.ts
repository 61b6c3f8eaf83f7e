/** Door `tfserving/rest`: the client of this wire alone, and its transport. */
export { createRestClient } from "./assembly/create-rest-client.ts";
export type { RestClientOptions, RestOptions } from "./assembly/wire-options.ts";
export { createRestTransport } from "./rest/transport.ts";
