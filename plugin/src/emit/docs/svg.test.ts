import { describe, expect, it } from "vitest";
import { renderSvg, svgElement } from "./svg.js";

describe("renderSvg", () => {
  it("prints elements, escaped, with rounded numbers and without what isn't there", () => {
    const svg = svgElement(
      "svg",
      { width: 10.004, class: 'a"<b>', id: undefined },
      svgElement("title", {}, "a < b & c"),
      svgElement("g", {}, svgElement("rect", { x: 1 / 3 })),
    );
    expect(renderSvg(svg)).toBe(
      '<svg width="10" class="a&quot;&lt;b&gt;">\n  <title>a &lt; b &amp; c</title>\n  <g>\n    <rect x="0.33"/>\n  </g>\n</svg>\n',
    );
  });
});
