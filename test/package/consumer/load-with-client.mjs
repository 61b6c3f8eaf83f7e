// Makes a client by address and tells which libraries are loaded before it and after its first call.
import { createRequire } from "node:module";
import { createClient } from "tfserving";

const [address] = process.argv.slice(2);
const { cache } = createRequire(import.meta.url);
const loaded = () =>
  ["@grpc/grpc-js", "undici"].filter((name) => Object.keys(cache).some((file) => file.includes(`/${name}/`)));

const before = loaded();
const client = createClient(address, { timeoutMs: 2000 });
const failure = await client.getModelStatus({ model: "m" }).catch((error) => error.code);
const after = loaded();
await client.close();
console.log(JSON.stringify({ before, after, failure }));
