export interface Bar {
  label: string;
  value: number;
}

const [WIDTH, BAR_HEIGHT, GAP, LABEL_WIDTH, HEAD, VALUE_WIDTH] = [720, 20, 8, 200, 44, 70];

const toXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A chart of horizontal bars as SVG, readable on light and dark pages. */
export function drawBars(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1e-9, ...bars.map(({ value }) => value));
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const height = HEAD + bars.length * (BAR_HEIGHT + GAP);
  const rows = bars.map(({ label, value }, at) => {
    const y = HEAD + at * (BAR_HEIGHT + GAP);
    const width = Math.max(1, (value / most) * room);
    const middle = y + BAR_HEIGHT / 2 + 5;
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${toXml(label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="#2f81f7"/>`,
      `<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${middle}">${Number(value.toFixed(1))}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${toXml(title)}">
<style>text { font: 13px system-ui, sans-serif; fill: #6e7781; } .title { font-weight: 600; }</style>
<text class="title" x="0" y="20">${toXml(title)}</text>
${rows.join('\n')}
</svg>
`;
}
