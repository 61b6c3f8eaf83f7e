// Imports one door and tells, as JSON, what that did to the process.
import { createRequire } from "node:module";

const [door, form] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const owners = [globalThis, Object.prototype, Array.prototype, Function.prototype, Promise.prototype, Error];
const before = owners.map((owner) => new Set(Reflect.ownKeys(owner)));

const names = Object.keys(form === "require" ? require(door) : await import(door));

const packages = new Set();
// ESM of dependencies is not in this cache, but neither of the two libraries has any.
for (const file of Object.keys(require.cache)) {
  const name = /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];
  if (name !== undefined) packages.add(name.replaceAll("\\", "/"));
}
console.log(
  JSON.stringify({
    names: names.filter((name) => name !== "default" && name !== "module.exports").sort(),
    packages: [...packages].sort(),
    globals: owners.flatMap((owner, index) =>
      Reflect.ownKeys(owner)
        .filter((key) => !before[index].has(key))
        .map(String),
    ),
    resources: process.getActiveResourcesInfo().filter((name) => !/TTY|Pipe|FS|CloseReq/.test(name)),
  }),
);
