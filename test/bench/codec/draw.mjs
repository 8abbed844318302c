// Draws ratios as bars: how many times as fast as the others, with the range over all rounds.

const WIDTH = 760;
const LEFT = 190;
const ROW = 22;
const COLOURS = {
  "accord : protobuf-es": "#2f6fb0",
  "accord : ts-proto": "#d98a29",
  "accord : protobufjs": "#3a8f5c",
  "accord : pbf": "#8a63b5",
};

/** Draws the results of the first of the Nodes. @returns an SVG document */
export function drawRatios({ nodes: [{ node, tasks }], when, versions }) {
  const series = Object.keys(COLOURS);
  const longest = Math.max(...tasks.flatMap(({ ratios }) => series.map((name) => ratios[name]?.max ?? 0)));
  const scale = (WIDTH - LEFT - 80) / longest;
  const height = 70 + tasks.length * (series.length * ROW + 12) + 30;
  const compared = series.map(versionOf).join(", ");
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="26" font-size="16" font-weight="600">Static codecs: times as fast as others</text>`,
    ...series.map(
      (name, i) =>
        `<rect x="${16 + i * 190}" y="38" width="12" height="12" fill="${COLOURS[name]}"/><text x="${34 + i * 190}" y="49">${name.split(" : ")[1]}</text>`,
    ),
  ];
  let y = 66;
  for (const { task, ratios } of tasks) {
    parts.push(`<text x="16" y="${y + ROW}">${task.replace("/", ": ")}</text>`);
    for (const name of series) {
      const value = ratios[name];
      if (value !== undefined) {
        const middle = y + ROW / 2;
        parts.push(
          `<rect x="${LEFT}" y="${y + 3}" width="${length(value.median)}" height="${ROW - 6}" fill="${COLOURS[name]}"/>`,
          `<line x1="${LEFT + length(value.min)}" x2="${LEFT + length(value.max)}" y1="${middle}" y2="${middle}" stroke="#222"/>`,
          `<text x="${LEFT + length(value.max) + 8}" y="${middle + 4}">${value.median.toFixed(1)} ×</text>`,
        );
      }
      y += ROW;
    }
    y += 12;
  }
  const once = LEFT + length(1);
  parts.push(
    `<line x1="${once}" x2="${once}" y1="60" y2="${y}" stroke="#222" stroke-dasharray="3 3"/>`,
    `<text x="16" y="${height - 12}" fill="#555">Node ${node}, ${compared}; ${when}. Bars: medians; lines: lowest to highest round.</text>`,
    "</svg>",
  );
  return `${parts.join("\n")}\n`;

  function versionOf(name) {
    const rival = name.split(" : ")[1];
    return `${rival} ${versions[rival] ?? versions["@bufbuild/protobuf"]}`;
  }

  function length(ratio) {
    return Math.round(ratio * scale);
  }
}
