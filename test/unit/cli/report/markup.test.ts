import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html, jsonMarkup, rawMarkup } from "../../../../src/cli/report/markup.ts";

describe("html", () => {
  it("escapes what is put in, in text and in attributes", () => {
    const name = `<img src=x onerror="alert(1)">'&`;
    expect(String(html`<p title="${name}">${name}</p>`)).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;">&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;</p>',
    );
  });

  it("keeps markup as it is, alone and in a list", () => {
    expect(String(html`<ul>${["a", "<b>"].map((text) => html`<li>${text}</li>`)}</ul>`)).toBe(
      "<ul><li>a</li>\n<li>&lt;b&gt;</li></ul>",
    );
    expect(String(html`${rawMarkup("<i>")}${1}`)).toBe("<i>1");
  });

  it("leaves no text that ends a tag or turns the reading direction", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(String(html`${text}`)).not.toMatch(/[<>"'\u202e\u0000]/);
      }),
    );
    expect(String(html`${"a\u202eb\u0000c"}`)).toBe("a b c");
  });
});

describe("jsonMarkup", () => {
  it("cannot end the element that it stands in, and means the same", () => {
    const value = { name: "</script><!--<script>", at: "\u2028" };
    const text = String(jsonMarkup(value));
    expect(text).not.toContain("<");
    expect(JSON.parse(text)).toEqual(value);
  });
});
