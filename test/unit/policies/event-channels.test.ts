import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CHANNEL_NAMES, channelOf } from "../../../src/policies/event-channels.ts";

const page = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");

describe("channelOf", () => {
  it.each(Object.entries(CHANNEL_NAMES))("publishes %s on %s, in the same row of docs/events.md", (type, name) => {
    expect(channelOf(type as keyof typeof CHANNEL_NAMES).name).toBe(name);
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${type}\``));
    expect(row).toContain(`\`${name}\``);
  });
});
