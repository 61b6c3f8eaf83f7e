import { type Import, type Module, packageOf } from "./modules.ts";

const BOTTOM = ["internal"];
const ERRORS = ["errors", ...BOTTOM];
const TENSOR = ["tensor", ...ERRORS];
const CONTRACT = ["contract", ...TENSOR];
const POLICIES = ["policies", ...CONTRACT];
const CLIENT = ["client", "batching", ...POLICIES];

/** Which rooms a room may use besides itself, type-only imports included. docs/architecture.md says why. */
export const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  internal: [],
  statistics: BOTTOM,
  errors: BOTTOM,
  tensor: ERRORS,
  contract: TENSOR,
  policies: CONTRACT,
  batching: CONTRACT,
  client: ["batching", ...POLICIES],
  endpoints: CONTRACT,
  grpc: CONTRACT,
  rest: CONTRACT,
  testing: CONTRACT,
  opentelemetry: CONTRACT,
  config: CONTRACT,
  health: ["statistics", ...CLIENT],
  assembly: ["endpoints", "grpc", "rest", ...CLIENT],
  cli: [],
};

/** Single files that may be used across a wall. */
const ALSO = [{ from: /^assembly\//, to: /^testing\/fake-/, why: "the fake client is put together like the others" }];

/** Packages, and the rooms that may import them. */
export const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  "@grpc/grpc-js": ["grpc", "testing"],
  "@bufbuild/protobuf": ["grpc", "testing"],
  undici: ["rest"],
  msw: ["testing"],
  "@opentelemetry/api": ["opentelemetry"],
  commander: ["cli"],
  zod: ["client", "assembly", "rest", "health", "testing", "cli"],
};

/** Types alone: the options that hand a wire's library its own options are checked where the address is read. */
const TYPES_ALSO: Readonly<Record<string, readonly string[]>> = {
  assembly: ["@grpc/grpc-js", "undici"],
  testing: ["undici"],
};

/** Rooms that read generated code, by the folder it lies in; messages lie in all the others. */
const GENERATED_ROOMS: Readonly<Record<string, readonly string[]>> = {
  report: ["cli"],
  kernels: ["grpc", "rest"],
};
const MESSAGE_ROOMS = ["grpc", "testing"];

/** What is wrong with the imports of one module, a sentence each. */
export function brokenWalls(module: Module, doors: readonly string[]): string[] {
  const problems: string[] = [];
  const isDoor = module.room === undefined;
  for (const { specifier, target, load } of module.imports) {
    const say = (problem: string) => problems.push(`${module.path} imports ${specifier}: ${problem}`);
    if (target === undefined) {
      checkPackage(module, specifier, load, say);
      continue;
    }
    const targetRoom = target.includes("/") ? target.slice(0, target.indexOf("/")) : undefined;
    if (targetRoom === undefined) {
      if (module.room !== "cli") say("only the command line uses doors");
      else if (!doors.includes(target)) say("that is no door");
    } else if (isDoor) {
      if ((targetRoom === "cli") !== (module.path === "cli.ts"))
        say("cli.ts and the room cli/ belong to each other alone");
    } else if (targetRoom !== module.room && !MAY_USE[module.room as string]?.includes(targetRoom)) {
      const exception = ALSO.some(({ from, to }) => from.test(module.path) && to.test(target));
      if (!exception) say(`${module.room}/ must not use ${targetRoom}/`);
    }
  }
  return problems;
}

function checkPackage(module: Module, specifier: string, load: Import["load"], say: (problem: string) => void): void {
  if (specifier.startsWith("node:")) return;
  const room = module.room ?? "";
  if (specifier.startsWith("#generated/")) {
    const rooms = GENERATED_ROOMS[specifier.split("/")[1] ?? ""] ?? MESSAGE_ROOMS;
    if (!rooms.includes(room)) say(`this generated code is read in ${rooms.join("/ and ")}/ alone`);
    return;
  }
  const rooms = PACKAGE_ROOMS[packageOf(specifier)];
  if (rooms === undefined) say("no dependency of this package");
  else if (!rooms.includes(room) && !(load === "type" && TYPES_ALSO[room]?.includes(packageOf(specifier)))) {
    say(`only ${rooms.join(", ")} may use it`);
  }
  if (packageOf(specifier) === "zod" && specifier !== "zod/mini")
    say('it is "zod/mini" here: the rest does not tree-shake');
}
