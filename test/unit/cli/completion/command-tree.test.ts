import { Argument, Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { bashCompletion } from "../../../../src/cli/completion/bash.ts";
import { readCommandTree } from "../../../../src/cli/completion/command-tree.ts";
import { fishCompletion } from "../../../../src/cli/completion/fish.ts";
import { zshCompletion } from "../../../../src/cli/completion/zsh.ts";

function program(): Command {
  const top = new Command("p").helpCommand(false);
  const inner = top.command("a").description("does a; and says so");
  inner
    .command("b")
    .argument("<file...>")
    .helpOption(false)
    .addOption(new Option("-k, --kind <kind>", "which (default: x)").choices(["x", "y"]))
    .option("--out <file>", "where it's put")
    .option("--count <n>", "how many")
    .option("--dry", "no more than a look");
  inner.command("c").addArgument(new Argument("<shell>").choices(["s", "t"]));
  return top;
}

describe("readCommandTree", () => {
  it("knows commands, options and what their values are", () => {
    const nodes = readCommandTree(program());
    expect(nodes.map(({ path }) => path)).toEqual(["", "a", "a b", "a c"]);
    expect(nodes[0]?.commands).toEqual([{ name: "a", description: "does a" }]);
    expect(nodes[2]).toEqual({
      path: "a b",
      commands: [],
      argument: "file",
      options: [
        { names: ["--kind", "-k"], description: "which", value: ["x", "y"] },
        { names: ["--out"], description: "where it's put", value: "file" },
        { names: ["--count"], description: "how many", value: "unknown" },
        { names: ["--dry"], description: "no more than a look", value: undefined },
      ],
    });
    expect(nodes[3]?.argument).toEqual(["s", "t"]);
  });

  it.each([
    ["bash", bashCompletion],
    ["zsh", zshCompletion],
    ["fish", fishCompletion],
  ])("names all of it to %s", (_shell, complete) => {
    const script = complete("p", readCommandTree(program()));
    for (const word of ["a b", "kind", "count", "dry", "x", "y", "s", "t"]) expect(script).toContain(word);
  });
});
